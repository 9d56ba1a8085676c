"""Searches the lane separately from its surroundings: nothing beside it can hide a person in it.

A face finder follows a limited number of faces. Given the whole picture, printed faces at its edge
could take the places of the person in the lane and of a person beside them. Here one finder sees
only the lane, in every frame, with everything else blacked out. The picture keeps its size, so that
the head pose is measured as before. The other finder sees the whole picture several times a second,
for guidance and for people in the way. Nothing that it finds is ever evidence, and it need not
measure again who is in the lane.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from kiosk.domain.ports import FaceFinder
from kiosk.domain.vision.face import Face, Found
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from kiosk.domain.vision.lane import Lane

LOOK_SECONDS = 0.2
"""The interval between searches of the whole picture: several in the shortest run that grants."""

REACH = 1.5
"""The reach of the lane's finder, in radii of the lane: it finds a face before the face enters."""

SAME_OVERLAP = 0.2
"""The intersection over union from which two detections count as one face."""


class LaneSearch:
    """The `FaceFinder` port over two others. Owned by one thread.

    Args:
        lane: the region in which a face counts.
        within: finds faces in a stream; sees only the lane.
        whole: finds faces in stills; sees everything.
    """

    def __init__(self, lane: Lane, within: FaceFinder, whole: FaceFinder) -> None:
        self._lane = lane
        self._within = within
        self._whole = whole
        self._mask = np.zeros((0, 0, 3), np.uint8)
        self._looked_at = Instant(float("-inf"))
        self._around = Found()

    def find(self, frame: Frame) -> Found:
        """Faces in the lane in this frame, and those around it in a recent one."""
        within = self._within.find(replace(frame, pixels=self._masked(frame)))
        if not 0 <= frame.captured_at - self._looked_at < LOOK_SECONDS:
            self._around = self._whole.look(frame, Found(within.faces, looked=False))
            self._looked_at = frame.captured_at
        return self._together(within)

    def look(self, frame: Frame, found: Found) -> Found:
        """The same after a search for further faces in the lane."""
        within = Found(found.faces, full=found.full, looked=found.looked)
        masked = replace(frame, pixels=self._masked(frame))
        return self._together(self._within.look(masked, within))

    def close(self) -> None:
        """Close both finders."""
        self._within.close()
        self._whole.close()

    def _together(self, within: Found) -> Found:
        around = tuple(face for face in self._around if not _among(face, within))
        return replace(within, around=around, full=within.full or self._around.full)

    def _masked(self, frame: Frame) -> Pixels:
        if self._mask.shape != frame.pixels.shape:
            self._mask = mask_of(self._lane, frame.width, frame.height)
        return np.bitwise_and(frame.pixels, self._mask)


def mask_of(lane: Lane, width: int, height: int) -> Pixels:
    """(height, width, 3) uint8: 255 where the lane's finder sees, 0 elsewhere."""
    seen = lane.oval(width, height).grown(REACH)
    across = (np.arange(width) + 0.5 - seen.centre_x) / seen.radius_x
    down = (np.arange(height) + 0.5 - seen.centre_y) / seen.radius_y
    inside = across[None, :] ** 2 + down[:, None] ** 2 <= 1.0
    return np.repeat(np.where(inside, 255, 0).astype(np.uint8)[:, :, None], 3, axis=2)


def _among(face: Face, others: Iterable[Face]) -> bool:
    """True if one of the others is the same face, seen in full or in part."""
    return any(
        face.box.overlap(other.box) >= SAME_OVERLAP
        or other.box.contains(face.box.centre)
        or face.box.contains(other.box.centre)
        for other in others
    )
