"""Recordings as another light, another camera or a worse sensor would show them.

The same name and the same frames always give the same pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardware.camera.codec import cv2
from kiosk.domain.vision.frame import Pixels

Plane = NDArray[np.float32]
Chance = np.random.Generator
Change = Callable[[Plane, Chance], Plane]


def cast(blue: float, green: float, red: float) -> Change:
    """Light of another colour."""
    return lambda x, _: x * np.array([blue, green, red], np.float32)


def noise(deviation: float, *, grain: int = 1, colour: bool = True) -> Change:
    """Grains of so many pixels; without colour all three channels have the same."""

    def add(x: Plane, chance: Chance) -> Plane:
        height, width, depth = x.shape[0], x.shape[1], 3 if colour else 1
        size = (
            (height // grain + 1, width // grain + 1, depth)
            if grain > 1
            else (
                height,
                width,
                depth,
            )
        )
        made = chance.standard_normal(size, np.float32)
        if grain > 1:
            made = np.asarray(
                cv2.resize(made, (width, height), interpolation=cv2.INTER_CUBIC), np.float32
            ).reshape(height, width, depth)
        return x + made * np.float32(deviation / made.std())

    return add


def colour_noise(deviation: float) -> Change:
    """Noise that leaves the luma as it is."""

    def add(x: Plane, chance: Chance) -> Plane:
        made = chance.standard_normal(x.shape, np.float32)
        luma = made @ np.array([0.114, 0.587, 0.299], np.float32)
        return x + np.float32(deviation) * (made - luma[:, :, None])

    return add


def salt_and_pepper(share: float) -> Change:
    """Dead and stuck pixels."""

    def strike(x: Plane, chance: Chance) -> Plane:
        struck = chance.random(x.shape[:2], np.float32) < share
        values = chance.integers(0, 2, x.shape[:2]).astype(np.float32) * 255
        return np.where(struck[:, :, None], values[:, :, None], x).astype(np.float32)

    return strike


def gamma(exponent: float) -> Change:
    return lambda x, _: 255 * (x / 255) ** np.float32(exponent)


def contrast(gain: float) -> Change:
    return lambda x, _: (x - 128) * np.float32(gain) + 128


def sharpened(amount: float) -> Change:
    return lambda x, _: x + np.float32(amount) * (x - cv2.GaussianBlur(x, (0, 0), 2))


def jpeg(quality: int) -> Change:
    def through(x: Plane, _: Chance) -> Plane:
        kept, code = cv2.imencode(".jpg", _bytes(x), [cv2.IMWRITE_JPEG_QUALITY, quality])
        assert kept
        return np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR), np.float32)

    return through


def blurred(deviation: float) -> Change:
    """A lens that is out of focus."""
    return lambda x, _: np.asarray(cv2.GaussianBlur(x, (0, 0), deviation), np.float32)


def scaled(factor: float) -> Change:
    """A camera of another resolution, or a stream that was scaled up."""

    def resize(x: Plane, _: Chance) -> Plane:
        how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(x, None, fx=factor, fy=factor, interpolation=how), np.float32)

    return resize


def from_the_side(dark: float, bright: float) -> Change:
    """Light that falls off from right to left."""

    def shade(x: Plane, _: Chance) -> Plane:
        return x * np.linspace(dark, bright, x.shape[1], dtype=np.float32)[None, :, None]

    return shade


def both(*changes: Change) -> Change:
    """One after the other."""

    def apply(x: Plane, chance: Chance) -> Plane:
        for change in changes:
            x = change(x, chance)
        return x

    return apply


TEN: Mapping[str, Change] = {
    "plain": both(),
    "warm-0.15": cast(0.85, 1.0, 1.15),
    "warm-0.3": cast(0.7, 1.0, 1.3),
    "cool-0.3": cast(1.3, 1.0, 0.7),
    "noise-10": noise(10.0),
    "noise-20": noise(20.0),
    "gamma-0.6": gamma(0.6),
    "gamma-1.6": gamma(1.6),
    "contrast-1.4": contrast(1.4),
    "sharp-1": sharpened(1.0),
}
"""What honest people must be let in under."""

MORE: Mapping[str, Change] = {
    "warm-0.5": cast(0.5, 1.0, 1.5),
    "cool-0.5": cast(1.5, 1.0, 0.5),
    "green": cast(0.85, 1.3, 0.85),
    "magenta": cast(1.15, 0.7, 1.15),
    "noise-30": noise(30.0),
    "noise-40": noise(40.0),
    "noise-60": noise(60.0),
    "noise-20 without colour": noise(20.0, colour=False),
    "noise-40 of colour": colour_noise(40.0),
    "grain of 2 px": noise(15.0, grain=2),
    "grain of 3 px": noise(15.0, grain=3),
    "grain of 5 px": noise(15.0, grain=5),
    "grain of 8 px": noise(10.0, grain=8),
    "dead pixels": salt_and_pepper(0.02),
    "many dead pixels": salt_and_pepper(0.1),
    "noise-20 in JPEG 40": both(noise(20.0), jpeg(40)),
    "noise-30 in JPEG 40": both(noise(30.0), jpeg(40)),
    "warm-0.3 with noise-20": both(cast(0.7, 1.0, 1.3), noise(20.0)),
    "cool-0.3 with noise-20": both(cast(1.3, 1.0, 0.7), noise(20.0)),
    "gamma-1.6 with noise-20": both(gamma(1.6), noise(20.0)),
    "JPEG 40": jpeg(40),
    "JPEG 15": jpeg(15),
    "contrast-0.6": contrast(0.6),
    "half the pixels": scaled(0.5),
    "three quarters of the pixels": scaled(0.75),
    "scaled up": scaled(1.5),
    "half the pixels with noise-20": both(scaled(0.5), noise(20.0)),
    "noise-20 scaled up": both(noise(20.0), scaled(1.5)),
    "light from the side": from_the_side(0.5, 1.4),
    "blur": blurred(1.5),
}
"""What an attacker may try, and honest people need not be let in under."""


@dataclass(frozen=True)
class Light:
    """One of these, ready for the frames of one recording."""

    name: str

    def on(self, shown: Sequence[Pixels]) -> list[Pixels]:
        """Every frame with noise of its own."""
        change = (TEN | MORE)[self.name]
        chance = np.random.default_rng(0)
        return [_bytes(change(pixels.astype(np.float32), chance)) for pixels in shown]


def _bytes(x: Plane) -> Pixels:
    return np.clip(x, 0, 255).astype(np.uint8)
