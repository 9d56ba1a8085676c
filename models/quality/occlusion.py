"""Occlusion of eyes and mouth: colours and contrasts of a face in two small logistic models.

Limits of this method: no network detects glasses or masks. Skin patches at landmarks are compared
with each other, and coefficients fitted on photographs weight each difference as evidence for an
occlusion. Colours are normalised by luma, so that shadow or dark skin does not count as another
colour. ADR 0007 and, for masks, ADR 0020 give the error rates and the training data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.domain.vision.frame import Pixels
from models.quality.crop import SIZE_PX, Points, UprightFace, hull
from models.quality.mask_table import BESIDE, BIAS, DIFFERENCES, MIDDLE
from models.quality.percentiles import byte_percentiles, medians

Lab = Pixels
"""(160, 160, 3) 8-bit CIE Lab, smoothed: one pixel represents one patch of skin."""

Numbers = NDArray[np.float64]

SMOOTHING_PX = 5
LEAST_LUMA = 8.0

LAB_UNITS, LAB_ZERO = np.array([100 / 255, 1.0, 1.0]), np.array([0.0, 128.0, 128.0])
"""From 8-bit Lab to L in 0 to 100 and a, b about zero."""

Places = list[int]
"""Landmarks; a list, which selects rows of an array."""

EYES = (
    [33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7],
    [362, 398, 384, 385, 386, 387, 388, 466, 263, 249, 390, 373, 374, 380, 381, 382],
)
LOWER_LIDS, UPPER_LIDS = ([23, 230, 24], [253, 450, 254]), ([27, 29], [257, 259])
LENS_GROWTH = (1.35, 2.4)
AROUND_EYES = [9, 151, 50, 280, 205, 425, 195]
LIPS = [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185]
UPPER_FACE = [9, 8, 151, 118, 347, 6]
CHEEKS, CHIN = [205, 425, 187, 411], [199, 200, 208, 428]
NOSE_TIP = 4
NOSTRILS = [2, 97, 326, 98, 327]

SUNGLASSES_WEIGHTS: Numbers = np.array([-11.99, -6.371, 2.673, -0.726, -2.393, 3.339, 5.528])
SUNGLASSES_BIAS = -11.07

LEFT, RIGHT = ([pair[side] for pair in BESIDE] for side in (0, 1))
LOWER_FACE: Places = [*LEFT, *RIGHT, *MIDDLE]
MASK_PLACES: Numbers = np.array([*BESIDE.values(), *MIDDLE.values()])
"""(places, 5): pairs, then the middle line."""


@dataclass(frozen=True, slots=True, eq=False)
class Skin:
    """What both measures read of a face.

    Attributes:
        lab: (160, 160, 3), the smoothed crop.
        points: (478, 2) landmarks in the crop.
        places: (478, 2) the pixel nearest to each of them, column and row.
        patches: (478, 3) L in 0 to 100 and a, b about zero at each of them.
    """

    lab: Lab
    points: Points
    places: NDArray[np.int64]
    patches: Numbers


def skin_of(face: UprightFace) -> Skin:
    """The face's colours, smoothed."""
    lab = smoothed(face)
    places = np.clip(np.round(face.points), 0, SIZE_PX - 1).astype(np.int64)
    patches = lab[places[:, 1], places[:, 0]] * LAB_UNITS - LAB_ZERO
    return Skin(lab, face.points, places, patches)


def smoothed(face: UprightFace) -> Lab:
    """The crop in Lab, every pixel the mean of its neighbours."""
    blurred = cv2.blur(face.pixels, (SMOOTHING_PX, SMOOTHING_PX))
    return np.asarray(cv2.cvtColor(blurred, cv2.COLOR_BGR2Lab), np.uint8)


def sunglasses(skin: Skin) -> float:
    """Likelihood that dark glasses hide the eyes, 0 to 1."""
    return _likelihood(float(_eye_differences(skin) @ SUNGLASSES_WEIGHTS) + SUNGLASSES_BIAS)


def mask(skin: Skin) -> float:
    """Likelihood that nose and mouth are covered, 0 to 1."""
    above = medians(skin.patches[UPPER_FACE])
    whole = float(_mouth_differences(skin, above) @ DIFFERENCES)
    places = float((_lower_face(skin, above) * MASK_PLACES).sum())
    return _likelihood(whole + places + BIAS)


def _likelihood(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-_clipped(log_odds, -50.0, 50.0)))


def _eye_differences(skin: Skin) -> Numbers:
    """(7,): luma and contrast around both eyes relative to the skin, and the colour distance."""
    around = medians(skin.patches[AROUND_EYES])
    luma = max(float(around[0]), LEAST_LUMA)
    lids = zip(EYES, LOWER_LIDS, UPPER_LIDS, strict=True)
    both = np.array([_eye(skin, *eye) for eye in lids]) / luma
    (under, lens, _, upper), (most_under, most_lens, inside, _) = both.sum(axis=0) / 2, both.max(0)
    below = [skin.patches[lower].mean(axis=0) for lower in LOWER_LIDS]
    distance = _clipped(sum(_chroma(patch, around) for patch in below) / 2, 0.0, 30.0) / 10.0
    dark = (_log(share, 0.05) for share in (under, most_under, most_lens, upper))
    return np.array([*dark, _log(inside, 0.02), distance, _log(lens, 0.05)])


def _eye(skin: Skin, eye: Places, lower: Places, upper: Places) -> tuple[float, ...]:
    """Luma under the eye, luma of its lens area, contrast inside it, luma of the upper lid."""
    opening = skin.points[eye]
    middle = opening.mean(axis=0)
    lens, inner = hull(middle + (opening - middle) * LENS_GROWTH), hull(opening)
    return (
        float(skin.patches[lower, 0].mean()),
        lens.mean(skin.lab)[0] * 100 / 255,
        _spread(inner.of(skin.lab)[..., 0][inner.mask > 0], 10, 90),
        float(skin.patches[upper, 0].mean()),
    )


def _mouth_differences(skin: Skin, above: Numbers) -> Numbers:
    """(8,): distances of cheeks, chin and nose from the upper face, and features of the mouth."""
    cheek, chin = medians(skin.patches[CHEEKS]), medians(skin.patches[CHIN])
    nose = skin.patches[NOSE_TIP]
    luma = max(float(above[0]), LEAST_LUMA)
    lips = hull(skin.points[LIPS]).mean(skin.lab)[1] - LAB_ZERO[1]
    nostril = float(skin.patches[NOSTRILS, 0].min()) / max(float(nose[0]), LEAST_LUMA)
    distances = (_clipped(_chroma(patch, above), 0.0, 60.0) for patch in (cheek, chin, nose))
    return np.array(
        [
            *(math.log1p(distance) for distance in distances),
            _clipped(lips - 0.5 * float(cheek[1] + chin[1]), -5.0, 15.0) / 10.0,
            _log(_mouth_contrast(skin) / luma, 0.03),
            _clipped(nostril, 0.0, 1.2),
            _clipped(abs(float(cheek[0] - above[0])) / luma, 0.0, 1.5),
            _clipped(float(cheek[1] - above[1]), -20.0, 15.0) / 10.0,
        ]
    )


def _lower_face(skin: Skin, above: Numbers) -> Numbers:
    """(places, 5): colour, luma and contrast at each place, relative to the upper face."""
    luma = max(float(above[0]), LEAST_LUMA)
    patches, slopes = skin.patches[LOWER_FACE], _slopes(skin) / luma
    found = np.column_stack(
        [
            np.clip(_shares(patches) - _shares(above), -1.0, 1.0),
            np.log(np.clip(patches[:, :1] / luma, 0.05, 3.0)),
            np.log(slopes + 0.005),
        ]
    )
    left, right, middle = np.split(found, (len(LEFT), 2 * len(LEFT)))
    return np.concatenate([(left + right) / 2, middle])


def _shares(patches: Numbers) -> Numbers:
    """(..., 2): a and b of Lab per unit of L."""
    return np.asarray(patches[..., 1:] / np.maximum(patches[..., :1], LEAST_LUMA), np.float64)


def _slopes(skin: Skin) -> Numbers:
    """(n, 2): mean luma gradient across and down near the landmarks of the lower face."""
    luma, (columns, rows) = skin.lab[..., 0].copy(), skin.places[LOWER_FACE].T
    found = []
    for across, down in ((1, 0), (0, 1)):
        slope = cv2.Sobel(luma, cv2.CV_32F, across, down, ksize=3, scale=100 / 255 / 8)
        near = cv2.blur(np.abs(slope), (SMOOTHING_PX, SMOOTHING_PX))
        found.append(near[rows, columns])
    return np.column_stack(found).astype(np.float64)


def _mouth_contrast(skin: Skin) -> float:
    left, top = np.clip(skin.points[[98, 61]].min(axis=0).astype(int), 0, SIZE_PX - 8)
    corner = skin.points[[327, 291, 17]].max(axis=0).astype(int)
    right, bottom = np.clip(corner, (left + 4, top + 4), SIZE_PX)
    return _spread(skin.lab[top:bottom, left:right, 0], 5, 95)


def _chroma(one: Numbers, other: Numbers) -> float:
    return math.hypot(one[1] - other[1], one[2] - other[2])


def _spread(values: NDArray[np.uint8], low: int, high: int) -> float:
    if values.size == 0:
        return 0.0
    least, most = byte_percentiles(values, low, high)
    return (most - least) * 100 / 255


def _log(value: float, least: float) -> float:
    return math.log(_clipped(float(value), least, 2.0))


def _clipped(value: float, least: float, most: float) -> float:
    return min(max(value, least), most)
