"""The face detector: BlazeFace (short range), over the whole frame scaled to 128 pixels.

Source: Bazarevsky et al. 2019, "BlazeFace"; the options are those of MediaPipe's FaceDetector.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.domain.vision.frame import Pixels
from models.faces.bundle import DETECTOR
from models.faces.network import TaskNetwork, Tensor
from models.faces.region import GROWN, Region, crop_of, slope

SIZE = 128
LEAST_SCORE = 0.5
LEAST_LOGIT = np.log(LEAST_SCORE / (1 - LEAST_SCORE))
SAME_OVERLAP = 0.5
"""The intersection over union above which two detections are blended into one."""

GRIDS = ((16, 2), (8, 6))
"""Cells a side, and anchors a cell."""

CENTRE, SIDES, LEFT_EYE, RIGHT_EYE = 0, 1, 2, 3
"""Rows of a detection: centre, width and height, then six key points; each (x, y)."""


class FaceDetector:
    """Finds the region of every face in a frame, whatever was followed before.

    Args:
        bundle: the members of `face_landmarker.task`.

    Raises:
        ModelError: LiteRT cannot load the network.
    """

    def __init__(self, bundle: Mapping[str, bytes]) -> None:
        self._network = TaskNetwork(bundle[DETECTOR], DETECTOR)
        self._anchors = anchors()

    def regions(self, pixels: Pixels) -> Sequence[Region]:
        """A region for each detected face, the surest first.

        Args:
            pixels: (height, width, 3) BGR.
        """
        height, width = pixels.shape[:2]
        side = max(width, height)
        corner = np.array([(width - side) / 2, (height - side) / 2])
        onto_frame = np.array([[side / SIZE, 0, corner[0]], [0, side / SIZE, corner[1]]])
        batch = crop_of(pixels, onto_frame, SIZE, cv2.BORDER_CONSTANT) / 127.5 - 1.0
        made, logits = self._network(batch)
        return [
            _region(detection * side, corner) for detection in self._blended(made[0], logits[0])
        ]

    def _blended(self, made: Tensor, logits: Tensor) -> Sequence[NDArray[np.float32]]:
        """(8, 2) rows of each detection, in shares of the square."""
        kept = np.flatnonzero(logits[:, 0] >= LEAST_LOGIT)
        rows = made[kept].reshape(-1, 8, 2) / np.float32(SIZE)
        rows[:, [CENTRE, *range(LEFT_EYE, 8)]] += self._anchors[kept, None]
        scores = np.asarray(1 / (1 + np.exp(-logits[kept, 0])), np.float32)
        order = np.argsort(-scores, kind="stable")
        return blended(rows[order], scores[order])


def anchors() -> NDArray[np.float32]:
    """(896, 2) centres of the anchors, in shares of the square."""
    made = []
    for cells, each in GRIDS:
        axis = (np.arange(cells) + 0.5) / cells
        down, across = np.meshgrid(axis, axis, indexing="ij")
        centres = np.stack([across.ravel(), down.ravel()], axis=1)
        made.append(np.repeat(centres, each, axis=0))
    return np.concatenate(made).astype(np.float32)


def blended(
    rows: NDArray[np.float32], scores: NDArray[np.float32]
) -> Sequence[NDArray[np.float32]]:
    """Weighted non-maximum suppression: overlapping detections become their weighted mean.

    Args:
        rows: (n, 8, 2), the surest first.
        scores: (n,).
    """
    left, made = np.ones(len(rows), bool), []
    for index in range(len(rows)):
        if left[index]:
            same = left & (_overlaps(rows, index) > SAME_OVERLAP)
            same[index] = True
            left &= ~same
            made.append(np.average(rows[same], axis=0, weights=scores[same]))
    return made


def _overlaps(rows: NDArray[np.float32], index: int) -> NDArray[np.float32]:
    """(n,) intersection over union of every detection with one of them."""
    low, high = rows[:, CENTRE] - rows[:, SIDES] / 2, rows[:, CENTRE] + rows[:, SIDES] / 2
    sides = np.minimum(high, high[index]) - np.maximum(low, low[index])
    shared, areas = np.prod(np.clip(sides, 0, None), axis=1), np.prod(rows[:, SIDES], axis=1)
    return np.asarray(shared / np.maximum(areas + areas[index] - shared, 1e-9), np.float32)


def _region(detection: NDArray[np.float32], corner: NDArray[np.float64]) -> Region:
    """The region of a detection in pixels of the square, whose corner lies there in the frame."""
    x, y = detection[CENTRE] + corner
    side = float(detection[SIDES].max()) * GROWN
    return Region(float(x), float(y), side, slope(detection[RIGHT_EYE] - detection[LEFT_EYE]))
