"""One presentation through the door's own machine: near misses of its rule."""

from __future__ import annotations

from collections.abc import Sequence

import measured_people as people
import numpy as np
import pytest
from scripted_camera import END, ScriptedCamera, noise

from kiosk.domain.access.machine import Event, Observed
from kiosk.domain.errors import ImageError
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.measure.watching import AnyoneMatcher, PadVerdict, Watched, watch

POLICY = people.policy()
FPS = 15.0
LIFE, GREY, PRINT = 0.95, 0.3, 0.001


class Script:
    """Says of each frame what a test says."""

    def __init__(self, observations: Sequence[Observed]) -> None:
        self._observations = list(observations)

    def observe(self, frame: Frame) -> Observed:
        return self._observations[frame.index]

    def answers(self, now: Instant) -> Sequence[Event]:  # noqa: ARG002 - nothing comes late
        return ()

    def close(self) -> None:
        """Nothing is held."""


def watched(*scores: float | None, fps: float = FPS) -> Watched:
    """A presentation with one face and these scores, frame by frame."""
    return script([people.seen(i / fps, score) for i, score in enumerate(scores)])


def script(observations: Sequence[Observed]) -> Watched:
    frames = [Frame(noise(i), o.at, i) for i, o in enumerate(observations)]
    return watch(ScriptedCamera(*frames, END), Script(observations), POLICY)


def test_a_living_person_passes() -> None:
    assert watched(*[LIFE] * 20).worst is PadVerdict.BONA_FIDE


def test_one_probe_too_few_is_no_decision() -> None:
    enough = POLICY.probes_required
    assert watched(*[LIFE] * enough).worst is PadVerdict.BONA_FIDE
    assert watched(*[LIFE] * (enough - 1)).worst is PadVerdict.UNDECIDED


def test_too_short_a_span_is_no_decision() -> None:
    assert watched(*[LIFE] * 12, fps=60.0).worst is PadVerdict.UNDECIDED


def test_a_poor_view_in_between_begins_the_run_again() -> None:
    run = [LIFE] * (POLICY.probes_required - 1)
    assert watched(*run, None, *run).worst is PadVerdict.UNDECIDED
    assert watched(*run, None, *run, LIFE).worst is PadVerdict.BONA_FIDE


def test_another_face_in_between_begins_the_run_again() -> None:
    run = POLICY.probes_required - 1
    first = [people.seen(i / FPS, LIFE, track=1) for i in range(run)]
    second = [people.seen((run + i) / FPS, LIFE, track=2) for i in range(run)]
    assert script([*first, *second]).worst is PadVerdict.UNDECIDED


def test_a_print_is_an_attack() -> None:
    assert watched(*[PRINT] * 40).worst is PadVerdict.ATTACK


def test_a_print_that_is_taken_away_too_soon_is_undecided() -> None:
    assert watched(*[PRINT] * (POLICY.refusal_probes - 1)).worst is PadVerdict.UNDECIDED


def test_what_is_neither_stays_undecided() -> None:
    assert watched(*[GREY] * 200).worst is PadVerdict.UNDECIDED


def test_an_attack_that_works_at_last_counts_as_bona_fide() -> None:
    tries = [PRINT] * 100 + [None] * 30 + [LIFE] * 40
    assert watched(*tries).worst is PadVerdict.BONA_FIDE


def test_neither_pause_nor_lockout_protects_the_detector() -> None:
    """Six refusals in a row would lock the door; the seventh try is measured all the same."""
    tries = ([PRINT] * 24 + [None]) * 6 + [LIFE] * 30
    assert watched(*tries).worst is PadVerdict.BONA_FIDE


def test_every_attempt_is_told_in_order() -> None:
    tries = [*[PRINT] * 24, None, *[LIFE] * 10, None, *[PRINT] * 3]
    result = watched(*tries)
    assert result.attempts == (PadVerdict.ATTACK, PadVerdict.BONA_FIDE, PadVerdict.UNDECIDED)
    assert (result.first, result.worst) == (PadVerdict.ATTACK, PadVerdict.BONA_FIDE)


def test_an_attempt_that_only_ends_with_the_recording_counts() -> None:
    assert watched(*[LIFE] * 5).attempts == (PadVerdict.UNDECIDED,)


def test_an_empty_lane_after_a_decision_is_no_attempt() -> None:
    assert watched(*[LIFE] * 10, *[None] * 3).attempts == (PadVerdict.BONA_FIDE,)


def test_nobody_there_is_no_response() -> None:
    nobody = [Observed(Instant(i / FPS), ()) for i in range(30)]
    result = script(nobody)
    assert (result.attempts, result.frames, result.scores) == ((PadVerdict.NO_RESPONSE,), 30, ())


def test_a_face_that_is_never_seen_well_is_no_response() -> None:
    assert watched(*[None] * 30).worst is PadVerdict.NO_RESPONSE


def test_frames_and_scores_are_counted() -> None:
    result = watched(LIFE, None, PRINT)
    assert result == Watched(3, (LIFE, PRINT), (PadVerdict.UNDECIDED,))


def test_a_frame_that_cannot_be_read_ends_it_by_name() -> None:
    camera = ScriptedCamera(ImageError("The picture 7.jpg cannot be read."))
    with pytest.raises(ImageError, match=r"7\.jpg"):
        watch(camera, Script([]), POLICY)


def test_everybody_is_the_same_person_beyond_doubt() -> None:
    frame = Frame(np.zeros((4, 4, 3), np.uint8), Instant(0.0), 0)
    found = AnyoneMatcher(people.SPACE).match(frame, people.face(0, 0, 4))
    assert found.space == people.SPACE
    assert found.best is not None
    assert found.best.score >= POLICY.decision_threshold
    assert found.margin >= POLICY.margin
