"""The quality gate: decides if a view of a face is good enough to compare. It adjusts no score.

Measures are numbers taken from one face in one frame. Bounds are policy. A defect is a bound that a
measure broke, and every defect has one sentence on the screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Defect(Enum):
    """The reason why a view was refused, worst first: the order in which people are prompted."""

    TOO_FAR = "too_far"
    TOO_CLOSE = "too_close"
    OFF_LEFT = "off_left"
    OFF_RIGHT = "off_right"
    OFF_UP = "off_up"
    OFF_DOWN = "off_down"
    TOO_DARK = "too_dark"
    NOISY = "noisy"
    TOO_BRIGHT = "too_bright"
    MASK = "mask"
    SUNGLASSES = "sunglasses"
    TURNED_AWAY = "turned_away"
    CHIN_DOWN = "chin_down"
    CHIN_UP = "chin_up"
    TILTED = "tilted"
    EYES_CLOSED = "eyes_closed"
    BLURRED = "blurred"


@dataclass(frozen=True, slots=True)
class QualityMeasures:
    """The measurements of one face in one frame.

    Attributes:
        yaw: degrees (R2).
        pitch: degrees, negative looks down (R3).
        roll: degrees.
        size_px: the shorter side of the face's box in pixels of the frame (R8).
        sharpness: 0 to 100 (R4).
        brightness: 0 to 100, mean light on the face (R5).
        noise: standard deviation of the sensor's noise on the face, in 8-bit units.
        overexposed: share of the face's pixels without detail at the bright end, 0 to 1 (R5).
        eyes_closed: closure of the more open eye, 0 open to 1 closed (R6).
        sunglasses: 0 to 1, higher is more likely covered (R7).
        mask: 0 to 1, higher is more likely covered (R9).
    """

    yaw: float
    pitch: float
    roll: float
    size_px: float
    sharpness: float
    brightness: float
    noise: float
    overexposed: float
    eyes_closed: float
    sunglasses: float
    mask: float


@dataclass(frozen=True, slots=True)
class QualityBounds:
    """The policy's limits. A measure exactly at an open bound is refused (R4: sharpness > 15).

    Attributes:
        max_yaw: degrees either side; the limit itself passes (R2: 45).
        min_pitch: degrees; the limit itself passes (R3: -30).
        max_pitch: degrees; the limit itself passes (R3: 45).
        max_roll: degrees either side; the limit itself passes.
        min_size_px: must be exceeded (R8: 50).
        min_sharpness: must be exceeded (R4: 15).
        min_brightness: must be exceeded (R5: 15).
        max_brightness: must not be exceeded.
        max_noise: must not be exceeded: beyond it attack detection was not calibrated.
        max_overexposed: must not be exceeded.
        max_eyes_closed: must not be exceeded.
        max_sunglasses: must not be exceeded.
        max_mask: must not be exceeded.
    """

    max_yaw: float
    min_pitch: float
    max_pitch: float
    max_roll: float
    min_size_px: float
    min_sharpness: float
    min_brightness: float
    max_brightness: float
    max_noise: float
    max_overexposed: float
    max_eyes_closed: float
    max_sunglasses: float
    max_mask: float


@dataclass(frozen=True, slots=True)
class QualityAssessment:
    """The measures of one view and every bound that they broke, worst first."""

    measures: QualityMeasures
    defects: tuple[Defect, ...]

    @property
    def acceptable(self) -> bool:
        """True if the view may be compared."""
        return not self.defects


def judge(measures: QualityMeasures, bounds: QualityBounds) -> QualityAssessment:
    """Compare the measures with the bounds.

    Comparisons are written so that NaN breaks its bound: an unknown measure is refused.
    """
    within = {
        Defect.TOO_FAR: measures.size_px > bounds.min_size_px,
        Defect.TOO_DARK: measures.brightness > bounds.min_brightness,
        Defect.NOISY: measures.noise <= bounds.max_noise,
        Defect.TOO_BRIGHT: measures.brightness <= bounds.max_brightness
        and measures.overexposed <= bounds.max_overexposed,
        Defect.MASK: measures.mask <= bounds.max_mask,
        Defect.SUNGLASSES: measures.sunglasses <= bounds.max_sunglasses,
        Defect.TURNED_AWAY: abs(measures.yaw) <= bounds.max_yaw,
        Defect.CHIN_DOWN: measures.pitch >= bounds.min_pitch,
        Defect.CHIN_UP: measures.pitch <= bounds.max_pitch,
        Defect.TILTED: abs(measures.roll) <= bounds.max_roll,
        Defect.EYES_CLOSED: measures.eyes_closed <= bounds.max_eyes_closed,
        Defect.BLURRED: measures.sharpness > bounds.min_sharpness,
    }
    broken = {defect for defect, passed in within.items() if not passed}
    return QualityAssessment(measures, tuple(defect for defect in Defect if defect in broken))
