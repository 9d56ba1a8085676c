"""Faces in photographs of any size: the whole image first, then smaller and smaller tiles.

The detector scales its input to 128 pixels: a face of 200 in an image of 4000 becomes six, and is
not found. Tiles overlap by half, so a face no larger than half a tile lies completely in one. The
search stops at the first size with a face: the subject of a photograph is larger than people in its
background.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from kiosk.domain.ports import FaceFinder
from kiosk.domain.vision.face import Box, Face, Found
from kiosk.domain.vision.frame import Frame
from models.landmarks import distinct

SMALLEST_PART_PX = 600
"""At a tile of this side a face of 120 pixels is a fifth, which is found."""

Part = tuple[int, int, int]
"""Left, top and side of a square tile, pixels."""


class StillsFinder:
    """The `FaceFinder` port over photographs. Owned by one thread.

    Args:
        finder: finds faces that are large enough in the given image.
    """

    def __init__(self, finder: FaceFinder) -> None:
        self._finder = finder

    def find(self, frame: Frame) -> Found:
        """The faces at the largest tile size that has any, without duplicates."""
        found = self._finder.find(frame)
        for side in _sides(frame.width, frame.height):
            if found:
                break
            parts = list(_parts(frame.width, frame.height, side))
            seen = [self._found_in(frame, part) for part in parts]
            faces = [face for each in seen for face in each]
            found = Found(distinct(faces), full=any(each.full for each in seen))
        return found

    def look(self, _frame: Frame, found: Found, /) -> Found:
        """The same: each photograph is searched completely."""
        return found

    def close(self) -> None:
        """Release the runtime."""
        self._finder.close()

    def _found_in(self, frame: Frame, part: Part) -> Found:
        left, top, side = part
        pixels = np.ascontiguousarray(frame.pixels[top : top + side, left : left + side])
        found = self._finder.find(Frame(pixels, frame.captured_at, frame.index))
        return Found(tuple(_moved(face, left, top) for face in found), full=found.full)


def _sides(width: int, height: int) -> Iterator[int]:
    """Tile sides, from the image's shorter side down."""
    side = min(width, height)
    if side == max(width, height):
        side //= 2
    while side >= SMALLEST_PART_PX:
        yield side
        side //= 2


def _parts(width: int, height: int, side: int) -> Iterator[Part]:
    for top in _starts(height, side):
        for left in _starts(width, side):
            yield left, top, side


def _starts(length: int, side: int) -> Sequence[int]:
    """Tile starts, so that tiles overlap by half or more and reach both ends."""
    steps = -(-2 * (length - side) // side)
    return [round(step * (length - side) / steps) for step in range(steps + 1)] if steps else [0]


def _moved(face: Face, left: int, top: int) -> Face:
    """A face of a tile, in the coordinates of the whole image."""
    box = face.box
    mesh = face.mesh + np.array([left, top], np.float32)
    return replace(face, box=Box(box.x + left, box.y + top, box.width, box.height), mesh=mesh)
