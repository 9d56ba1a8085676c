"""One picture from a camera. It is kept in memory only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

import numpy as np
from numpy.typing import NDArray

Instant = NewType("Instant", float)
"""Monotonic seconds of the kiosk's clock, stamped by the caller."""

Pixels = NDArray[np.uint8]
"""(height, width, 3), blue-green-red, 0 to 255."""

LEAST_FPS = 3.0
"""The lowest usable frame rate: a decision takes several frames of a short visit."""
MOST_PIXELS = 4096 * 4096
"""Limit for a camera's picture. A larger one is refused by its announced size, before it takes
memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A captured picture and when it was captured.

    Attributes:
        pixels: (height, width, 3) uint8, BGR; never written to after capture.
        captured_at: monotonic seconds at which the camera delivered it.
        index: counts from 0 within one opening of the source.
        fresh: true if the source proves that it is a new picture, even if every bit is the same: it
            came with a later time, in a codec that sends only changes.
        still: true if nothing in it has changed for so long that no living person is in it.
    """

    pixels: Pixels
    captured_at: Instant
    index: int
    fresh: bool = False
    still: bool = False

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0])

    def __repr__(self) -> str:
        return f"Frame(#{self.index}, {self.width}x{self.height}, at={self.captured_at:.3f})"
