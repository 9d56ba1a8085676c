"""One sentence at a time, each long enough to be read, and never a flicker."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from doorway import ANN, BOB, FRAME, PHOTOGRAPH, POLICY, STRANGER, Doorway, Look
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.access.factors import Factor
from kiosk.domain.access.machine import (
    Acquiring,
    Admitting,
    Asking,
    Idle,
    LockedOut,
    OutOfService,
    Part,
    Reason,
    Recognised,
    Resolved,
    State,
)
from kiosk.domain.guidance import READ_SECONDS, SETTLE_SECONDS, Guidance
from kiosk.domain.prompts import (
    OF_DEFECT,
    OF_REASON,
    RESULTS,
    Prompt,
    Tone,
    View,
    view_of,
)
from kiosk.domain.vision.face import TrackId
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect
from kiosk.domain.vision.template import SubjectId

LOOK_HERE = View(Prompt.LOOK_HERE, Tone.WAITING)
TOO_FAR = View(Prompt.COME_CLOSER, Tone.WRONG)
DARK = View(Prompt.TOO_DARK, Tone.WRONG)
STILL = View(Prompt.HOLD_STILL, Tone.RIGHT)
GRANTED = View(Prompt.GRANTED, Tone.GRANTED, 1.0)
REFUSED = View(Prompt.NOT_RECOGNISED, Tone.REFUSED)
OFF = View(Prompt.OUT_OF_SERVICE, Tone.OFF)


def shown(wishes: list[tuple[float, View]], first: View = LOOK_HERE) -> list[tuple[float, View]]:
    """What is on the screen after each wish."""
    guidance = Guidance(first, Instant(0.0))
    screen = []
    for at, wish in wishes:
        guidance = guidance.follow(wish, Instant(at))
        screen.append((at, guidance.shown))
    return screen


# -- what a state asks for -----------------------------------------------------------------------


def resolved(reason: Reason, subject: str | None = None) -> Resolved:
    return Resolved(
        reason=reason,
        subject=SubjectId(subject) if subject else None,
        track=TrackId(1),
        until=Instant(1.0),
        retry_at=Instant(2.0),
    )


def acquiring(defect: Defect | None = None) -> Acquiring:
    return Acquiring(track=TrackId(1), since=Instant(0.0), seen_at=Instant(0.0), defect=defect)


def admitting() -> Admitting:
    person = Recognised(Instant(0.0), SubjectId("ann"), Instant(0.0))
    return Admitting(person=person, track=TrackId(1))


def asking(shown_at: Instant | None = None) -> Asking:
    """A request with no face to observe."""
    moment = Instant(0.0)
    return Asking(
        person=Recognised(moment, SubjectId("ann"), moment),
        factor=Factor.PIN,
        track=None,
        since=moment,
        until=Instant(9.0),
        seen_at=moment,
        shown_at=shown_at,
    )


@pytest.mark.parametrize(
    ("state", "prompt", "tone"),
    [
        (Idle(), Prompt.LOOK_HERE, Tone.WAITING),
        (Idle(outside=Defect.TOO_FAR), Prompt.COME_CLOSER, Tone.WRONG),
        (Idle(outside=Defect.OFF_LEFT), Prompt.MOVE_RIGHT, Tone.WRONG),
        (acquiring(), Prompt.HOLD_STILL, Tone.RIGHT),
        (acquiring(Defect.SUNGLASSES), Prompt.TAKE_OFF_SUNGLASSES, Tone.WRONG),
        (replace(acquiring(), crowded=True), Prompt.ONE_AT_A_TIME, Tone.WRONG),
        (admitting(), Prompt.HOLD_STILL, Tone.RIGHT),
        (asking(), Prompt.ENTER_PIN, Tone.WAITING),
        (asking(shown_at=Instant(1.0)), Prompt.ENTER_PIN, Tone.WAITING),
        (resolved(Reason.MATCHED, "ann"), Prompt.GRANTED, Tone.GRANTED),
        (resolved(Reason.NOT_RECOGNISED), Prompt.NOT_RECOGNISED, Tone.REFUSED),
        (resolved(Reason.AMBIGUOUS), Prompt.SECOND_FACTOR, Tone.REFUSED),
        (resolved(Reason.PRESENTATION_ATTACK), Prompt.OWN_FACE, Tone.REFUSED),
        (resolved(Reason.POOR_VIEW), Prompt.NOT_SEEN_WELL, Tone.REFUSED),
        (resolved(Reason.CROWDED), Prompt.ONE_PERSON_ONLY, Tone.REFUSED),
        (resolved(Reason.TIMED_OUT), Prompt.NOT_RECOGNISED, Tone.REFUSED),
        (LockedOut(until=Instant(9.0)), Prompt.LOCKED_OUT, Tone.REFUSED),
        (OutOfService(faults=frozenset({Part.DOOR})), Prompt.OUT_OF_SERVICE, Tone.OFF),
    ],
)
def test_what_a_state_says(state: State, prompt: Prompt, tone: Tone) -> None:
    view = view_of(state, POLICY)
    assert (view.prompt, view.tone) == (prompt, tone)


@pytest.mark.parametrize("defect", Defect)
def test_every_defect_has_a_sentence(defect: Defect) -> None:
    assert view_of(acquiring(defect), POLICY) == View(OF_DEFECT[defect], Tone.WRONG)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_sentence(reason: Reason) -> None:
    assert view_of(resolved(reason), POLICY).prompt is OF_REASON[reason]


def test_a_lockout_says_until_when() -> None:
    assert view_of(LockedOut(until=Instant(9.0)), POLICY).until == 9.0


def test_only_a_grant_says_who() -> None:
    assert view_of(resolved(Reason.MATCHED, "ann"), POLICY).subject == "ann"
    said = replace(resolved(Reason.NOT_RECOGNISED), subject=SubjectId("ann"))
    assert view_of(said, POLICY).subject is None


def test_the_ring_fills_while_evidence_gathers_and_empties_when_it_breaks() -> None:
    doorway, rings = Doorway(), []
    for look in (ANN, ANN, ANN.but(defects=(Defect.BLURRED,)), ANN, ANN, ANN):
        doorway.see(look)
        rings.append(view_of(doorway.state, POLICY).progress)
    assert rings == pytest.approx([0.0, 1 / 3, 0.0, 0.0, 1 / 3, 2 / 3])


@pytest.mark.parametrize("looks", [(), (ANN.but(ranked=False),)])
def test_the_ring_is_empty_where_nothing_was_compared(looks: tuple[Look, ...]) -> None:
    doorway = Doorway()
    doorway.see(ANN.but(ranked=False))
    doorway.see(*looks)
    view = view_of(doorway.state, POLICY)
    assert (view.prompt, view.progress) == (Prompt.HOLD_STILL, 0.0)


def test_the_ring_says_nothing_of_the_outcome() -> None:
    rings = []
    for look in (ANN, STRANGER, PHOTOGRAPH):
        doorway = Doorway()
        doorway.see(look, times=POLICY.probes_required - 1)
        rings.append(view_of(doorway.state, POLICY).progress)
    assert len(set(rings)) == 1


def test_the_ring_is_never_fuller_than_full() -> None:
    doorway = Doorway()
    doorway.see(STRANGER, times=POLICY.refusal_probes - 1)
    assert view_of(doorway.state, POLICY).progress == 1.0


@pytest.mark.parametrize("state", [admitting(), resolved(Reason.MATCHED, "ann")])
def test_the_ring_is_full_once_somebody_is_recognised(state: State) -> None:
    assert view_of(state, POLICY).progress == 1.0


def test_the_ring_follows_the_count_where_no_span_is_asked_for() -> None:
    policy = replace(POLICY, span_seconds=0.0, probes_required=4)
    doorway = Doorway(policy)
    doorway.see(STRANGER)
    assert view_of(doorway.state, policy).progress == 0.25


def test_a_view_has_no_field_for_a_score() -> None:
    """The screen cannot show what it is not given."""
    assert {field.name for field in fields(View)} == {
        "prompt",
        "tone",
        "progress",
        "subject",
        "until",
        "asks",
        "opens",
    }


def test_worst_defect_first() -> None:
    doorway = Doorway()
    doorway.see(ANN.but(defects=(Defect.TOO_FAR, Defect.MASK, Defect.BLURRED)))
    assert view_of(doorway.state, POLICY).prompt is Prompt.COME_CLOSER


# -- what is shown -------------------------------------------------------------------------------


def test_a_wish_is_shown_once_it_has_lasted() -> None:
    guidance = Guidance(LOOK_HERE, Instant(0.0))
    guidance = guidance.follow(TOO_FAR, Instant(5.0))
    assert guidance.shown == LOOK_HERE
    guidance = guidance.follow(TOO_FAR, Instant(5.0 + SETTLE_SECONDS - 0.01))
    assert guidance.shown == LOOK_HERE
    guidance = guidance.follow(TOO_FAR, Instant(5.0 + SETTLE_SECONDS + 0.01))
    assert guidance == Guidance(TOO_FAR, Instant(5.0 + SETTLE_SECONDS + 0.01))


def test_a_sentence_stays_long_enough_to_be_read() -> None:
    screen = shown([(0.0, TOO_FAR), (0.35, TOO_FAR), (0.69, TOO_FAR), (0.71, TOO_FAR)])
    assert [view for _, view in screen] == [LOOK_HERE] * 3 + [TOO_FAR]


@pytest.mark.parametrize(("since", "at"), [(-9.0, SETTLE_SECONDS), (0.0, READ_SECONDS)])
def test_a_wish_is_shown_at_the_very_end_of_its_wait(since: float, at: float) -> None:
    guidance = Guidance(LOOK_HERE, Instant(since)).follow(TOO_FAR, Instant(0.0))
    assert guidance.follow(TOO_FAR, Instant(at)) == Guidance(TOO_FAR, Instant(at))


def test_a_wish_that_changes_begins_to_wait_again() -> None:
    screen = shown([(5.0, TOO_FAR), (5.25, DARK), (5.5, DARK), (5.5625, DARK)])
    assert [view for _, view in screen] == [LOOK_HERE] * 3 + [DARK]


def test_a_wish_that_is_taken_back_is_forgotten() -> None:
    screen = shown([(5.0, TOO_FAR), (5.2, LOOK_HERE), (5.4, TOO_FAR), (5.6, TOO_FAR)])
    assert [view for _, view in screen] == [LOOK_HERE] * 4


@pytest.mark.parametrize("result", [GRANTED, REFUSED, OFF])
def test_a_result_is_shown_at_once_and_left_at_once(result: View) -> None:
    screen = shown([(0.01, TOO_FAR), (0.02, result), (0.03, TOO_FAR)])
    assert [view for _, view in screen] == [LOOK_HERE, result, TOO_FAR]


ASKED = View(Prompt.ENTER_PIN, Tone.WAITING, asks=Factor.PIN)
MISTAKEN = View(Prompt.CODE_UNKNOWN, Tone.WRONG, asks=Factor.PIN)


def test_what_is_asked_for_and_every_answer_to_it_come_at_once() -> None:
    """They are said once: what waited to settle would never be shown."""
    guidance = Guidance(LOOK_HERE, Instant(0.0))
    for view in (ASKED, MISTAKEN, LOOK_HERE):
        guidance = guidance.follow(view, Instant(0.01))
        assert guidance.shown == view


def test_one_result_follows_another_at_once() -> None:
    assert [view for _, view in shown([(0.01, REFUSED), (0.02, OFF)])] == [REFUSED, OFF]


def test_the_same_sentence_takes_its_new_ring_at_once() -> None:
    fuller = replace(STILL, progress=0.5)
    assert shown([(0.01, fuller)], first=STILL) == [(0.01, fuller)]


def test_the_ring_empties_at_once_though_its_sentence_is_still_read() -> None:
    """Green means inside: nobody sees a filled ring once they have moved out of the oval."""
    filled = View(Prompt.HOLD_STILL, Tone.RIGHT, 0.8)
    moved = View(Prompt.MOVE_LEFT, Tone.WRONG)
    guidance = Guidance(filled, Instant(10.0))
    for at in (10.1, 10.2, 10.6):
        guidance = guidance.follow(moved, Instant(at))
        assert guidance.shown == replace(filled, progress=0.0)
    assert guidance.follow(moved, Instant(10.8)).shown == moved


def test_the_same_sentence_in_another_tone_is_another_view() -> None:
    turned = replace(STILL, tone=Tone.WRONG)
    assert shown([(0.01, turned)], first=STILL) == [(0.01, STILL)]


def test_a_waiting_view_is_the_newest_of_its_kind() -> None:
    screen = shown([(5.0, STILL), (5.4, replace(STILL, progress=0.75))])
    assert screen[-1][1].progress == 0.75


VIEWS = st.sampled_from([LOOK_HERE, TOO_FAR, DARK, STILL, GRANTED, REFUSED, OFF])
WISHES = st.lists(st.tuples(st.sampled_from((0.03, 0.05, 0.2, 0.4)), VIEWS), max_size=80)


def in_time(wishes: list[tuple[float, View]]) -> list[tuple[float, View]]:
    at, stamped = 0.0, []
    for after, view in wishes:
        at += after
        stamped.append((at, view))
    return stamped


@given(WISHES)
def test_no_two_changes_come_faster_than_they_can_be_read(wishes: list[tuple[float, View]]) -> None:
    before, since = LOOK_HERE, 0.0
    for at, view in shown(in_time(wishes)):
        if (view.prompt, view.tone) != (before.prompt, before.tone):
            if not {view.tone, before.tone} & RESULTS:
                assert at - since >= READ_SECONDS - 1e-9
            before, since = view, at


@given(WISHES)
def test_whatever_is_asked_for_long_enough_is_shown(wishes: list[tuple[float, View]]) -> None:
    stamped = in_time(wishes)
    end = stamped[-1][0] if stamped else 0.0
    steady = [(end + 0.1 * i, DARK) for i in range(1, 12)]
    assert shown(stamped + steady)[-1][1] == DARK


@given(WISHES)
def test_a_result_never_waits(wishes: list[tuple[float, View]]) -> None:
    for (_, wish), (_, view) in zip(in_time(wishes), shown(in_time(wishes)), strict=True):
        assert (wish.tone in RESULTS) is (view.tone in RESULTS)


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_alternating_defects_do_not_flicker(frames: int) -> None:
    """Thirty times a second one defect and then another: the first sentence stays."""
    wishes = [(1.0 + i / 30, (TOO_FAR, DARK)[i // frames % 2]) for i in range(300)]
    screen = shown([(0.0, TOO_FAR), (0.8, TOO_FAR), *wishes])
    assert {view.prompt for _, view in screen[1:]} == {Prompt.COME_CLOSER}


def test_two_people_see_one_sentence() -> None:
    doorway = Doorway()
    doorway.see(ANN, BOB, every=FRAME)
    assert view_of(doorway.state, POLICY).prompt is Prompt.ONE_AT_A_TIME
