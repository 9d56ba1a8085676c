"""Cameras that do what a test says, step by step, and the pictures that they show."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import numpy as np

from kiosk.domain.errors import CameraLost, EndOfSource
from kiosk.domain.vision.frame import Frame, Instant, Pixels

SIZE = (48, 64, 3)


def noise(seed: int) -> Pixels:
    """A picture that no other seed shows."""
    return np.random.default_rng(seed).integers(30, 220, SIZE, np.uint8)


def black(seed: int) -> Pixels:
    """Darkness as a sensor shows it: never twice the same."""
    return np.random.default_rng(seed).integers(0, 12, SIZE, np.uint8)


def frames(pictures: Iterable[Pixels], start: float = 0.0, fps: float = 10.0) -> list[Frame]:
    return [Frame(p, Instant(start + i / fps), i) for i, p in enumerate(pictures)]


class ScriptedCamera:
    """Gives out frames and raises errors in order; afterwards it is silent until it is closed."""

    def __init__(self, *script: Frame | Exception) -> None:
        self._script = list(script)
        self._closed = threading.Event()
        self.waiting = threading.Event()
        self.timeouts: list[float] = []

    @property
    def closed(self) -> bool:
        return self._closed.is_set()

    def read(self, timeout: float) -> Frame:
        self.timeouts.append(timeout)
        if self._closed.is_set():
            raise CameraLost("The scripted camera was closed.")
        if not self._script:
            self.waiting.set()
            self._closed.wait(100.0)
            raise CameraLost("The scripted camera was closed.")
        step = self._script.pop(0)
        if isinstance(step, Frame):
            return step
        raise step

    def close(self) -> None:
        self._closed.set()


END = EndOfSource("script")
