"""What a session says by its evidence alone: its threshold, an answer, and what it still lacks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from doorway import POLICY

from kiosk.domain.access.closing import refusal
from kiosk.domain.access.events import Identified, Probe
from kiosk.domain.access.evidence import answered, lacks_only_a_name
from kiosk.domain.access.grant import Comparison, Evidence
from kiosk.domain.access.states import Acquiring, Reason
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.comparison import Candidate, CandidateList
from kiosk.domain.vision.face import TrackId
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId

FRAME, RUN = 0.125, POLICY.probes_required
TRACK = TrackId(1)


def frame(
    number: int,
    comparison: Comparison = Comparison.MADE,
    *,
    pad: float = 0.625,
    threshold: float = 0.0,
) -> Evidence:
    return Evidence(
        at=Instant(number * FRAME),
        pad=PadResult(pad, "detector/1"),
        subject=None,
        ambiguous=False,
        best=None,
        margin=0.0,
        comparison=comparison,
        threshold=threshold,
    )


def awaiting(number: int, *, back: int | None = None, pad: float = 0.625) -> Evidence:
    """A frame that no answer has come about; its mean reaches back so many frames."""
    since = None if back is None else Instant((number - back) * FRAME)
    return replace(frame(number, Comparison.AWAITED, pad=pad), since=since)


def session(run: tuple[Evidence, ...], *before: Evidence) -> Acquiring:
    return Acquiring(
        track=TRACK, since=Instant(0.0), seen_at=run[-1].at, run=run, gathered=(*before, *run)
    )


# -- the threshold of a refusal ------------------------------------------------------------------


def test_a_refusal_names_the_threshold_of_the_last_comparison() -> None:
    """Frames that nobody was compared with say nothing about it."""
    run = (*(frame(each, threshold=99.0) for each in range(RUN)), awaiting(RUN))
    written = refusal(Reason.NOT_RECOGNISED, session(run), run[-1].at, POLICY)
    assert written.threshold == 99.0


def test_without_any_comparison_it_is_that_of_the_kiosk() -> None:
    run = tuple(awaiting(each) for each in range(RUN))
    written = refusal(Reason.NOT_RECOGNISED, session(run), run[-1].at, POLICY)
    assert written.threshold == POLICY.decision_threshold


# -- an answer -----------------------------------------------------------------------------------


def test_a_face_is_not_given_up_by_any_probe() -> None:
    assert not Probe(TRACK, Instant(0.0)).gone


@pytest.mark.parametrize("names", [True, False])
def test_an_answer_without_candidates_changes_nothing(*, names: bool) -> None:
    run = (awaiting(0),)
    found = CandidateList(POLICY.space, (Candidate(SubjectId("ann"), 0.9),)) if names else None
    event = Identified(Instant(1.0), TRACK, run[0].at, found)
    after = answered(session(run), event, POLICY, None)
    assert (None if after is None else after.run[0].subject) == ("ann" if names else None)
    assert (after is None) is not names


# -- a run that lacks nothing but a name -----------------------------------------------------------


def whole() -> tuple[Evidence, ...]:
    return tuple(awaiting(each, back=0) for each in range(10, 10 + RUN))


def test_a_run_of_living_frames_lacks_only_a_name() -> None:
    assert lacks_only_a_name(session(whole()), POLICY)
    assert not lacks_only_a_name(session(whole()[1:]), POLICY)
    assert not lacks_only_a_name(replace(session(whole()), run=()), POLICY)


def test_frames_that_were_not_compared_themselves_are_no_comparisons() -> None:
    """As many have to be compared as a grant takes; the others lie between them."""
    run = whole()
    few = [replace(each, since=None) for each in run[POLICY.comparisons_required - 1 :]]
    assert not lacks_only_a_name(session((*run[: POLICY.comparisons_required - 1], *few)), POLICY)
    enough = run[: POLICY.comparisons_required]
    rest = [replace(each, since=None) for each in run[POLICY.comparisons_required :]]
    assert lacks_only_a_name(session((*enough, *rest)), POLICY)


def test_a_frame_that_failed_attack_detection_is_named_by_nobody() -> None:
    run = whole()
    failed = replace(run[1], comparison=Comparison.WITHHELD, pad=PadResult(0.625, "detector/1"))
    assert not lacks_only_a_name(session((run[0], failed, *run[2:])), POLICY)


def test_an_earlier_picture_has_to_be_made_up_for() -> None:
    """Each frame counts once, those of the run too, and nobody's face excuses a picture."""
    run = whole()
    for kind in (Comparison.AWAITED, Comparison.WITHHELD):
        before = [frame(number, kind, pad=0.2) for number in range(3)]
        assert lacks_only_a_name(session(run, before[0]), POLICY)
        assert not lacks_only_a_name(session(run, *before[:2]), POLICY)
        assert not lacks_only_a_name(session(run, *before), POLICY)


def test_what_an_earlier_comparison_said_does_not_rename_the_run() -> None:
    """The run is what comes last, whoever was named before it was broken."""
    picture = frame(0, Comparison.WITHHELD, pad=0.2)
    bob = replace(frame(1), subject=SubjectId("bob"), since=Instant(FRAME))
    assert lacks_only_a_name(session(whole(), picture, bob), POLICY)
