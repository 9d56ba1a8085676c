"""How people move their heads, to answer or for another reason, and films of somebody who does."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from turned_heads import Turn, landmarks, turned

from hardware.camera.codec import cv2
from kiosk.domain.vision.frame import Pixels

Move = Callable[[float], Turn]
"""How a head is held, by seconds."""


def nod(degrees: float, hertz: float, times: float = 2.0) -> Move:
    """Down and up again, so many times, and then at rest."""

    def move(at: float) -> Turn:
        done = at * hertz
        there = (1 - math.cos(2 * math.pi * done)) / 2 if 0.0 <= done <= times else 0.0
        return Turn(pitch=-degrees * there)

    return move


def shake(degrees: float, hertz: float, times: float = 2.0) -> Move:
    """From the middle to one side, to the other, and so on; so wide from side to side."""

    def move(at: float) -> Turn:
        done = at * hertz
        there = math.sin(2 * math.pi * done) if 0.0 <= done <= times else 0.0
        return Turn(yaw=degrees / 2 * there)

    return move


def reading(at: float) -> Turn:
    """A sheet, held low: line by line, and down the page."""
    line = (at % 1.4) / 1.4
    down = 12.0 + 2.0 * min(at / 6.0, 1.0)
    return Turn(yaw=8.0 * (line if line < 0.8 else 5 * (1 - line) * 0.8) - 3.0, pitch=-down)


def talking(at: float) -> Turn:
    """The head goes with the words, to all sides, in no rhythm."""
    waves = ((0.9, 3.0, 0.3), (1.7, 2.0, 1.1), (2.9, 1.2, 2.6))
    pitch = sum(size * math.sin(2 * math.pi * hertz * at + late) for hertz, size, late in waves)
    yaw = sum(size * math.cos(2 * math.pi * 0.7 * hertz * at - late) for hertz, size, late in waves)
    return Turn(yaw=yaw, pitch=pitch)


def walking(at: float) -> Turn:
    """Each step bobs the head and sways it."""
    return Turn(
        yaw=2.5 * math.sin(2 * math.pi * 0.95 * at), pitch=2.5 * math.sin(2 * math.pi * 1.9 * at)
    )


def laughing(at: float) -> Turn:
    """The head goes back, and shakes with each breath."""
    back = 9.0 * max(0.0, math.sin(2 * math.pi * 0.3 * at))
    return Turn(pitch=back + 1.8 * math.sin(2 * math.pi * 4.5 * at), yaw=back / 3)


def filmed(
    frames: Sequence[Pixels], move: Move, fps: float, seconds: float, first: int = 0
) -> list[Pixels]:
    """Frames of somebody who moves their head so.

    Args:
        frames: of a recording; they are seen again and again.
        move: of the head, from how it is held there.
        fps: frames a second.
        seconds: how long.
        first: the frame that comes first.
    """
    made = []
    for number in range(round(seconds * fps)):
        frame = frames[(first + number) % len(frames)]
        turn = move(number / fps)
        made.append(frame if turn == Turn() else turned(frame, landmarks(frame), turn))
    return made


def beside(pixels: Pixels, across: float) -> Pixels:
    """The picture moved to its right, by a share of its width; the edge goes on as it is."""
    high, wide = pixels.shape[:2]
    shift = np.array([[1.0, 0.0, across * wide], [0.0, 1.0, 0.0]])
    moved = cv2.warpAffine(pixels, shift, (wide, high), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)
