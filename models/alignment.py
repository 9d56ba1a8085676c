"""Alignment of faces to the networks' input. Pure geometry; every constant is measured or cited.

Sources: Umeyama 1991 for the least-squares similarity; the 112 x 112 positions are ArcFace's; the
crop for attack detection is that of MiniFASNet (grown about the centre, shifted inside the frame).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.domain.vision.face import Box, Mesh
from kiosk.domain.vision.frame import Pixels

FIVE_OF_478 = (468, 473, 4, 61, 291)
"""Iris centres (left and right in the image), nose tip, mouth corners."""

ARCFACE_112: NDArray[np.float64] = np.array(
    [
        (38.2946, 51.6963),
        (73.5318, 51.5014),
        (56.0252, 71.7366),
        (41.5493, 92.3655),
        (70.7299, 92.2041),
    ]
)
ALIGNED_SIZE = 112

Affine = NDArray[np.float64]
"""(2, 3) matrix of an affine map."""

cv2.setNumThreads(1)  # of the whole process: the second core is the window's


def similarity(source: NDArray[np.floating], target: NDArray[np.floating]) -> NDArray[np.float64]:
    """The least-squares similarity transform from points to points (Umeyama 1991).

    In the plane it has a closed form: scale and rotation are one complex factor, the projection of
    the target on the source. `cv2.estimateAffinePartial2D` is not used: on five noisy points its
    robust fit can be badly wrong.

    Args:
        source: (n, 2) points.
        target: (n, 2) points.

    Returns:
        (2, 3) matrix for `cv2.warpAffine`; it never mirrors.
    """
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    here, there = source - source_mean, target - target_mean
    extent = np.vdot(here, here)
    along = np.vdot(here, there) / extent
    across = np.vdot(here[:, 0], there[:, 1]) - np.vdot(here[:, 1], there[:, 0])
    turned = np.array([[along, -across / extent], [across / extent, along]])
    return np.column_stack([turned, target_mean - turned @ source_mean])


def aligned(pixels: Pixels, mesh: Mesh) -> Pixels:
    """The face warped onto ArcFace's positions: (112, 112, 3) BGR."""
    matrix = similarity(mesh[list(FIVE_OF_478)].astype(np.float64), ARCFACE_112)
    crop = cv2.warpAffine(pixels, matrix, (ALIGNED_SIZE, ALIGNED_SIZE))
    return np.asarray(crop, dtype=np.uint8)


def warped(pixels: Pixels, matrix: Affine, size: int, border: int, flags: int = 0) -> Pixels:
    """A square crop, sampled linearly: that of `cv2.warpAffine`, the same to the bit.

    OpenCV samples four channels in less than half the time of three.

    Args:
        pixels: (height, width, 3) BGR.
        matrix: from pixels to crop.
        size: side of the crop in pixels.
        border: OpenCV's rule for what lies outside.
        flags: ``cv2.WARP_INVERSE_MAP`` if the matrix leads from crop to pixels.
    """
    four = cv2.cvtColor(pixels, cv2.COLOR_BGR2BGRA)
    flags |= cv2.INTER_LINEAR
    crop = cv2.warpAffine(four, matrix, (size, size), flags=flags, borderMode=border)
    return np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGRA2BGR), np.uint8)


def grown_crop(pixels: Pixels, box: Box, grow: float, size: int) -> Pixels:
    """Crop the box grown about its centre, shifted into the frame, and scale it by area averaging.

    Args:
        pixels: (height, width, 3) BGR.
        box: the face.
        grow: scale factor of width and height; less if the frame is too small for it.
        size: side of the result in pixels.

    Returns:
        (size, size, 3) BGR.
    """
    height, width = pixels.shape[:2]
    grow = min((height - 1) / box.height, (width - 1) / box.width, grow)
    centre_x, centre_y = box.centre
    across, down = box.width * grow, box.height * grow
    left = int(min(max(centre_x - across / 2, 0.0), width - 1 - across))
    top = int(min(max(centre_y - down / 2, 0.0), height - 1 - down))
    crop = pixels[top : int(top + down) + 1, left : int(left + across) + 1]
    return np.asarray(cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def grown(box: Box, grow: float) -> Box:
    """The box scaled about its centre, not clipped to the image."""
    (x, y), width, height = box.centre, box.width * grow, box.height * grow
    return Box(x - width / 2, y - height / 2, width, height)


def inside(pixels: Pixels, box: Box) -> Pixels:
    """The part of the box that lies in the image; empty if there is none."""
    height, width = pixels.shape[:2]
    left, top = max(0, round(box.x)), max(0, round(box.y))
    right, bottom = max(0, round(box.x + box.width)), max(0, round(box.y + box.height))
    return pixels[top : min(bottom, height), left : min(right, width)]
