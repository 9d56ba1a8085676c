"""Recorded people turn their heads, by computation: the recordings have none who does.

The landmarks of a face have a depth. They are turned about the middle of the head, and the picture
is moved with them; what lies round the head stays where it is. Everything that is seen is the
person's own picture, so the networks see a real face that is a little distorted at its edges.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import evaluation_data
import numpy as np
from numpy.typing import NDArray

from hardware.camera.codec import cv2
from kiosk.domain.vision.frame import Pixels
from models.faces.networks import FaceNetworks

Points = NDArray[np.float64]

BEHIND = 0.35
"""The middle of the head lies behind the middle of the face's landmarks, in widths of the face."""
SILHOUETTE = 1.45
"""The outline of head and hair is so much larger than the face; it stays as the head turns."""
FAR = 2.2
"""So far from the face nothing moves at all."""
AWAY = 4.5
"""Widths of the face from camera to face: 60 cm."""
EVERY = 4
"""One landmark in four says how the rest moves."""
STEP_PX = 12
"""The movement is computed at points so far apart, and between them interpolated."""


@dataclass(frozen=True)
class Turn:
    """How far a head turns, degrees; the directions are those of `Pose`."""

    yaw: float = 0.0
    pitch: float = 0.0

    def towards(self, other: Turn, share: float) -> Turn:
        """The turn that is that share of the way to another one."""
        yaw = self.yaw + (other.yaw - self.yaw) * share
        return Turn(yaw, self.pitch + (other.pitch - self.pitch) * share)


def turned(pixels: Pixels, points: Points, turn: Turn) -> Pixels:
    """The picture with the head turned.

    Args:
        pixels: (height, width, 3) BGR.
        points: (478, 3) landmarks of the face; see `landmarks`.
        turn: from how the head is held in the picture.
    """
    if turn == Turn():
        return pixels
    middle, size = points.mean(axis=0), float(np.ptp(points[:, 0]))
    about = middle + np.array([0.0, 0.0, BEHIND * size])
    moved = _projected((points - about) @ _rotation(turn).T, size)
    still = _projected(points - about, size)
    flat = points[::EVERY, :2]
    onto = flat + (moved - still)[::EVERY]
    ring = _ring(points, middle)
    sources, targets = np.vstack([flat, ring]), np.vstack([onto, ring])
    return _remapped(pixels, targets, sources - targets)


def _rotation(turn: Turn) -> Points:
    """(3, 3) in the picture's axes: x to the right, y down, z away from the camera."""
    up, _ = cv2.Rodrigues(np.radians([-turn.pitch, 0.0, 0.0]))
    aside, _ = cv2.Rodrigues(np.radians([0.0, -turn.yaw, 0.0]))
    return np.asarray(aside @ up, np.float64)


def _projected(points: Points, size: float) -> Points:
    return points[:, :2] * (AWAY * size / (AWAY * size + points[:, 2:]))


def _ring(points: Points, middle: Points) -> Points:
    """Points round the head, which stay: the outline of the head, and one further out."""
    hull = cv2.convexHull(points[:, :2].astype(np.float32)).reshape(-1, 2).astype(np.float64)
    rings = [middle[:2] + (hull - middle[:2]) * share for share in (SILHOUETTE, FAR)]
    return np.vstack(rings)


def _remapped(pixels: Pixels, targets: Points, shifts: Points) -> Pixels:
    """The picture, of which each target shows what lies its shift away."""
    low, high = np.floor(targets.min(axis=0)), np.ceil(targets.max(axis=0))
    across = np.arange(low[0], high[0] + STEP_PX, STEP_PX)
    down = np.arange(low[1], high[1] + STEP_PX, STEP_PX)
    grid = np.stack(np.meshgrid(across, down), axis=-1)
    moves = _spread(targets, shifts, grid.reshape(-1, 2)).reshape(grid.shape)
    left, top = int(low[0]), int(low[1])
    size = ((len(across) - 1) * STEP_PX + 1, (len(down) - 1) * STEP_PX + 1)
    fine = _enlarged(moves, size)
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + size[0], pixels.shape[1]), min(top + size[1], pixels.shape[0])
    fine = fine[y0 - top : y1 - top, x0 - left : x1 - left]
    xs, ys = np.meshgrid(np.arange(x0, x1), np.arange(y0, y1))
    from_x, from_y = (fine[..., 0] + xs).astype(np.float32), (fine[..., 1] + ys).astype(np.float32)
    made = pixels.copy()
    made[y0:y1, x0:x1] = cv2.remap(
        pixels, from_x, from_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return made


def _enlarged(moves: Points, size: tuple[int, int]) -> Points:
    """Values at each pixel from those at points `STEP_PX` apart."""
    xs, ys = np.meshgrid(np.arange(size[0]) / STEP_PX, np.arange(size[1]) / STEP_PX)
    made = cv2.remap(
        moves.astype(np.float32), xs.astype(np.float32), ys.astype(np.float32), cv2.INTER_LINEAR
    )
    return np.asarray(made, np.float64)


def _spread(known: Points, values: Points, wanted: Points) -> Points:
    """Values at other points, smoothly, by thin plates through those that are known."""
    count, scale = len(known), float(np.ptp(known))
    plain = np.column_stack([np.ones(count), known / scale])
    system = np.zeros((count + 3, count + 3))
    system[:count, :count] = _plate(known / scale, known / scale) + 1e-5 * np.eye(count)
    system[:count, count:], system[count:, :count] = plain, plain.T
    # NumPy would do so small a thing on every core at once, and burn them all.
    _, weights = cv2.solve(system, np.vstack([values, np.zeros((3, 2))]))
    flat = np.column_stack([np.ones(len(wanted)), wanted / scale])
    bent = np.hstack([_plate(wanted / scale, known / scale), flat])
    return np.einsum("ij,jk->ik", bent, weights)


def _plate(one: Points, other: Points) -> Points:
    squares = ((one[:, np.newaxis] - other[np.newaxis]) ** 2).sum(axis=-1)
    return np.asarray(0.5 * squares * np.log(squares + 1e-12))


@functools.cache
def _networks() -> FaceNetworks:
    return FaceNetworks(evaluation_data.pack().files["landmarks"])


def landmarks(pixels: Pixels) -> Points:
    """The landmarks of the largest face of a picture, (478, 3); there is one."""
    frame = evaluation_data.frame_of(pixels)
    seen = (_networks().points(frame, region) for region in _networks().regions(frame))
    found = [points for points in seen if points is not None]
    return max(found, key=lambda points: float(np.ptp(points[:, 0]))).astype(np.float64)
