"""Every state meets every event: where it leads, and what is asked of the world on the way."""

from __future__ import annotations

import pytest
from doorway import ANN, BOB, FRAME, PHOTOGRAPH, POLICY, STRANGER, Doorway, Look

from kiosk.domain.access.lockout import Failures
from kiosk.domain.access.machine import (
    Acquiring,
    AuditFault,
    Event,
    Faulted,
    Idle,
    LockedOut,
    Observed,
    OutOfService,
    Part,
    Reason,
    Recovered,
    Resolved,
    Show,
    State,
    Ticked,
    advance,
)
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect

NOW = 1000.0
BEFORE = Failures((Instant(999.0),))


def acquiring() -> State:
    doorway = Doorway(state=Idle(failures=BEFORE), now=NOW - 3 * FRAME)
    doorway.see(ANN, times=3)
    return doorway.state


def admitting() -> State:
    doorway = Doorway(state=Idle(failures=BEFORE), now=NOW - 4 * FRAME, agrees=False)
    doorway.see(ANN, times=4)
    return doorway.state


def resolved() -> State:
    return Resolved(
        reason=Reason.NOT_RECOGNISED,
        subject=None,
        track=ANN.probe(NOW).track,
        until=Instant(NOW + 1.5),
        retry_at=Instant(NOW + 4.0),
        seen_at=Instant(NOW),
        failures=BEFORE,
    )


STATES: dict[str, State] = {
    "idle": Idle(failures=BEFORE),
    "acquiring": acquiring(),
    "admitting": admitting(),
    "resolved": resolved(),
    "locked out": LockedOut(until=Instant(NOW + 20.0)),
    "out of service": OutOfService(faults=frozenset({Part.CAMERA}), failures=BEFORE),
}
SOON, LATER, LATE = NOW + FRAME, NOW + 3.0, NOW + 30.0


def seen(at: float, *looks: Look) -> Observed:
    return Observed(Instant(at), tuple(look.probe(at) for look in looks))


EVENTS: dict[str, Event] = {
    "nobody": seen(SOON),
    "the face": seen(SOON, ANN.but(pad=0.0)),
    "another face": seen(SOON, STRANGER),
    "two faces": seen(SOON, ANN, BOB),
    "tick": Ticked(Instant(SOON)),
    "tick later": Ticked(Instant(LATER)),
    "tick late": Ticked(Instant(LATE)),
    "face later": seen(LATER, ANN),
    "another later": seen(LATER, STRANGER),
    "fault": Faulted(Instant(SOON), Part.DOOR, "silent"),
    "same fault": Faulted(Instant(SOON), Part.CAMERA, "black"),
    "recovery": Recovered(Instant(SOON), Part.CAMERA),
    "other recovery": Recovered(Instant(SOON), Part.DOOR),
}

TABLE = """
                idle          acquiring     admitting     resolved      locked out    out of service
nobody          Idle          Acquiring     same          same          same          same
the face        Acquiring     Acquiring     same          Resolved      same          same
another face    Acquiring     Acquiring     same          same          same          same
two faces       Acquiring     Acquiring     same          Resolved      same          same
tick            same          same          same          same          same          same
tick later      same          Idle          same          Idle          same          same
tick late       same          Idle          same          Idle          Idle          same
face later      Acquiring     Acquiring     same          Resolved      same          same
another later   Acquiring     Acquiring     same          Acquiring     same          same
fault           OutOfService  OutOfService  OutOfService  OutOfService  OutOfService  OutOfService
same fault      OutOfService  OutOfService  OutOfService  OutOfService  OutOfService  same
recovery        same          same          same          same          same          Idle
other recovery  same          same          same          same          same          same
"""


def rows() -> list[tuple[str, str, str]]:
    """(event, state, where it leads), read from the table."""
    lines = [line for line in TABLE.splitlines() if line]
    columns = [name.strip() for name in lines[0].split("  ") if name.strip()]
    found = []
    for line in lines[1:]:
        event, *targets = (cell.strip() for cell in line.split("  ") if cell.strip())
        found += [(event, column, to) for column, to in zip(columns, targets, strict=True)]
    return found


def test_the_table_is_whole() -> None:
    named = {(event, state) for event, state, _ in rows()}
    assert named == {(event, state) for event in EVENTS for state in STATES}


@pytest.mark.parametrize(("event", "state", "to"), rows())
def test_transition(event: str, state: str, to: str) -> None:
    before = STATES[state]
    step = advance(before, EVENTS[event], POLICY)
    if to == "same":
        assert step.state == before
        assert step.effects == ()
    else:
        assert type(step.state).__name__ == to


@pytest.mark.parametrize("event", ["nobody", "the face", "another face", "two faces", "tick"])
@pytest.mark.parametrize("state", STATES)
def test_refusals_are_carried_along(state: str, event: str) -> None:
    after = advance(STATES[state], EVENTS[event], POLICY).state
    if state != "locked out":
        assert not isinstance(after, LockedOut)
        assert after.failures == BEFORE


def test_another_face_inherits_nothing() -> None:
    after = advance(STATES["acquiring"], EVENTS["another face"], POLICY).state
    assert isinstance(after, Acquiring)
    assert after.track == STRANGER.track
    assert after.since == after.seen_at == SOON
    assert len(after.run) == len(after.gathered) == len(after.best) == 1
    assert not after.suspected


def test_the_same_face_after_a_gap_inherits_nothing() -> None:
    after = advance(STATES["acquiring"], EVENTS["face later"], POLICY).state
    assert isinstance(after, Acquiring)
    assert (after.since, len(after.run), len(after.gathered)) == (LATER, 1, 1)


def test_an_empty_frame_breaks_the_run_and_keeps_what_speaks_against_somebody() -> None:
    doorway = Doorway()
    doorway.see(PHOTOGRAPH, times=POLICY.probes_required)
    doorway.see()
    assert isinstance(doorway.state, Acquiring)
    assert doorway.state.run == ()
    assert doorway.state.suspected
    assert len(doorway.state.gathered) == POLICY.probes_required
    assert doorway.state.seen_at == doorway.now - FRAME


def test_a_second_face_hides_the_defect_of_the_first_and_then_goes() -> None:
    doorway = Doorway()
    doorway.see(ANN.but(defects=(Defect.TOO_DARK,)))
    doorway.see(ANN, BOB)
    assert isinstance(doorway.state, Acquiring)
    assert (doorway.state.crowded, doorway.state.defect) == (True, None)
    doorway.see(ANN)
    assert isinstance(doorway.state, Acquiring)
    assert not doorway.state.crowded


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_lane_begins_as_it_is_found(count: int) -> None:
    doorway = Doorway()
    doorway.see(*(ANN, BOB, STRANGER)[:count])
    assert isinstance(doorway.state, Acquiring)
    assert doorway.state.crowded is (count > 1)
    assert len(doorway.state.run) == (count == 1)


def test_a_fault_is_written_down_and_shown_once() -> None:
    doorway = Doorway()
    first = doorway.breaks(Part.DOOR)
    fault = AuditFault(Instant(doorway.now), Part.DOOR, "the door is gone", recovered=False)
    assert first.effects == (fault, Show(first.state))
    assert doorway.breaks(Part.DOOR).effects == ()


def test_a_recovery_is_written_down_and_shown() -> None:
    doorway = Doorway()
    doorway.breaks(Part.DOOR)
    step = doorway.mended(Part.DOOR)
    fault = AuditFault(Instant(doorway.now), Part.DOOR, "", recovered=True)
    assert step.effects == (fault, Show(Idle()))


@pytest.mark.parametrize("state", ["resolved", "locked out"])
def test_a_time_that_is_none_ends_no_wait(state: str) -> None:
    nowhen = Instant(float("nan"))
    for event in (Ticked(nowhen), Observed(nowhen, (ANN.probe(NOW),)), Observed(nowhen, ())):
        after = advance(STATES[state], event, POLICY)
        assert type(after.state) is type(STATES[state])
        assert after.effects == ()
