"""The mean of a few frames is compared: it counts for the frames that it covers, and no others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from doorway import ANN, BOB, FRAME, POLICY, STRANGER, Doorway, Look

from kiosk.domain.access.factors import Factor
from kiosk.domain.access.grant import Comparison, Evidence
from kiosk.domain.access.machine import Acquiring, Answered, Asking, Reason
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect

BETWEEN = ANN.but(ranked=False)
"""A frame of Ann that is not compared itself."""
PICTURE = ANN.but(ranked=False, pad=0.125)
ROOMY = replace(POLICY, probes_required=7, span_seconds=0.75, comparisons_required=3)
"""Compared are the frames 0, 3 and 6 of a run."""
MADE, COVERED, AWAITED = Comparison.MADE, Comparison.COVERED, Comparison.AWAITED


def mean(frames: int, look: Look = ANN) -> Look:
    """A frame that is compared, by a mean that reaches so many frames back."""
    return look.but(back=frames * FRAME)


def seen(doorway: Doorway, *looks: Look) -> Doorway:
    for look in looks:
        doorway.see(look)
    return doorway


def run_of(doorway: Doorway) -> tuple[Evidence, ...]:
    assert isinstance(doorway.state, Acquiring)
    return doorway.state.run


def kinds(doorway: Doorway) -> list[Comparison]:
    return [evidence.comparison for evidence in run_of(doorway)]


FIRST = (mean(0), BETWEEN, BETWEEN)
SECOND = (mean(3), BETWEEN, BETWEEN)


def test_few_frames_are_compared_and_the_mean_of_them_decides() -> None:
    doorway = seen(Doorway(ROOMY), *FIRST, *SECOND)
    assert doorway.people == []
    doorway.see(mean(6))
    (person,) = doorway.people
    assert (person.subject, person.at) == ("ann", doorway.now)
    assert person.captured_at == doorway.now - 6 * FRAME
    compared = [e.comparison for e in person.evidence]
    assert compared == [MADE, COVERED, COVERED, MADE, COVERED, COVERED, MADE]


def test_frames_after_the_newest_comparison_prove_nothing_yet() -> None:
    doorway = seen(Doorway(ROOMY), *FIRST)
    assert kinds(doorway) == [MADE, AWAITED, AWAITED]
    seen(doorway, mean(3))
    assert kinds(doorway) == [MADE, COVERED, COVERED, MADE]
    assert {e.subject for e in run_of(doorway)} == {"ann"}


def test_each_frame_keeps_its_own_time_and_its_own_life() -> None:
    doorway = seen(Doorway(ROOMY), mean(0), BETWEEN.but(pad=0.75), mean(2))
    first, between, last = run_of(doorway)
    assert [e.pad.score for e in (first, between, last)] == [0.625, 0.75, 0.625]
    assert last.at - between.at == between.at - first.at == FRAME


def test_a_mean_takes_the_place_of_what_the_one_before_it_said() -> None:
    """One frame alone may miss her, or name another; the mean does not."""
    doorway = seen(Doorway(ROOMY), mean(0, STRANGER.but(track=1)), *FIRST[1:])
    seen(doorway, mean(3, BOB.but(track=1)), *SECOND[1:])
    assert {e.subject for e in run_of(doorway)[:4]} == {"bob"}
    doorway.see(mean(6))
    assert [person.subject for person in doorway.people] == ["ann"]


def test_what_the_last_mean_says_counts_even_if_all_others_named_her() -> None:
    doorway = seen(Doorway(ROOMY), *FIRST, *SECOND, mean(6, STRANGER.but(track=1)))
    assert doorway.people == []
    assert {e.subject for e in run_of(doorway)} == {None}


def test_frames_older_than_the_mean_keep_what_was_said_of_them() -> None:
    doorway = seen(Doorway(ROOMY), mean(0, BOB.but(track=1)), BETWEEN, mean(1))
    assert [e.subject for e in run_of(doorway)] == ["bob", "ann", "ann"]
    assert doorway.people == []


@pytest.mark.parametrize("frames", [7, 20])
def test_a_mean_that_reaches_back_beyond_the_run_proves_nothing(frames: int) -> None:
    doorway = seen(Doorway(ROOMY), *FIRST, *SECOND, mean(frames))
    assert doorway.people == []
    assert kinds(doorway)[-1] is AWAITED
    assert run_of(doorway)[-1].subject is None


@pytest.mark.parametrize(
    "breaks",
    [
        (BETWEEN.but(defects=(Defect.BLURRED,)),),
        (),
        (BETWEEN, STRANGER),
    ],
    ids=["poor view", "empty lane", "second face"],
)
def test_what_was_compared_before_a_break_counts_for_nothing_after_it(
    breaks: tuple[Look, ...],
) -> None:
    doorway = seen(Doorway(ROOMY), *FIRST, *SECOND)
    doorway.see(*breaks)
    seen(doorway, mean(7))
    assert doorway.people == []
    assert kinds(doorway) == [AWAITED]


def test_too_few_comparisons_grant_nothing_however_many_frames_there_are() -> None:
    doorway = seen(Doorway(ROOMY), mean(0), *[BETWEEN] * 7, mean(8))
    assert kinds(doorway).count(MADE) == 2
    assert doorway.people == []
    seen(doorway, mean(9))
    assert len(doorway.people) == 1


def test_a_grant_rests_on_a_frame_that_was_compared() -> None:
    doorway = seen(Doorway(ROOMY), mean(0), mean(1), mean(2), *[BETWEEN] * 5)
    assert doorway.people == []
    seen(doorway, mean(8))
    assert len(doorway.people) == 1


def test_a_picture_between_is_named_by_nobody_and_counts_against_her() -> None:
    doorway = seen(Doorway(ROOMY), mean(0), PICTURE, mean(2))
    assert kinds(doorway) == [MADE, Comparison.WITHHELD, MADE]
    assert [e.subject for e in run_of(doorway)] == ["ann", None, "ann"]
    assert run_of(doorway)[1].pad.score == 0.125


def test_pictures_are_not_made_up_for_by_the_name_of_the_frames_between() -> None:
    doorway = seen(Doorway(ROOMY), mean(0), *[PICTURE] * 5, mean(6), mean(7), mean(8), mean(9))
    doorway = seen(doorway, mean(10), mean(11))
    assert doorway.people == []


def test_another_persons_frames_are_never_hers() -> None:
    """A new track: the session ends, and what was compared for one counts for nobody else."""
    doorway = seen(Doorway(ROOMY), *FIRST, *SECOND)
    stepped_in = STRANGER.but(track=9)
    seen(doorway, mean(0, stepped_in), *[stepped_in.but(ranked=False)] * 2)
    assert isinstance(doorway.state, Acquiring)
    assert doorway.state.track == 9
    assert [e.comparison for e in doorway.state.gathered] == [MADE, AWAITED, AWAITED]
    assert doorway.people == []


def test_a_stranger_is_refused_as_soon_as_by_single_frames() -> None:
    single, means = Doorway(ROOMY), Doorway(ROOMY)
    stranger = STRANGER.but(ranked=False)
    for index in range(POLICY.refusal_probes + 1):
        single.see(STRANGER)
        last = index == POLICY.refusal_probes - 1
        means.see(mean(min(index, 6), STRANGER) if last or index % 3 == 0 else stranger)
    assert single.reasons == means.reasons == [Reason.NOT_RECOGNISED]
    assert single.decisions[0].at == means.decisions[0].at


def test_after_a_factor_only_frames_from_after_it_count() -> None:
    doorway = Doorway(ROOMY, agrees=False)
    seen(doorway, *FIRST, *SECOND, mean(6))
    (person,) = doorway.people
    now = Instant(doorway.now)
    doorway.handle(Answered(now, Reason.FACTOR_NEEDED, person, factor=Factor.PIN))
    doorway.handle(Answered(now, Reason.FACTOR_SHOWN, person, Factor.PIN, now))
    assert isinstance(doorway.state, Asking)
    seen(doorway, BETWEEN, BETWEEN, mean(6), BETWEEN, BETWEEN, mean(6), BETWEEN, BETWEEN)
    assert len(doorway.people) == 1, "each mean rests on frames from before"
    seen(doorway, mean(6))
    assert [person.factor for person in doorway.people] == [Factor.NONE, Factor.PIN]
    assert doorway.people[-1].captured_at > now


# -- who came near -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rival", "near"),
    [(0.5625, "zoe"), (0.59375, "zoe"), (0.546875, None), (None, None)],
    ids=["by just the margin", "within the margin", "further", "nobody else is enrolled"],
)
def test_the_second_person_is_remembered_if_they_came_near(
    rival: float | None, near: str | None
) -> None:
    doorway = seen(Doorway(replace(POLICY, decision_threshold=0.625)), ANN.but(rival=rival))
    (evidence,) = run_of(doorway)
    assert (evidence.subject, evidence.runner_up) == ("ann", near)
