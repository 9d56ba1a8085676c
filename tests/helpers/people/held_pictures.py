"""A photograph on a sheet or a screen that somebody holds before the camera, by computation.

The photograph is a frame of a recording, so a network sees nothing wrong with it: it stands for a
sheet or a screen of a quality that is better than the camera's. It is a plane that moves and tilts
in the hand, seen by a camera with perspective, and each picture has noise of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from evaluation_data import FPS
from numpy.typing import NDArray

from hardware.camera.codec import cv2
from kiosk.domain.vision.face import Box
from kiosk.domain.vision.frame import Pixels

Matrix = NDArray[np.float64]

AWAY = 4.5
"""Widths of the face from camera to sheet: 60 cm."""
SENSOR_NOISE = 2.0
TREMOR_HZ, TREMOR = 8.0, 0.002
"""A hand's own, in widths of the face: 0.3 mm."""


@dataclass(frozen=True)
class Hand:
    """How a hand moves what it holds, root mean square.

    Attributes:
        sway: widths of the face; 0.03 is 4 mm, at a cycle and more a second.
        tilt: degrees.
        seed: another one is another movement.
    """

    sway: float
    tilt: float = 0.0
    seed: int = 0

    def at(self, seconds: float) -> tuple[Matrix, Matrix]:
        """Rotation (3, 3) and shift (3) in widths of the face."""
        chance = np.random.default_rng(self.seed)
        waves = chance.uniform(0.6, 1.4, 6), chance.uniform(0.0, 2 * np.pi, 6)
        swing = np.sqrt(2.0) * np.sin(2 * np.pi * waves[0] * seconds + waves[1])
        shake = TREMOR * np.sin(2 * np.pi * TREMOR_HZ * seconds + waves[1][:3])
        turn, _ = cv2.Rodrigues(np.radians(swing[3:] * np.array([1.0, 1.0, 0.5]) * self.tilt))
        still = self.sway == 0.0 and self.tilt == 0.0
        return np.asarray(turn), swing[:3] * self.sway + (0.0 if still else shake)


STILL = Hand(0.0)


@dataclass(frozen=True)
class Sheet:
    """What is held.

    Attributes:
        picture: the photograph, (height, width, 3) BGR.
        face: where the face is in it.
        reach: the sheet's edges, widths of the face from its middle; None where they leave the
            picture.
    """

    picture: Pixels
    face: Box
    reach: float | None = None

    def held(self, hand: Hand, behind: Sequence[Pixels], fps: float = FPS) -> list[Pixels]:
        """Before a scene, as many frames as that has."""
        noise = np.random.default_rng(hand.seed)
        return [
            _seen(self._before(scene, *hand.at(index / fps)), noise)
            for index, scene in enumerate(behind)
        ]

    def _before(self, scene: Pixels, turn: Matrix, shift: Matrix) -> Pixels:
        height, width = scene.shape[:2]
        plane = self._plane(turn, shift, (width, height))
        around = {} if self.reach else {"borderMode": cv2.BORDER_REFLECT}
        sheet = cv2.warpPerspective(self.picture, plane, (width, height), **around)
        if self.reach is None:
            return np.asarray(sheet, np.uint8)
        (x, y), w, h = self.face.centre, self.face.width * self.reach, self.face.height * self.reach
        mask = np.zeros(self.picture.shape[:2], np.uint8)
        cv2.rectangle(mask, _whole(x - w, y - h), _whole(x + w, y + h), 255, cv2.FILLED)
        there = cv2.warpPerspective(mask, plane, (width, height))[:, :, None] / 255.0
        return np.asarray(scene * (1 - there) + sheet * there, np.uint8)

    def _plane(self, turn: Matrix, shift: Matrix, size: tuple[int, int]) -> Matrix:
        """The homography from the photograph's pixels to the camera's."""
        (x, y), width = self.face.centre, self.face.width
        onto = np.array([[1 / width, 0, -x / width], [0, 1 / width, -y / width], [0, 0, 1.0]])
        pose = np.column_stack([turn[:, 0], turn[:, 1], shift + np.array([0.0, 0.0, AWAY])])
        focal = AWAY * width
        camera = np.array([[focal, 0, size[0] / 2], [0, focal, size[1] / 2], [0, 0, 1.0]])
        return np.asarray(camera @ pose @ onto)


def _whole(x: float, y: float) -> tuple[int, int]:
    return round(x), round(y)


def _seen(pixels: Pixels, chance: np.random.Generator) -> Pixels:
    soft = cv2.GaussianBlur(pixels, (0, 0), 0.7)
    noisy = soft + chance.normal(0.0, SENSOR_NOISE, soft.shape)
    return np.asarray(np.clip(np.round(noisy), 0, 255), np.uint8)
