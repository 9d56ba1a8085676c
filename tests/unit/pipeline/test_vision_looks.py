"""Nobody is compared in a frame that was not searched for others (ADR 0029)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from doorway import MEASURES, SPACE

from config.settings import Settings
from kiosk.domain.access.machine import Observed
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.comparison import CandidateList
from kiosk.domain.vision.face import UNSEEN, Box, EyeClosure, Face, Found, Pose
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.lane import Lane
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.pipeline.vision import SeeingPolicy, Stages, Vision

LANE = Lane(0.5, 0.5, 0.9, 0.21, 0.7, 0.1)


def face(x: float, y: float = 240, high: float = 160) -> Face:
    box = Box(x - high * 0.45, y - high / 2, high * 0.9, high)
    return Face(box, np.zeros((478, 2), np.float32), Pose(0, 0, 0), EyeClosure(0, 0))


ALONE, BESIDE, ELSEWHERE = face(320), face(500, 300), face(600)


class Models:
    """A finder that followed a face, and what it sees when it looks; everything else is good."""

    def __init__(self, followed: Found, seen: Found) -> None:
        self._followed, self._seen = followed, seen
        self.good = True
        self.done: list[str] = []

    def find(self, frame: Frame) -> Found:  # noqa: ARG002 - the port
        self.done.append("find")
        return self._followed

    def look(self, frame: Frame, found: Found) -> Found:  # noqa: ARG002 - the port
        assert found is self._followed
        self.done.append("look")
        return self._seen

    def measure(self, *_: object) -> object:
        return MEASURES

    def assess(self, *_: object) -> PadResult:
        return PadResult(1.0 if self.good else 0.1, "test/1")

    def match(self, *_: object) -> CandidateList:
        self.done.append("match")
        return CandidateList(SPACE, ())


def vision(models: Models) -> Vision:
    stages = Stages(*(cast("Any", models),) * 4)
    settings = Settings()
    policy = SeeingPolicy(LANE, settings.lane.tracking(), settings.quality.bounds(), 0.4)
    return Vision(stages, policy, Stopwatch())


def observed(models: Models) -> Observed:
    return vision(models).observe(frame())


def frame(at: float = 5.0) -> Frame:
    return Frame(np.zeros((480, 640, 3), np.uint8), Instant(at), 0)


def after_a_look(*seen: Face, full: bool = False) -> Models:
    return Models(Found((ALONE,), looked=False), Found(seen, full=full))


@pytest.mark.parametrize("seen", [(ALONE,), (ALONE, ELSEWHERE)])
def test_a_followed_face_is_compared_after_a_look(seen: tuple[Face, ...]) -> None:
    models = after_a_look(*seen)
    (probe,) = observed(models).probes
    assert models.done == ["find", "look", "match"]
    assert probe.candidates is not None
    assert probe.looked


def test_a_frame_that_was_searched_is_not_searched_again() -> None:
    models = Models(Found((ALONE,)), Found())
    observed(models)
    assert models.done == ["find", "match"]


def test_nobody_looks_for_a_face_that_is_not_compared() -> None:
    """It costs the kiosk time, and the detector looks often enough by itself."""
    models = after_a_look(ALONE)
    models.good = False
    (probe,) = observed(models).probes
    assert models.done == ["find"]
    assert not probe.looked


def test_somebody_who_has_stepped_beside_the_face_ends_the_run_in_the_same_frame() -> None:
    models = after_a_look(ALONE, BESIDE)
    said = observed(models)
    assert models.done == ["find", "look"]
    assert len(said.probes) == 2
    assert all(probe.quality is None and probe.candidates is None for probe in said.probes)


def test_whoever_the_look_found_is_the_same_track_in_the_next_frame() -> None:
    models = after_a_look(ALONE, BESIDE)
    watching = vision(models)
    first = watching.observe(frame(5.0)).probes
    models._followed = Found((ALONE, BESIDE))
    second = watching.observe(frame(5.1)).probes
    assert [probe.track for probe in first] == [probe.track for probe in second]


@pytest.mark.parametrize("full", [False, True])
def test_a_face_that_another_replaces_or_a_full_list_is_not_compared(
    full: bool,  # noqa: FBT001 - parametrized
) -> None:
    """A print small enough to be inside a face, followed in its stead, hides no face."""
    larger = replace(ALONE, box=Box(210, 100, 220, 260))
    models = after_a_look(*((ALONE,) if full else (larger,)), full=full)
    said = observed(models)
    assert "match" not in models.done
    assert len(said.probes) > 1
    assert UNSEEN in {probe.track for probe in said.probes}
