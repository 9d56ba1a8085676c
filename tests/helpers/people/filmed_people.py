"""Films for the kiosk's camera: recordings as they are, or put together from several.

A film says of itself what it is by its name; the same name always shows the same frames.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, cycle, islice
from pathlib import Path

import numpy as np
from evaluation_data import FPS, pictures

from hardware.camera.codec import cv2
from hardware.camera.replay import FolderReplay
from kiosk.domain.errors import EndOfSource
from kiosk.domain.ports import Camera
from kiosk.domain.vision.face import Box
from kiosk.domain.vision.frame import Frame, Instant, Pixels

WIDTH, HEIGHT = 640, 480
Strips = Sequence[Pixels]
"""(480, 210, 3) each: one face in the middle."""
STRIP_PX = 210
"""So wide is each person's strip where two stand side by side: a head and no more."""


class FilmCamera:
    """Shows pictures in order, then ends."""

    def __init__(self, shown: Sequence[Pixels], fps: float) -> None:
        self._shown = list(shown)
        self._fps = fps
        self._index = 0

    def read(self, timeout: float) -> Frame:
        assert timeout > 0.0
        index, self._index = self._index, self._index + 1
        if index >= len(self._shown):
            raise EndOfSource("film")
        return Frame(self._shown[index], Instant(index / self._fps), index)

    def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True)
class Film:
    """What the camera will see."""

    name: str
    camera: Callable[[], Camera]


def recorded(name: str, frames: Sequence[Path]) -> Film:
    """A recording, read by the kiosk's own camera for folders."""
    return Film(name, lambda: FolderReplay(frames, FPS))


def composed(name: str, shown: Sequence[Pixels], fps: float = FPS) -> Film:
    return Film(name, lambda: FilmCamera(shown, fps))


def side_by_side(left: Strips, right: Strips) -> list[Pixels]:
    """Two people in one picture, cheek by cheek; as many frames as the longer recording."""
    count = max(len(left), len(right))
    pairs = zip(*(islice(cycle(strips), count) for strips in (left, right)), strict=True)
    return [_beside(pair) for pair in pairs]


def strip(pixels: Pixels, box: Box) -> Pixels:
    """So much of a picture as stands around a face, moved so that the face is in the middle."""
    across, down = box.centre
    shift = np.array([[1, 0, STRIP_PX / 2 - across], [0, 1, HEIGHT / 2 - down]], np.float64)
    moved = cv2.warpAffine(pixels, shift, (STRIP_PX, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)


def _beside(pair: Strips) -> Pixels:
    both = np.hstack(pair)
    around = cv2.GaussianBlur(cv2.resize(both, (WIDTH, HEIGHT)), (0, 0), 25)
    scene, start = np.asarray(around, np.uint8), WIDTH // 2 - STRIP_PX
    scene[:, start : start + both.shape[1]] = both
    return scene


def shrunk(frames: Sequence[Path], share: float, x: float = 0.5, y: float = 0.5) -> list[Pixels]:
    """Everything so much smaller, in the middle of its own blurred surroundings."""
    return [inset(_blurred(p), p, share, x, y) for p in pictures(frames)]


def _blurred(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 25), np.uint8)


def inset(onto: Pixels, pixels: Pixels, share: float, x: float, y: float) -> Pixels:
    """A smaller copy of one picture in another; x and y are where its middle comes."""
    size = (round(WIDTH * share), round(HEIGHT * share))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    left, top = round(x * WIDTH - size[0] / 2), round(y * HEIGHT - size[1] / 2)
    scene = onto.copy()
    scene[top : top + size[1], left : left + size[0]] = small
    return scene


def dimmed(frames: Sequence[Path], gain: float) -> list[Pixels]:
    """So much less light, with the noise that a sensor then shows."""
    rng = np.random.default_rng(5)
    return [
        np.clip(p * gain + rng.normal(0.0, 2.0, p.shape), 0, 255).astype(np.uint8)
        for p in pictures(frames)
    ]


def in_turn(*parts: Sequence[Pixels]) -> list[Pixels]:
    """One after the other, without a gap."""
    return list(chain(*parts))
