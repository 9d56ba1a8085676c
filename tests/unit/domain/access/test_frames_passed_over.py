"""Frames that are not measured: in a run they change nothing, elsewhere nobody misses them.

Between two probes a face is only found and followed; while a result stands, nothing is measured.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from doorway import ANN, BOB, FRAME, PHOTOGRAPH, POLICY, STRANGER, Doorway, Look
from hypothesis import event, given
from hypothesis import strategies as st

from kiosk.domain.access.closing import gathers
from kiosk.domain.access.factors import Factor
from kiosk.domain.access.machine import (
    Acquiring,
    Admitting,
    Answered,
    Asking,
    Faulted,
    Idle,
    LockedOut,
    Observed,
    OutOfService,
    Part,
    Probe,
    Reason,
    Recovered,
    Resolved,
    Show,
    Ticked,
    advance,
)
from kiosk.domain.access.policy import Hold
from kiosk.domain.vision.face import TrackId
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect

RUN = POLICY.probes_required
LOOKS = (
    ANN,
    ANN.but(pad=0.0),
    ANN.but(pad=0.375),
    ANN.but(subject="bea"),
    ANN.but(defects=(Defect.EYES_CLOSED,)),
    ANN.but(ranked=False),
    STRANGER.but(track=1),
)


def between(doorway: Doorway, track: int = 1, later: float = FRAME / 2) -> None:
    """A frame in which a face is alone and passed over; the next frame comes when it would have."""
    at = Instant(doorway.now + later)
    doorway.handle(Observed(at, (Probe(TrackId(track), at, passed_over=True),)))


@given(st.lists(st.sampled_from(LOOKS), min_size=1, max_size=20), st.data())
def test_in_a_session_they_change_no_decision(looks: list[Look], data: st.DataObject) -> None:
    plain, paced = Doorway(), Doorway()
    for look in looks:
        plain.see(look)
        paced.see(look)
        assert paced.written == plain.written
        if plain.written:
            event(str(plain.reasons))
            return
        for _ in range(data.draw(st.integers(0, 2))):
            between(paced)


def test_whoever_is_passed_over_is_still_there() -> None:
    doorway = Doorway()
    doorway.see(ANN)
    between(doorway, later=POLICY.absence_seconds - FRAME)
    doorway.now += POLICY.absence_seconds
    doorway.see(ANN, times=RUN - 1)
    assert doorway.reasons == [Reason.MATCHED]


def test_a_run_of_them_is_no_evidence() -> None:
    doorway = Doorway()
    for _ in range(40):
        doorway.now += FRAME
        between(doorway, later=0.0)
    assert doorway.written == []
    assert isinstance(doorway.state, Acquiring)
    assert doorway.state.run == doorway.state.gathered == ()


def test_another_face_in_one_of_them_ends_the_session() -> None:
    """A person who is swapped in between two probes takes over nothing."""
    doorway = Doorway()
    doorway.see(ANN, times=RUN - 1)
    between(doorway, track=2)
    doorway.see(ANN)
    assert doorway.people == []


def test_a_second_face_in_between_breaks_the_run() -> None:
    doorway = Doorway()
    doorway.see(ANN, times=RUN - 1)
    at = Instant(doorway.now + FRAME / 2)
    doorway.handle(Observed(at, (Probe(TrackId(1), at), Probe(TrackId(2), at))))
    doorway.see(ANN)
    assert doorway.people == []


def test_guidance_goes_on() -> None:
    doorway = Doorway()
    doorway.see(ANN)
    between(doorway)
    assert doorway.steps[-1].effects == (Show(doorway.state),)


def asking() -> Doorway:
    doorway = Doorway(agrees=False)
    doorway.see(ANN, times=RUN)
    (person,) = doorway.people
    doorway.handle(Answered(Instant(doorway.now), Reason.FACTOR_NEEDED, person, Factor.PIN))
    return doorway


def test_a_factor_is_waited_for_through_them() -> None:
    plain, paced = asking(), asking()
    for _ in range(RUN):
        plain.see(ANN)
        between(paced)
        paced.see(ANN)
    for doorway in (plain, paced):
        assert isinstance(doorway.state, Asking)
        assert doorway.state.proven
        assert doorway.state.watched is not None
    assert paced.state == plain.state


def test_they_keep_the_face_that_a_factor_is_asked_of() -> None:
    doorway = asking()
    for _ in range(round(POLICY.factor_absence_seconds / FRAME) + 2):
        doorway.now += FRAME
        between(doorway, later=0.0)
    assert isinstance(doorway.state, Asking)


def test_another_face_in_between_breaks_what_is_watched() -> None:
    doorway = asking()
    doorway.see(ANN, times=RUN - 1)
    between(doorway, track=2)
    doorway.see(ANN)
    assert isinstance(doorway.state, Asking)
    assert not doorway.state.proven


# -- while nothing is decided --------------------------------------------------------------------

RESULT = Resolved(
    reason=Reason.NOT_RECOGNISED,
    subject=None,
    track=TrackId(1),
    until=Instant(10.0),
    retry_at=Instant(12.0),
    seen_at=Instant(8.0),
)


@pytest.mark.parametrize(
    ("seen_at", "at", "measured"),
    [
        (8.0, 9.9, False),
        (8.0, 10.0, True),
        (9.5, 10.0, True),
        (9.625, 10.0, False),
        (11.75, 12.0, True),
        (11.75, 11.9, False),
    ],
)
def test_a_result_is_measured_under_from_its_end_on(
    seen_at: float, at: float, *, measured: bool
) -> None:
    state = replace(RESULT, seen_at=Instant(seen_at))
    assert gathers(state, Instant(at), POLICY) is measured


def test_where_nothing_is_decided_nothing_is_measured() -> None:
    now = Instant(1000.0)
    admitting = Doorway(agrees=False)
    admitting.see(ANN, times=RUN)
    assert isinstance(admitting.state, Admitting)
    assert gathers(admitting.state, now, POLICY) is False
    assert gathers(LockedOut(until=now), now, POLICY) is False
    assert gathers(OutOfService(faults=frozenset({Part.CAMERA})), now, POLICY) is False
    asked = asking().state
    assert gathers(asked, now, POLICY)
    assert isinstance(asked, Asking)
    assert not gathers(replace(asked, watched=None), now, POLICY)
    assert gathers(Idle(), now, POLICY)
    for hold in Hold:
        assert not gathers(Idle(), now, replace(POLICY, hold=hold))


STEPS = st.one_of(
    st.lists(st.sampled_from([*LOOKS, BOB, PHOTOGRAPH]), max_size=2),
    st.sampled_from(["fault", "mend", "tick", "answer", "later"]),
)


@given(st.lists(STEPS, max_size=60), st.sampled_from([None, *Hold]))
def test_what_is_not_measured_would_have_changed_nothing(
    steps: list[list[Look] | str], hold: Hold | None
) -> None:
    """Wherever `gathers` is false, a frame does the same with its measures and without."""
    doorway = Doorway(policy=replace(POLICY, hold=hold, failures_allowed=2), agrees=False)
    for step in steps:
        doorway.now += FRAME
        now = Instant(doorway.now)
        match step:
            case "fault":
                doorway.handle(Faulted(now, Part.CAMERA, "black"))
            case "mend":
                doorway.handle(Recovered(now, Part.CAMERA))
            case "tick":
                doorway.handle(Ticked(now))
            case "later":
                doorway.now += POLICY.refused_hold_seconds
            case "answer" if doorway.people:
                person = doorway.people[-1]
                doorway.handle(Answered(now, Reason.FACTOR_NEEDED, person, Factor.PIN))
            case list() as looks:
                probes = tuple(look.probe(now) for look in looks)
                if not gathers(doorway.state, now, doorway.policy):
                    event(type(doorway.state).__name__)
                    bare = tuple(Probe(probe.track, now) for probe in probes)
                    without = advance(doorway.state, Observed(now, bare), doorway.policy)
                    with_ = advance(doorway.state, Observed(now, probes), doorway.policy)
                    assert without == with_
                doorway.handle(Observed(now, probes))
