"""Occlusion of eyes and mouth: colours and contrasts of a face in two small logistic models.

Limits of this method: no network detects glasses or masks. Skin patches at landmarks are compared
with each other, and coefficients fitted on photographs weight each difference as evidence for an
occlusion. Colours are normalised by luma, so that shadow or dark skin does not count as another
colour. ADR 0007 and, for masks, ADR 0020 give the error rates and the training data.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.domain.vision.frame import Pixels
from models.quality.crop import SIZE_PX, Points, UprightFace, hull
from models.quality.mask_table import BESIDE, BIAS, DIFFERENCES, MIDDLE

Lab = Pixels
"""(160, 160, 3) 8-bit CIE Lab, smoothed: one pixel represents one patch of skin."""

Numbers = NDArray[np.float64]

SMOOTHING_PX = 5
LEAST_LUMA = 8.0

EYES = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
    (362, 398, 384, 385, 386, 387, 388, 466, 263, 249, 390, 373, 374, 380, 381, 382),
)
LOWER_LIDS, UPPER_LIDS = ((23, 230, 24), (253, 450, 254)), ((27, 29), (257, 259))
LENS_GROWTH = (1.35, 2.4)
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
UPPER_FACE = (9, 8, 151, 118, 347, 6)
NOSTRILS = (2, 97, 326, 98, 327)

SUNGLASSES_WEIGHTS: Numbers = np.array([-11.99, -6.371, 2.673, -0.726, -2.393, 3.339, 5.528])
SUNGLASSES_BIAS = -11.07

LEFT, RIGHT = (tuple(pair[side] for pair in BESIDE) for side in (0, 1))
MASK_PLACES: Numbers = np.array([*BESIDE.values(), *MIDDLE.values()])
"""(places, 5): pairs, then the middle line."""


def smoothed(face: UprightFace) -> Lab:
    """The crop in Lab, every pixel the mean of its neighbours; shared by both measures."""
    blurred = cv2.blur(face.pixels, (SMOOTHING_PX, SMOOTHING_PX))
    return np.asarray(cv2.cvtColor(blurred, cv2.COLOR_BGR2Lab), np.uint8)


def sunglasses(face: UprightFace, lab: Lab) -> float:
    """Likelihood that dark glasses hide the eyes, 0 to 1."""
    weighed = _eye_differences(face.points, lab) @ SUNGLASSES_WEIGHTS
    return _likelihood(float(weighed) + SUNGLASSES_BIAS)


def mask(face: UprightFace, lab: Lab) -> float:
    """Likelihood that nose and mouth are covered, 0 to 1."""
    whole = float(_mouth_differences(face.points, lab) @ DIFFERENCES)
    places = float((_lower_face(face.points, lab) * MASK_PLACES).sum())
    return _likelihood(whole + places + BIAS)


def _likelihood(log_odds: float) -> float:
    return float(1.0 / (1.0 + np.exp(-np.clip(log_odds, -50.0, 50.0))))


def _eye_differences(points: Points, lab: Lab) -> Numbers:
    """(7,): luma and contrast around both eyes relative to the skin, and the colour distance."""
    skin = np.median(_patches(lab, points, (9, 151, 50, 280, 205, 425, 195)), axis=0)
    luma = max(float(skin[0]), LEAST_LUMA)
    both = [
        _eye(points, lab, eye, lower, upper)
        for eye, lower, upper in zip(EYES, LOWER_LIDS, UPPER_LIDS, strict=True)
    ]
    under, lens, inside, upper = (np.array(values) / luma for values in zip(*both, strict=True))
    below = [_patches(lab, points, lower).mean(axis=0) for lower in LOWER_LIDS]
    distance = np.clip(np.mean([_chroma(patch, skin) for patch in below]), 0.0, 30.0) / 10.0
    dark = _log([under.mean(), under.max(), lens.max(), upper.mean()], 0.05)
    return np.array([*dark, *_log([inside.max()], 0.02), distance, *_log([lens.mean()], 0.05)])


def _eye(
    points: Points, lab: Lab, eye: tuple[int, ...], lower: tuple[int, ...], upper: tuple[int, ...]
) -> tuple[float, float, float, float]:
    """Luma under the eye, luma of its lens area, contrast inside it, luma of the upper lid."""
    opening = points[list(eye)]
    middle = opening.mean(axis=0)
    lens = hull(middle + (opening - middle) * LENS_GROWTH)
    return (
        float(_patches(lab, points, lower)[:, 0].mean()),
        cv2.mean(lab, mask=lens)[0] * 100 / 255,
        _spread(lab[..., 0][hull(opening) > 0], 10, 90),
        float(_patches(lab, points, upper)[:, 0].mean()),
    )


def _mouth_differences(points: Points, lab: Lab) -> Numbers:
    """(8,): distances of cheeks, chin and nose from the upper face, and features of the mouth."""
    above = np.median(_patches(lab, points, UPPER_FACE), axis=0)
    cheek = np.median(_patches(lab, points, (205, 425, 187, 411)), axis=0)
    chin = np.median(_patches(lab, points, (199, 200, 208, 428)), axis=0)
    nose = _patches(lab, points, (4,))[0]
    luma = max(float(above[0]), LEAST_LUMA)
    lips = cv2.mean(lab, mask=hull(points[list(LIPS)]))[1] - 128
    nostril = float(_patches(lab, points, NOSTRILS)[:, 0].min()) / max(float(nose[0]), LEAST_LUMA)
    distances = np.clip([_chroma(patch, above) for patch in (cheek, chin, nose)], 0.0, 60.0)
    return np.array(
        [
            *np.log1p(distances),
            np.clip(lips - 0.5 * (cheek[1] + chin[1]), -5.0, 15.0) / 10.0,
            *_log([_mouth_contrast(points, lab) / luma], 0.03),
            np.clip(nostril, 0.0, 1.2),
            np.clip(abs(cheek[0] - above[0]) / luma, 0.0, 1.5),
            np.clip(cheek[1] - above[1], -20.0, 15.0) / 10.0,
        ]
    )


def _lower_face(points: Points, lab: Lab) -> Numbers:
    """(places, 5): colour, luma and contrast at each place, relative to the upper face."""
    above = np.median(_patches(lab, points, UPPER_FACE), axis=0)
    luma = max(float(above[0]), LEAST_LUMA)
    places = (*LEFT, *RIGHT, *MIDDLE)
    patches = _patches(lab, points, places)
    found = np.column_stack(
        [
            np.clip(_shares(patches) - _shares(above), -1.0, 1.0),
            np.log(np.clip(patches[:, 0] / luma, 0.05, 3.0)),
            *(
                np.log(_slopes(lab, points, places, *way) / luma + 0.005)
                for way in ((1, 0), (0, 1))
            ),
        ]
    )
    left, right, middle = np.split(found, (len(LEFT), 2 * len(LEFT)))
    return np.concatenate([(left + right) / 2, middle])


def _shares(patches: Numbers) -> Numbers:
    """(..., 2): a and b of Lab per unit of L."""
    return np.asarray(patches[..., 1:] / np.maximum(patches[..., :1], LEAST_LUMA), np.float64)


def _slopes(lab: Lab, points: Points, indices: tuple[int, ...], across: int, down: int) -> Numbers:
    """(n,): mean luma gradient in one direction near those landmarks."""
    luma = np.asarray(lab[..., 0])
    slope = cv2.Sobel(luma, cv2.CV_32F, across, down, ksize=3, scale=100 / 255 / 8)
    near = cv2.blur(np.abs(slope), (SMOOTHING_PX, SMOOTHING_PX))
    places = np.clip(np.round(points[list(indices)]), 0, SIZE_PX - 1).astype(int)
    return np.asarray(near[places[:, 1], places[:, 0]], np.float64)


def _mouth_contrast(points: Points, lab: Lab) -> float:
    left, top = np.clip(points[[98, 61]].min(axis=0).astype(int), 0, SIZE_PX - 8)
    corner = points[[327, 291, 17]].max(axis=0).astype(int)
    right, bottom = np.clip(corner, (left + 4, top + 4), SIZE_PX)
    return _spread(lab[top:bottom, left:right, 0], 5, 95)


def _patches(lab: Lab, points: Points, indices: tuple[int, ...]) -> Numbers:
    """(n, 3): L in 0 to 100 and a, b about zero at those landmarks."""
    places = np.clip(np.round(points[list(indices)]), 0, SIZE_PX - 1).astype(int)
    found = lab[places[:, 1], places[:, 0]].astype(np.float64)
    return np.asarray(found * (100 / 255, 1.0, 1.0) - (0.0, 128.0, 128.0), np.float64)


def _chroma(one: Numbers, other: Numbers) -> float:
    return float(np.hypot(one[1] - other[1], one[2] - other[2]))


def _spread(values: NDArray[np.uint8], low: int, high: int) -> float:
    if values.size == 0:
        return 0.0
    least, most = np.percentile(values, (low, high))
    return float(most - least) * 100 / 255


def _log(values: list[float], least: float) -> Numbers:
    return np.asarray(np.log(np.clip(values, least, 2.0)), np.float64)
