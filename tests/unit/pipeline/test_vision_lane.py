"""Who is in the lane, alone or not, and what is measured of them."""

from __future__ import annotations

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
from kiosk.domain.vision.quality import Defect
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.pipeline.vision import SeeingPolicy, Stages, Vision

LANE = Lane(0.5, 0.5, 0.9, 0.21, 0.7, 0.1)
"""Before a camera of 640x480: an oval from x 158 to 482 and from y 24 to 456."""


def face(x: float, y: float = 240, high: float = 160) -> Face:
    box = Box(x - high * 0.45, y - high / 2, high * 0.9, high)
    return Face(box, np.zeros((478, 2), np.float32), Pose(0, 0, 0), EyeClosure(0, 0))


class Models:
    """Finds what it is told to, and finds every face good, alive and somebody's."""

    def __init__(self) -> None:
        self.found = Found()
        self.compared = 0

    def find(self, frame: Frame) -> Found:  # noqa: ARG002 - the port
        return self.found

    def measure(self, *_: object) -> object:
        return MEASURES

    def assess(self, *_: object) -> PadResult:
        return PadResult(1.0, "test/1")

    def match(self, *_: object) -> CandidateList:
        self.compared += 1
        return CandidateList(SPACE, ())


def seen(*faces: Face, around: tuple[Face, ...] = (), full: bool = False) -> Observed:
    """What one frame with these faces says."""
    models = Models()
    models.found = Found(faces, around, full=full)
    stages = Stages(*(cast("Any", models),) * 4)
    settings = Settings()
    policy = SeeingPolicy(LANE, settings.lane.tracking(), settings.quality.bounds(), 0.4)
    frame = Frame(np.zeros((480, 640, 3), np.uint8), Instant(5.0), 0)
    said = Vision(stages, policy, Stopwatch()).observe(frame)
    alone = len(said.probes) == 1 and said.probes[0].candidates is not None
    assert models.compared == int(alone), "nothing is compared of who is not alone and inside"
    return said


def is_evidence(said: Observed) -> bool:
    (probe,) = said.probes
    assert probe.quality is not None
    return probe.quality.acceptable and probe.candidates is not None


def test_somebody_alone_inside_the_oval_is_evidence() -> None:
    assert is_evidence(seen(face(320)))
    assert is_evidence(seen(face(320), face(320, high=40)))


@pytest.mark.parametrize(
    ("x", "y", "defect"),
    [
        (185, 240, Defect.OFF_RIGHT),
        (455, 240, Defect.OFF_LEFT),
        (320, 50, Defect.OFF_UP),
        (320, 430, Defect.OFF_DOWN),
    ],
)
def test_half_a_face_outside_is_told_which_way_to_go(x: int, y: int, defect: Defect) -> None:
    """The session goes on, in red, and nothing of this view is evidence."""
    said = seen(face(x, y))
    assert not is_evidence(said)
    assert said.probes[0].quality is not None
    assert said.probes[0].quality.defects[0] is defect


def test_a_face_too_large_for_the_oval_is_told_to_step_back() -> None:
    said = seen(face(320, high=430))
    assert not is_evidence(said)
    assert said.probes[0].quality is not None
    assert said.probes[0].quality.defects == (Defect.TOO_CLOSE,)


def test_somebody_who_reaches_into_the_lane_means_that_nobody_is_alone() -> None:
    for second in (face(520), face(500, 300), face(320, 470)):
        said = seen(face(320), second)
        assert len(said.probes) == 2
        assert all(probe.quality is None for probe in said.probes)


def test_somebody_beside_the_lane_does_not_stop_the_one_in_it() -> None:
    assert is_evidence(seen(face(320), face(600)))
    assert is_evidence(seen(face(320), around=(face(600),)))


def test_a_face_before_the_camera_stops_everybody_wherever_it_is() -> None:
    assert len(seen(face(320), around=(face(640, high=400),)).probes) == 2


def test_who_was_seen_around_a_moment_ago_blocks_and_is_never_evidence() -> None:
    said = seen(face(320), around=(face(520),))
    assert [probe.track for probe in said.probes] == [1, UNSEEN]
    assert all(probe.quality is None for probe in said.probes)
    assert seen(around=(face(320),)).probes == ()


def test_who_is_seen_around_is_guided_in() -> None:
    assert seen(around=(face(60),)).outside is Defect.OFF_RIGHT
    assert seen(around=(face(320, high=80),)).outside is Defect.TOO_FAR


@pytest.mark.parametrize("faces", [(), (face(320),), (face(320), face(60, 40, 60))])
def test_a_full_finder_means_that_nobody_is_alone(faces: tuple[Face, ...]) -> None:
    """There may be more faces than were found, so nothing is decided on any."""
    said = seen(*faces, full=True)
    assert len(said.probes) >= 2
    assert all(probe.quality is None for probe in said.probes)
