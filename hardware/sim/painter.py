"""The images of a scene, one moment at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.sim.paper import Cutout, cutout
from hardware.sim.scene import Background, Figure, Scene
from kiosk.domain.vision.frame import Pixels

NOISE_MARGIN = 64
FLIPS = (0, 1)
"""Upside down, then left to right: four frames pass until the noise lies the same way again."""
BLUR = 0.06
"""Blur of the background, as a share of the frame's height."""


class ScenePainter:
    """One scene with everything precomputed that does not change between frames.

    Args:
        scene: the scene.
        size: width and height of its images, pixels.
        rng: of its noise.
    """

    def __init__(self, scene: Scene, size: tuple[int, int], rng: np.random.Generator) -> None:
        self._scene, self._size = scene, size
        self._background = _background(scene, size)
        self._cutouts = [cutout(figure, rng) for figure in scene.figures]
        shape = (size[1] + NOISE_MARGIN, size[0] + NOISE_MARGIN, 3)
        noise = (rng.standard_normal(shape) * scene.noise).round()
        self._noise: cv2.typing.MatLike = noise.astype(np.int16)
        self._drawn = 0

    def render(
        self,
        share: float | None,
        since: float,
        rng: np.random.Generator,
        cutouts: Sequence[Cutout] | None = None,
        card: Pixels | None = None,
    ) -> Pixels:
        """The image at one moment of the scene.

        Args:
            share: of the way that is done; None while nobody is there.
            since: seconds from the start of the scene.
            rng: chooses the noise.
            cutouts: the figures as they hold themselves now; None for as the scene has them.
            card: held into the lower right corner; None for none.
        """
        scene, picture = self._scene, self._background
        if share is not None:
            for figure, ready in zip(scene.figures, cutouts or self._cutouts, strict=True):
                picture = self._with(picture, figure, ready, share, since)
        if card is not None:
            picture = picture.copy()
            picture[-card.shape[0] :, -card.shape[1] :] = card
        light = scene.light.at(1.0 if share is None else share)
        light *= 1.0 + scene.flicker * math.sin(since * 5.3)
        return self._sensed(cv2.convertScaleAbs(picture, alpha=light), rng)

    def _with(
        self, picture: Pixels, figure: Figure, ready: Cutout, share: float, since: float
    ) -> Pixels:
        to_frame = _placed(figure, ready, self._size, share, self._sway(since))
        front = cv2.warpPerspective(ready.pixels, to_frame, self._size, flags=cv2.INTER_LINEAR)
        mask = cv2.warpPerspective(ready.mask, to_frame, self._size, flags=cv2.INTER_LINEAR)
        whole = np.asarray(mask, np.float32)
        return np.asarray(cv2.blendLinear(front, picture, whole, 1.0 - whole), np.uint8)

    def _sway(self, since: float) -> tuple[float, float, float]:
        """Offset sideways and up in face heights, and lean in degrees: people never stand still."""
        amount = self._scene.sway
        return (
            amount * (math.sin(since * 2.1) + 0.4 * math.sin(since * 5.7)),
            amount * (math.sin(since * 1.7 + 1.0) + 0.4 * math.sin(since * 6.3)),
            100.0 * amount * math.sin(since * 1.3 + 0.5),
        )

    def _sensed(self, picture: cv2.typing.MatLike, rng: np.random.Generator) -> Pixels:
        """Add sensor noise, different in every frame.

        It is turned over from frame to frame: moved alone, it would look like a wall that moves.
        """
        self._noise = cv2.flip(self._noise, FLIPS[self._drawn % len(FLIPS)])
        self._drawn += 1
        x, y = rng.integers(0, NOISE_MARGIN, 2)
        width, height = self._size
        noise = self._noise[y : y + height, x : x + width]
        return np.asarray(cv2.add(picture, noise, dtype=cv2.CV_8U), np.uint8)


def _placed(
    figure: Figure,
    ready: Cutout,
    size: tuple[int, int],
    share: float,
    sway: tuple[float, float, float],
) -> NDArray[np.float64]:
    """The (3, 3) transform from the cutout's pixels to the frame's."""
    width, height = size
    face_px = figure.size.at(share) * height
    aside, up, lean = sway
    x = figure.x.at(share) * width + aside * face_px
    y = figure.y.at(share) * height + up * face_px
    scale = face_px / ready.face_px
    angle = math.radians(lean)
    c, s = scale * math.cos(angle), scale * math.sin(angle)
    to_face = np.array([[1, 0, -ready.centre[0]], [0, 1, -ready.centre[1]], [0, 0, 1]])
    depth = ready.perspective / (ready.pixels.shape[1] / 2)
    tilt = np.array([[1, 0, 0], [0, 1, 0], [-depth, 0, 1]])
    to_frame = np.array([[c, -s, x], [s, c, y], [0, 0, 1]])
    return np.asarray(to_frame @ tilt @ to_face, np.float64)


def _background(scene: Scene, size: tuple[int, int]) -> Pixels:
    width, height = size
    if scene.background is Background.PLAIN or not scene.figures:
        wall = np.linspace(120, 160, width)[np.newaxis, :, np.newaxis]
        return np.broadcast_to(wall, (height, width, 3)).astype(np.uint8)
    photograph = scene.figures[0].portrait.pixels
    edge = max(1, photograph.shape[1] // 5)
    sides = np.hstack([photograph[:, :edge], photograph[:, -edge:]])[: photograph.shape[0] // 2]
    whole = cv2.resize(sides, size)
    return np.asarray(cv2.GaussianBlur(whole, (0, 0), BLUR * height), np.uint8)
