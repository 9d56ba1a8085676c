from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kiosk.domain.vision.frame import Frame, Instant
from kiosk.pipeline.badge_scanner import BadgeWatch


class Held:
    """Fulfils CodeReader: what is held up now."""

    def __init__(self) -> None:
        self.texts: tuple[str, ...] = ()
        self.looks = 0

    def read(self, frame: Frame) -> Sequence[str]:  # noqa: ARG002 - whatever it shows
        self.looks += 1
        return self.texts


def seen(moments: Sequence[float], held: Held) -> list[str]:
    shown: list[str] = []
    watch = BadgeWatch(held, shown.append)
    pixels = np.zeros((4, 4, 3), np.uint8)
    for index, at in enumerate(moments):
        watch.look(Frame(pixels, Instant(at), index))
    return shown


def test_a_badge_that_is_held_up_is_told_once() -> None:
    held = Held()
    held.texts = ("a",)
    assert seen([0.1 * i for i in range(100)], held) == ["a"]
    assert held.looks <= 50, "not every frame is looked at"


def test_a_badge_that_comes_back_is_told_again() -> None:
    held = Held()
    held.texts = ("a", "b")
    assert seen([0.0, 0.3, 3.4], held) == ["a", "b", "a", "b"]


def test_nobody_holds_anything_up() -> None:
    assert seen([0.0, 1.0, 2.0], Held()) == []
