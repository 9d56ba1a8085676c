"""A picture in which nothing moves is no fault of a camera, and no evidence of anybody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np
from doorway import MEASURES, SPACE

from config.settings import Settings
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.comparison import CandidateList
from kiosk.domain.vision.face import Box, EyeClosure, Face, Found, Pose
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.lane import Lane
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.pipeline.vision import SeeingPolicy, Stages, Vision

LANE = Lane(0.5, 0.5, 0.9, 0.21, 0.7, 0.1)
FACE = Face(
    Box(250, 160, 144, 160), np.zeros((478, 2), np.float32), Pose(0, 0, 0), EyeClosure(0, 0)
)


class Somebody:
    """Finds one good, living face in every frame."""

    def find(self, frame: Frame) -> Found:  # noqa: ARG002 - the port
        return Found((FACE,), (), full=False)

    def measure(self, *_: object) -> object:
        return MEASURES

    def assess(self, *_: object) -> PadResult:
        return PadResult(1.0, "test/1")

    def match(self, *_: object) -> CandidateList:
        return CandidateList(SPACE, ())


def test_a_face_that_stands_still_is_nobody_and_comes_back_as_a_new_one() -> None:
    settings = Settings()
    policy = SeeingPolicy(LANE, settings.lane.tracking(), settings.quality.bounds(), 0.4)
    vision = Vision(Stages(*(cast("Any", Somebody()),) * 4), policy, Stopwatch())
    moving = Frame(np.zeros((480, 640, 3), np.uint8), Instant(5.0), 0, fresh=True)
    (before,) = vision.observe(moving).probes
    still = replace(moving, captured_at=Instant(5.1), still=True)
    assert vision.observe(still).probes == ()
    (after,) = vision.observe(replace(moving, captured_at=Instant(5.2))).probes
    assert after.track != before.track
