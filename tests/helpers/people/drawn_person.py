"""A drawn figure before a drawn room: the camera's picture in tests and pictures of the screen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def drawn_person(width: int, height: int) -> NDArray[np.uint8]:
    """(height, width, 3) uint8, BGR: soft light, and head and shoulders in the middle."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = (x - width / 2) / height, (y - height / 2) / height
    light = 0.55 - 0.28 * x + 0.22 * y
    room = np.stack([light * 188, light * 180, light * 176], axis=-1)
    _fill(room, x, y - 0.58, (0.38, 0.30), (96, 78, 60))
    _fill(room, x, y - 0.27, (0.085, 0.16), (118, 142, 178))
    _fill(room, x, y + 0.045, (0.172, 0.232), (48, 52, 62))
    _fill(room, x, y - 0.02, (0.150, 0.200), (146, 172, 208))
    return np.clip(room, 0, 255).astype(np.uint8)


def _fill(
    picture: NDArray[np.float32],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    radii: tuple[float, float],
    colour: tuple[int, int, int],
) -> None:
    """Paint a soft-edged, softly lit ellipse."""
    distance = np.sqrt((x / radii[0]) ** 2 + (y / radii[1]) ** 2)
    cover = np.clip((1 - distance) * radii[0] * 240, 0, 1)[..., None]
    shade = (1.06 - 0.5 * x - 0.18 * distance)[..., None]
    picture[:] = picture * (1 - cover) + np.asarray(colour, np.float32) * shade * cover
