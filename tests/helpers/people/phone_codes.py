"""Codes on a telephone that is held before the kiosk's camera, by computation.

A camera of 640x480 with 60 degrees across sees a code as wide as a telephone's screen, 60 mm with
its margin. The telephone tilts in the hand, is out of focus, mirrors a lamp, and refreshes its
screen while the camera's shutter is open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import segno
from numpy.typing import NDArray

from hardware.camera.codec import cv2
from kiosk.domain.vision.frame import Frame, Instant, Pixels

WIDTH, HEIGHT = 640, 480
FOCAL_PX = 554.0
CODE_MM = 60.0
NEAR_CM, FAR_CM = 12.0, 30.0
FOCUS_CM, APERTURE_PX_CM = 30.0, 25.0
"""A camera of fixed focus is sharp at that distance; the blur grows with the nearness."""
FINE = 3
"""The picture is drawn so many times finer than the camera sees it."""
MARGIN = 4


@dataclass(frozen=True)
class Telephone:
    """How a telephone is held, and what the light and its screen do.

    Attributes:
        distance_cm: from the camera.
        tilt: about the vertical, the horizontal and the axis of sight, degrees.
        shift: of its middle from the picture's, pixels.
        blur: of an eye that is never quite still, pixels.
        black: of the screen, 0 to 255.
        white: of the screen; above 255 it is overexposed.
        glare: how much a lamp that is mirrored adds in its middle.
        glare_at: where, in widths of the code from its middle.
        bands: how much darker the screen is where it is refreshed, as a share.
        band_px: how far apart such bands are.
        noise: standard deviation of the sensor's noise.
        seed: of the noise.
    """

    distance_cm: float
    tilt: tuple[float, float, float] = (0.0, 0.0, 0.0)
    shift: tuple[float, float] = (0.0, 0.0)
    blur: float = 0.0
    black: float = 20.0
    white: float = 235.0
    glare: float = 0.0
    glare_at: tuple[float, float] = (0.0, 0.0)
    bands: float = 0.0
    band_px: float = 90.0
    noise: float = 0.0
    seed: int = 0


def some_telephone(chance: np.random.Generator, distance_cm: float) -> Telephone:
    """A telephone as people hold one, with everything wrong that is often wrong."""
    return Telephone(
        distance_cm=distance_cm,
        tilt=(chance.uniform(-20, 20), chance.uniform(-20, 20), chance.uniform(-15, 15)),
        shift=(chance.uniform(-60, 60), chance.uniform(-40, 40)),
        blur=chance.uniform(0.2, 0.6),
        black=chance.uniform(10, 60),
        white=chance.uniform(170, 265),
        glare=chance.uniform(0, 110),
        glare_at=(chance.uniform(-0.5, 0.5), chance.uniform(-0.5, 0.5)),
        bands=chance.uniform(0, 0.35),
        band_px=chance.uniform(50, 200),
        noise=chance.uniform(2, 8),
        seed=int(chance.integers(1 << 30)),
    )


def held_up(text: str, phone: Telephone, error: str = "m", scene: Pixels | None = None) -> Frame:
    """What the camera sees.

    Args:
        text: of the code.
        phone: how it is held.
        error: the code's level of error correction.
        scene: behind it, (480, 640, 3); None for a grey wall.
    """
    chance = np.random.default_rng(phone.seed)
    behind = np.full((HEIGHT, WIDTH, 3), 110, np.uint8) if scene is None else scene
    code, onto = _code(text, error), _onto_frame(phone)
    screen, where = _screen(code, onto, phone)
    screen = screen * _bands(phone, chance)[:, np.newaxis] + _glare(onto, phone)
    seen = behind * (1.0 - where[..., np.newaxis]) + (screen * where)[..., np.newaxis]
    seen = cv2.GaussianBlur(seen, (0, 0), _sigma(phone)) if _sigma(phone) > 0.0 else seen
    grain = chance.normal(0.0, phone.noise, seen.shape)
    return Frame(np.clip(seen + grain, 0, 255).astype(np.uint8), Instant(0.0), 0)


def _code(text: str, error: str) -> Pixels:
    """One pixel a module, with the margin."""
    made = segno.make_qr(text, error=error)
    return np.array([[0 if dark else 1 for dark in r] for r in made.matrix_iter(MARGIN)], np.uint8)


def _sigma(phone: Telephone) -> float:
    away = abs(1.0 / phone.distance_cm - 1.0 / FOCUS_CM) * APERTURE_PX_CM
    return float(np.hypot(phone.blur, away))


def _onto_frame(phone: Telephone) -> NDArray[np.float64]:
    """(3, 3) from the code, -0.5 to 0.5 in widths, onto the picture."""
    aside, _ = cv2.Rodrigues(np.radians([0.0, phone.tilt[0], 0.0]))
    up, _ = cv2.Rodrigues(np.radians([phone.tilt[1], 0.0, 0.0]))
    lean, _ = cv2.Rodrigues(np.radians([0.0, 0.0, phone.tilt[2]]))
    axes = (aside @ up @ lean)[:, :2] * CODE_MM
    placed = np.column_stack([axes, [0.0, 0.0, phone.distance_cm * 10.0]])
    middle = (WIDTH / 2 + phone.shift[0], HEIGHT / 2 + phone.shift[1])
    camera = np.array([[FOCAL_PX, 0.0, middle[0]], [0.0, FOCAL_PX, middle[1]], [0.0, 0.0, 1.0]])
    return np.asarray(camera @ placed, np.float64)


def _screen(
    code: Pixels, onto: NDArray[np.float64], phone: Telephone
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The brightness of the telephone's screen, and where in the picture it is."""
    side = len(code)
    unit = np.array([[1 / side, 0.0, -0.5], [0.0, 1 / side, -0.5], [0.0, 0.0, 1.0]])
    finer = np.diag([FINE, FINE, 1.0]) @ onto @ unit
    size = (WIDTH * FINE, HEIGHT * FINE)
    lit = phone.black + (phone.white - phone.black) * code.astype(np.float32)
    large = cv2.warpPerspective(lit, finer, size, flags=cv2.INTER_NEAREST)
    there = cv2.warpPerspective(np.ones_like(lit), finer, size, flags=cv2.INTER_NEAREST)
    small = (WIDTH, HEIGHT)
    mean = cv2.resize(large, small, interpolation=cv2.INTER_AREA).astype(np.float64)
    where = cv2.resize(there, small, interpolation=cv2.INTER_AREA).astype(np.float64)
    return np.divide(mean, where, out=np.zeros_like(mean), where=where > 0.0), where


def _bands(phone: Telephone, chance: np.random.Generator) -> NDArray[np.float64]:
    rows = np.arange(HEIGHT) / phone.band_px + chance.uniform()
    return np.asarray(1.0 - phone.bands * (0.5 + 0.5 * np.sin(2 * np.pi * rows)))


def _glare(onto: NDArray[np.float64], phone: Telephone) -> NDArray[np.float64]:
    across, down, depth = onto @ np.array([*phone.glare_at, 1.0])
    xs, ys = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    radius = FOCAL_PX * CODE_MM / (phone.distance_cm * 10.0) / 5.0
    away = ((xs - across / depth) ** 2 + (ys - down / depth) ** 2) / radius**2
    return np.asarray(phone.glare * np.exp(-away / 2))
