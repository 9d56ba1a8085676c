"""Presentation attack detection with fr_liveness.

Three effects made prints look bona fide to the network; each is corrected before inference (ADR
0012). Colour cast: the cast of the light is estimated and removed. Sensor noise: the crop is scaled
down by area averaging, and then denoised. Random variation: a crop and its mirror image are scored,
and the mean counts.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.face import Box, Face
from kiosk.domain.vision.frame import Frame, Pixels
from models.alignment import grown, grown_crop, inside
from models.denoising import non_local_means
from models.embedding import Network, prepared
from models.packs.manifest import Denoising, ModelInput
from models.quality.noise import quiet_noise
from models.quality.percentiles import percentile
from models.surroundings import SurroundingsWatch

Logits = NDArray[np.float32]
"""(views, classes)."""

Cast = NDArray[np.float64]
"""(3,) natural logarithms, BGR."""

LEVELS = np.arange(256, dtype=np.float64)
LEAST_MEAN = 1.0
"""A channel with a lower mean is too dark for colour correction."""

NEAR = 1.4
"""Factor on the face box: the area that has the same light, or tint, as the face."""

NEAR_DIFFERS = 0.12
"""Normal difference of a face and its surroundings from the frame, without a cast (ADR 0012)."""

SEEN_PX = (40, 48)
"""Width and height to which a face is scaled for colour comparison, to average out noise."""

DARKNESS = 4.0
"""Added before taking a logarithm: in the dark, one level of difference is no colour."""

LOGARITHMS = np.log(LEVELS + DARKNESS)

LEAST_COLOURS = 0.04
"""Measured bona fide faces have 0.10 or more, at half saturation still 0.05 (ADR 0012)."""

SQUARE_PX = 8
FACE, SHEET = 0.31, 0.5
"""Shares of the crop where noise is measured again: the face, and a sheet twice its size."""


class LivenessDetector:
    """The `AttackDetector` port over fr_liveness. Owned by one thread.

    Args:
        network: takes views in the layout of ``given``, BGR, raw 0 to 255, and returns (views,
            classes) logits.
        given: crop and preparation; of the bounding box of the 478 landmarks, not of a detector's
            looser box, which rejects bona fide faces.
        bona_fide_class: index of the bona fide class.
        name: the detector's identity, for the audit.
    """

    def __init__(
        self, network: Network, given: ModelInput, bona_fide_class: int, name: str
    ) -> None:
        self._network = network
        self._given = given
        self._bona_fide_class = bona_fide_class
        self._name = name
        self._surroundings = SurroundingsWatch()

    def assess(self, frame: Frame, face: Face) -> PadResult:
        """The softmax share of the bona fide class for this face, averaged over the views.

        A face without colour variation gets 0: the network ignores colour, and accepts half of the
        black and white or toned prints as bona fide.
        """
        motion = self._surroundings.motion(frame, face)
        if self._given.grey and colours(frame.pixels, face.box) < LEAST_COLOURS:
            return PadResult(0.0, self._name, motion)
        shares = _softmax(self._network(prepared(self._crop(frame, face), self._given)))
        return PadResult(float(shares[:, self._bona_fide_class].mean()), self._name, motion)

    def _crop(self, frame: Frame, face: Face) -> Pixels:
        crop = grown_crop(frame.pixels, face.box, self._given.grow, self._given.width)
        if self._given.grey:
            crop = greyed(crop, frame.pixels, face.box)
        return denoised(crop, self._given.denoise) if self._given.denoise else crop


def colours(pixels: Pixels, box: Box) -> float:
    """Variation of hue over a face, independent of the colour of the light.

    Args:
        pixels: (height, width, 3) BGR.
        box: the face.

    Returns:
        The smaller of two spreads: from the 10th to the 90th percentile of the logarithms of red
        over green and of blue over green. 0 if too little of the face is in the image.
    """
    region = inside(pixels, box)
    if min(region.shape[:2]) < SEEN_PX[0] // 2:
        return 0.0
    small = cv2.resize(region, SEEN_PX, interpolation=cv2.INTER_AREA)
    blue, green, red = np.moveaxis(LOGARITHMS[small], 2, 0)
    return min(
        percentile(ratio, 90) - percentile(ratio, 10) for ratio in (red - green, blue - green)
    )


def greyed(crop: Pixels, pixels: Pixels, box: Box) -> Pixels:
    """The crop without the colour cast of the light.

    Args:
        crop: (height, width, 3) BGR.
        pixels: the frame that it was cut from, (height, width, 3) BGR.
        box: the face in the frame.
    """
    scaled = np.outer(LEVELS, np.exp(-cast(pixels, box)))
    table = np.clip(np.round(scaled), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(crop, table[None]), np.uint8)


def cast(pixels: Pixels, box: Box) -> Cast:
    """Colour cast of the light on a face: that of the frame, plus excess of its surroundings.

    The frame's cast alone would be right for any lamp, and wrong for a tinted sheet. The
    surroundings alone would treat the colour of the skin as a cast. So the surroundings may differ
    from the frame by the normal effect of skin and clothes, and only the excess is corrected too.
    """
    whole, near = _balance(pixels), _balance(inside(pixels, grown(box, NEAR)))
    differs = near - whole
    return whole + differs - np.clip(differs, -NEAR_DIFFERS, NEAR_DIFFERS)


def _balance(pixels: Pixels) -> Cast:
    """Each channel's mean relative to the mean of all channels."""
    means = np.log(np.maximum(cv2.mean(pixels)[:3], LEAST_MEAN))
    return np.asarray(means - np.log(np.exp(means).mean()))


def denoised(crop: Pixels, how: Denoising) -> Pixels:
    """The crop after non-local means, with a strength that depends on its noise.

    Noise that survives the filter looks bona fide. Of the filters tried, only this one at this
    strength removes it and keeps the features that distinguish a face from paper.
    """
    return non_local_means(crop, _strength(crop, how), how.patch_px, how.search_px)


def _strength(crop: Pixels, how: Denoising) -> float:
    """Filter strength from the noise of the crop, and at half size, where coarse grain shows.

    The middle is measured separately: a noisy sheet may fill no more than that.
    """
    half = (crop.shape[1] // 2, crop.shape[0] // 2)
    small = np.asarray(cv2.resize(crop, half, interpolation=cv2.INTER_AREA), np.uint8)
    fine = max(quiet_noise(crop, SQUARE_PX), quiet_noise(_middle(crop, FACE), SQUARE_PX // 2))
    coarse = quiet_noise(small, SQUARE_PX) - how.coarse_detail
    sheet = quiet_noise(_middle(small, SHEET), SQUARE_PX // 2) - how.face_detail
    return max(how.strength, how.per_noise * fine, how.per_coarse_noise * max(coarse, sheet))


def _middle(crop: Pixels, share: float) -> Pixels:
    """The centre of the crop, with that share of its width and height."""
    height, width = crop.shape[:2]
    top, left = round(height * (1 - share) / 2), round(width * (1 - share) / 2)
    return crop[top : height - top, left : width - left]


def _softmax(logits: Logits) -> Logits:
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)
