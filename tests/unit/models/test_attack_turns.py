"""A run of frames is looked at with near and far surroundings, however many frames are skipped."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.domain.face import Box, EyeClosure, Face, Pose
from kiosk.domain.frame import Frame, Instant
from models.attack import LivenessDetector
from models.embedding import Batch
from models.manifest import ModelInput

SCALES = (2.0, 2.7, 3.4)
GIVEN = ModelInput(16, 16, "BGR", "NCHW", 0.0, 1.0, "box", grow=SCALES)
FACE = Face(
    Box(270.0, 190.0, 80.0, 100.0),
    np.zeros((478, 2), np.float32),
    Pose(0.0, 0.0, 0.0),
    EyeClosure(0.0, 0.0),
)


def frame(index: int) -> Frame:
    """Brighter from left to right, so that every crop has its own mean contrast."""
    ramp = np.linspace(0, 255, 640, dtype=np.uint8)
    return Frame(np.repeat(np.tile(ramp, (480, 1))[:, :, None], 3, axis=2), Instant(0.0), index)


class Seen:
    """A network that remembers how wide a part of the ramp it was shown."""

    def __init__(self, logits: tuple[float, ...] = (0.0, 0.0, 0.0)) -> None:
        self.widths: list[float] = []
        self._logits = logits

    def __call__(self, batch: Batch) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        assert batch.shape == (1, 3, 16, 16)
        self.widths.append(float(np.ptp(batch)))
        return np.array([self._logits], np.float32)


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_every_scale_gets_its_turn(stride: int) -> None:
    seen = Seen()
    detector = LivenessDetector(seen, GIVEN, 0, "test")
    for index in range(0, 6 * stride, stride):
        detector.assess(frame(index), FACE)
    near, middle, far = seen.widths[:3]
    assert near < middle < far
    assert seen.widths[3:] == [near, middle, far]


def test_the_score_is_the_share_of_the_bona_fide_class() -> None:
    logits = (1.0, 3.0, 2.0)
    shares = np.exp(logits) / np.exp(logits).sum()
    for wanted in range(3):
        result = LivenessDetector(Seen(logits), GIVEN, wanted, "test").assess(frame(0), FACE)
        assert result.score == pytest.approx(shares[wanted])
        assert result.detector == "test"
