"""A matcher may be slow and may fail: nobody is let in on an answer that is not about them now."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import numpy as np
import pytest
from asked_kiosk import ANSWER_SECONDS, HIGH, LOW, AskedKiosk
from doorway import FRAME, POLICY
from late_matcher import THROTTLED, LateMatcher, somebody

from kiosk.domain.access.grant import Comparison
from kiosk.domain.access.machine import (
    Acquiring,
    AuditFault,
    Idle,
    Part,
    Reason,
    Resolved,
)
from kiosk.domain.prompts import Prompt
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.pipeline.identification.frames import NO_ANSWER
from kiosk.pipeline.identification.outage import PAUSE_SECONDS

RUN = POLICY.probes_required
ANN, BOB = somebody("ann"), somebody("bob")


@pytest.fixture
def matcher() -> Iterator[LateMatcher]:
    made = LateMatcher()
    yield made
    made.close()


@pytest.fixture
def kiosk(matcher: LateMatcher) -> AskedKiosk:
    return AskedKiosk(matcher)


def recognised(kiosk: AskedKiosk, matcher: LateMatcher, times: int = RUN) -> None:
    """Ann stands there, and each frame of hers is answered before the next."""
    for _ in range(times):
        kiosk.see(HIGH)
        matcher.answer(ANN)
    kiosk.hear()


# -- at once, and late ---------------------------------------------------------------------------


class Threaded:
    """Answers at once and remembers in which thread."""

    def __init__(self) -> None:
        self.threads: set[int] = set()

    def match(self, *_: object) -> object:
        self.threads.add(threading.get_ident())
        return ANN


def test_a_matcher_that_answers_at_once_does_so_in_the_same_frame_and_thread() -> None:
    local = Threaded()
    kiosk = AskedKiosk(local)  # type: ignore[arg-type] # it takes anything
    kiosk.see(HIGH, times=RUN)
    assert [observed.probes[0].candidates for observed in kiosk.seen] == [ANN] * RUN
    assert len(kiosk.people) == 1
    assert local.threads == {threading.get_ident()}


def test_late_answers_let_in_whoever_still_stands_there(
    kiosk: AskedKiosk, matcher: LateMatcher
) -> None:
    recognised(kiosk, matcher)
    oldest, newest = matcher.asked[0].asked_at, matcher.asked[-1].asked_at
    (person,) = kiosk.people
    assert (person.subject, person.at, person.captured_at) == ("ann", newest, oldest)
    assert [e.at for e in person.evidence] == [q.asked_at for q in matcher.asked]


def test_frames_that_were_not_asked_about_prove_nothing_and_break_nothing(
    kiosk: AskedKiosk, matcher: LateMatcher
) -> None:
    for _ in range(RUN - 1):
        kiosk.see(HIGH, times=3)
        matcher.answer(ANN)
    kiosk.hear()
    assert kiosk.people == []
    kiosk.see(HIGH)
    matcher.answer(ANN)
    kiosk.hear()
    assert len(matcher.asked) == RUN
    assert len(kiosk.people) == 1
    assert all(e.comparison is Comparison.MADE for e in kiosk.people[0].evidence)


def test_an_answer_of_the_second_before_counts_for_its_own_frame_only(
    kiosk: AskedKiosk, matcher: LateMatcher
) -> None:
    """The door is told the age of the oldest frame, however late the last answer came."""
    recognised(kiosk, matcher, RUN - 1)
    kiosk.see(HIGH)
    asked_at = Instant(kiosk.now)
    kiosk.see(HIGH, times=4)
    matcher.answer(ANN)
    kiosk.hear()
    (person,) = kiosk.people
    assert person.at == asked_at
    assert person.captured_at == matcher.asked[0].asked_at
    assert len(matcher.asked) == RUN


def test_no_picture_outlives_its_frame(kiosk: AskedKiosk, matcher: LateMatcher) -> None:
    pixels = np.zeros((480, 640, 3), np.uint8)
    kept = weakref.ref(pixels)
    kiosk.vision.observe(Frame(pixels, Instant(kiosk.now), 0))
    assert len(matcher.asked) == 1
    assert not matcher.asked[0].done()
    del pixels
    gc.collect()
    assert kept() is None


# -- answers that are not about this face now ----------------------------------------------------


def test_an_answer_about_a_face_that_has_gone_lets_nobody_in(
    kiosk: AskedKiosk, matcher: LateMatcher
) -> None:
    recognised(kiosk, matcher, RUN - 1)
    kiosk.see(HIGH)
    kiosk.see(LOW, times=2)
    assert matcher.asked[RUN - 1].cancelled
    for number in range(len(matcher.asked)):
        matcher.answer(ANN, number)
    kiosk.hear()
    assert kiosk.people == []


def test_an_answer_for_somebody_who_left_is_not_the_next_persons(
    kiosk: AskedKiosk, matcher: LateMatcher
) -> None:
    recognised(kiosk, matcher, RUN - 1)
    kiosk.see(HIGH)
    kiosk.see(times=6)
    assert isinstance(kiosk.state, Idle)
    matcher.answer(ANN)
    kiosk.see(LOW)
    assert kiosk.people == []


def test_an_answer_about_a_run_that_was_broken_counts_for_nothing(
    kiosk: AskedKiosk, matcher: LateMatcher
) -> None:
    recognised(kiosk, matcher, RUN - 1)
    kiosk.see(HIGH)
    kiosk.see(HIGH, sharp=False)
    kiosk.see(HIGH)
    matcher.answer(ANN)
    kiosk.hear()
    assert isinstance(kiosk.state, Acquiring)
    assert all(e.comparison is Comparison.AWAITED for e in kiosk.state.run)
    assert kiosk.people == []


def test_an_answer_about_the_session_before_counts_for_nothing(
    kiosk: AskedKiosk, matcher: LateMatcher
) -> None:
    """The same face, still there when the next session begins."""
    kiosk.see(HIGH, pad=0.0, times=POLICY.refusal_probes)
    assert [d.reason for d in kiosk.decisions] == [Reason.PRESENTATION_ATTACK]
    kiosk.see(HIGH)
    while isinstance(kiosk.state, Resolved):
        kiosk.see(HIGH, pad=0.0)
    matcher.answer(ANN)
    kiosk.see(HIGH, pad=0.0)
    assert isinstance(kiosk.state, Acquiring)
    assert {e.comparison for e in kiosk.state.gathered} == {Comparison.WITHHELD}


def test_answers_in_the_wrong_order(kiosk: AskedKiosk, matcher: LateMatcher) -> None:
    """The first answer comes after the second, and long after anybody waits for it."""
    kiosk.see(HIGH)
    kiosk.hear(ANSWER_SECONDS)
    kiosk.hear(PAUSE_SECONDS + POLICY.retry_seconds)
    kiosk.see(HIGH)
    kiosk.see(HIGH)
    assert [q.cancelled for q in matcher.asked] == [True, False]
    matcher.answer(BOB, 1)
    matcher.answer(ANN, 0)
    kiosk.hear()
    assert isinstance(kiosk.state, Acquiring)
    assert [e.subject for e in kiosk.state.run] == ["bob", None]


def test_an_answer_given_twice_counts_as_it_was_first(
    kiosk: AskedKiosk, matcher: LateMatcher
) -> None:
    for _ in range(RUN - 1):
        kiosk.see(HIGH)
        matcher.answer(BOB)
        kiosk.hear()
        matcher.answer(ANN)
        kiosk.hear()
    assert isinstance(kiosk.state, Acquiring)
    assert {e.subject for e in kiosk.state.run} == {"bob"}
    kiosk.see(HIGH)
    matcher.answer(ANN)
    kiosk.hear()
    assert kiosk.people == []


# -- no answer -----------------------------------------------------------------------------------


def fails(kiosk: AskedKiosk, matcher: LateMatcher, how: str) -> str:
    """A person to whom the matcher fails to answer, and what the journal says."""
    if how == "at once":
        matcher.refusing = THROTTLED
        kiosk.see(HIGH)
    elif how == "later":
        kiosk.see(HIGH)
        matcher.answer(THROTTLED)
    else:
        kiosk.see(HIGH, times=round(ANSWER_SECONDS / FRAME))
        assert isinstance(kiosk.state, Acquiring)
        kiosk.now += FRAME
    kiosk.hear()
    return NO_ANSWER if how == "never" else THROTTLED.problem


@pytest.mark.parametrize("how", ["at once", "later", "never"])
def test_a_person_whom_nobody_answers_about_is_told_so_kindly(
    kiosk: AskedKiosk, matcher: LateMatcher, how: str
) -> None:
    detail = fails(kiosk, matcher, how)
    assert kiosk.faults == [AuditFault(Instant(kiosk.now), Part.MATCHER, detail, recovered=False)]
    assert [d.reason for d in kiosk.decisions] == [Reason.NOT_COMPARED]
    assert kiosk.people == []
    assert kiosk.views[-1].prompt is Prompt.FACE_PAUSED
    assert isinstance(kiosk.state, Resolved)
    assert kiosk.state.failures.at == (), "it is not their fault"


@pytest.mark.parametrize("how", ["at once", "later", "never"])
def test_an_outage_is_written_down_once_and_ends_by_itself(
    kiosk: AskedKiosk, matcher: LateMatcher, how: str
) -> None:
    for _ in range(POLICY.failures_allowed + 1):
        fails(kiosk, matcher, how)
        kiosk.hear(POLICY.retry_seconds)
    assert [fault.recovered for fault in kiosk.faults] == [False]
    assert {d.reason for d in kiosk.decisions} == {Reason.NOT_COMPARED}
    assert len(kiosk.decisions) == POLICY.failures_allowed + 1
    matcher.refusing = None
    recognised(kiosk, matcher)
    assert [fault.recovered for fault in kiosk.faults] == [False, True]
    assert kiosk.faults[-1].part is Part.MATCHER
    assert len(kiosk.people) == 1


def test_a_matcher_that_fails_is_not_asked_again_at_once(
    kiosk: AskedKiosk, matcher: LateMatcher
) -> None:
    matcher.refusing = THROTTLED
    frames = round(PAUSE_SECONDS / FRAME)
    kiosk.see(HIGH, times=frames)
    assert len(matcher.asked) == 1
    kiosk.see(HIGH)
    kiosk.see(HIGH)
    assert len(matcher.asked) == 2


def test_an_answer_that_comes_when_time_is_up_is_too_late(
    kiosk: AskedKiosk, matcher: LateMatcher
) -> None:
    kiosk.see(HIGH, times=round(ANSWER_SECONDS / FRAME))
    matcher.answer(ANN)
    kiosk.hear(FRAME)
    assert [d.reason for d in kiosk.decisions] == [Reason.NOT_COMPARED]


def test_a_question_is_given_up_when_the_kiosk_stops(
    kiosk: AskedKiosk, matcher: LateMatcher
) -> None:
    kiosk.see(HIGH)
    kiosk.vision.close()
    assert matcher.asked[0].cancelled


# -- who is compared -----------------------------------------------------------------------------


def test_a_face_of_poor_quality_is_compared_with_nobody(
    kiosk: AskedKiosk, matcher: LateMatcher
) -> None:
    kiosk.see(HIGH, sharp=False, times=RUN)
    assert matcher.asked == []


def test_an_attack_is_compared_with_nobody_and_is_refused_as_before(
    kiosk: AskedKiosk, matcher: LateMatcher
) -> None:
    kiosk.see(HIGH, pad=0.125, times=POLICY.refusal_probes)
    assert matcher.asked == []
    (refused,) = kiosk.decisions
    assert refused.reason is Reason.PRESENTATION_ATTACK
    assert refused.suspected
    assert (refused.pad, len(refused.evidence)) == (0.125, POLICY.refusal_probes)
    assert kiosk.session.state.failures.doubt > 0.0


def test_a_frame_just_below_the_threshold_is_not_compared_and_one_at_it_is(
    kiosk: AskedKiosk, matcher: LateMatcher
) -> None:
    matcher.at_once = ANN
    kiosk.see(HIGH, pad=POLICY.pad_threshold - 0.001)
    assert matcher.asked == []
    kiosk.see(HIGH, pad=POLICY.pad_threshold)
    assert len(matcher.asked) == 1


def test_two_faces_are_compared_with_nobody(kiosk: AskedKiosk, matcher: LateMatcher) -> None:
    kiosk.see(HIGH, LOW, times=RUN)
    assert matcher.asked == []
