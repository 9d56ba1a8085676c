"""Whatever a matcher answers, and whenever: nobody is let in on an answer that is not theirs."""

from __future__ import annotations

from dataclasses import dataclass

from asked_kiosk import ANSWER_SECONDS, HIGH, LOW, AskedKiosk
from doorway import FRAME, POLICY
from hypothesis import event, given
from hypothesis import strategies as st
from late_matcher import THROTTLED, LateMatcher, Question, Said, somebody

from kiosk.domain.access.grant import Comparison, Evidence
from kiosk.domain.access.machine import Observed
from kiosk.domain.vision.face import TrackId
from kiosk.domain.vision.frame import Instant

SAID: tuple[Said, ...] = (somebody("ann"), somebody("bob"), somebody("ann", 0.3), THROTTLED)


@dataclass(frozen=True)
class Scene:
    """Some frames, what is answered after each to which question, and a wait."""

    places: tuple[float, ...]
    sharp: bool
    pad: float
    times: int
    answers: tuple[tuple[int, Said], ...]
    wait: float


STEADY = st.builds(
    Scene,
    places=st.just((HIGH,)),
    sharp=st.just(True),  # noqa: FBT003 - a field
    pad=st.sampled_from((0.75, 0.75, 0.125)),
    times=st.integers(1, 6),
    answers=st.just(((-1, somebody("ann")),)),
    wait=st.just(0.0),
)
ODD = st.builds(
    Scene,
    places=st.sampled_from(((HIGH,), (HIGH,), (LOW,), (), (HIGH, LOW))),
    sharp=st.sampled_from((True, True, False)),
    pad=st.sampled_from((0.75, 0.5, 0.375, 0.0)),
    times=st.integers(1, 4),
    answers=st.lists(st.tuples(st.integers(-4, -1), st.sampled_from(SAID)), max_size=2).map(tuple),
    wait=st.sampled_from((0.0, 0.0, FRAME, ANSWER_SECONDS, 6.0)),
)


@dataclass(frozen=True)
class Answered:
    """The first word of an answer, and when it was said."""

    question: Question
    said: Said
    at: float


def played(story: list[Scene], kiosk: AskedKiosk, matcher: LateMatcher) -> list[Answered]:
    """What was answered first to each question, in the order of the answers."""
    first: list[Answered] = []
    for scene in story:
        for _ in range(scene.times):
            kiosk.see(*scene.places, sharp=scene.sharp, pad=scene.pad)
            for number, said in scene.answers:
                if len(matcher.asked) < -number:
                    continue
                question = matcher.asked[number]
                if not question.said:
                    first.append(Answered(question, said, kiosk.now))
                question.said.append(said)
        kiosk.hear(scene.wait)
    return first


def alone(observed: Observed, track: TrackId) -> bool:
    """Whether one frame shows this face, alone and well."""
    if len(observed.probes) != 1:
        return False
    (probe,) = observed.probes
    return probe.track == track and probe.quality is not None and probe.quality.acceptable


def owner(kiosk: AskedKiosk, at: Instant) -> TrackId:
    (observed,) = (each for each in kiosk.seen if each.at == at)
    (probe,) = observed.probes
    return probe.track


def proves(evidence: Evidence, subject: str, answers: list[Answered]) -> bool:
    """Whether the matcher said this, in time, about this very frame."""
    (answer,) = (each for each in answers if each.question.asked_at == evidence.at)
    in_time = answer.at - evidence.at < ANSWER_SECONDS and not answer.question.cancelled
    return in_time and answer.said == somebody(subject)


@given(st.lists(st.one_of(STEADY, STEADY, ODD), max_size=20))
def test_nobody_is_let_in_on_an_answer_about_another_face_session_or_run(
    story: list[Scene],
) -> None:
    matcher = LateMatcher()
    try:
        kiosk = AskedKiosk(matcher)
        answers = played(story, kiosk, matcher)
    finally:
        matcher.close()
    released_at = float("-inf")
    for person in kiosk.people:
        event("recognised")
        oldest, newest = person.evidence[0].at, person.evidence[-1].at
        assert (person.captured_at, person.at) == (oldest, newest)
        assert oldest > released_at, "no frame serves two sessions"
        released_at = newest
        run = [each for each in kiosk.seen if oldest <= each.at <= newest]
        assert all(alone(each, owner(kiosk, oldest)) for each in run), "an unbroken run of one"
        made = [e for e in person.evidence if e.comparison is Comparison.MADE]
        assert len(made) >= POLICY.probes_required
        assert all(proves(each, person.subject, answers) for each in made)
        weak = [e for e in person.evidence if e.comparison is not Comparison.MADE]
        assert all(e.pad.score < POLICY.pad_threshold for e in weak)


@given(st.lists(ODD, max_size=20))
def test_an_outage_is_told_once_and_its_end_once(story: list[Scene]) -> None:
    matcher = LateMatcher()
    try:
        kiosk = AskedKiosk(matcher)
        played(story, kiosk, matcher)
    finally:
        matcher.close()
    told = [fault.recovered for fault in kiosk.faults]
    assert told == [number % 2 == 1 for number in range(len(told))]
