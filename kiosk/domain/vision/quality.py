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
class BrokenBound:
    """A measure that broke a bound.

    Attributes:
        defect: what that means.
        measure: its name in `QualityMeasures`.
        value: what was measured; of yaw and roll without the sign.
        bound: what it had to keep.
    """

    defect: Defect
    measure: str
    value: float
    bound: float


@dataclass(frozen=True, slots=True)
class QualityAssessment:
    """The measures of one view and every bound that they broke, worst first.

    Attributes:
        measures: of the view.
        defects: what is wrong with it; where the face stands may be among them.
        broken: the bounds that measures broke, one for each defect of theirs, in the same order.
    """

    measures: QualityMeasures
    defects: tuple[Defect, ...]
    broken: tuple[BrokenBound, ...] = ()

    @property
    def acceptable(self) -> bool:
        """True if the view may be compared."""
        return not self.defects

    @property
    def worst(self) -> BrokenBound | None:
        """The bound behind the worst defect; None where there is none, or no measure shows it."""
        return next((each for each in self.broken if each.defect in self.defects[:1]), None)


def judge(measures: QualityMeasures, bounds: QualityBounds) -> QualityAssessment:
    """Compare the measures with the bounds.

    Comparisons are written so that NaN breaks its bound: an unknown measure is refused.
    """
    it, to = measures, bounds
    yaw, roll = abs(it.yaw), abs(it.roll)
    checks = (
        _above(Defect.TOO_FAR, "size_px", it.size_px, to.min_size_px),
        _above(Defect.TOO_DARK, "brightness", it.brightness, to.min_brightness),
        _up_to(Defect.NOISY, "noise", it.noise, to.max_noise),
        _up_to(Defect.TOO_BRIGHT, "brightness", it.brightness, to.max_brightness),
        _up_to(Defect.TOO_BRIGHT, "overexposed", it.overexposed, to.max_overexposed),
        _up_to(Defect.MASK, "mask", it.mask, to.max_mask),
        _up_to(Defect.SUNGLASSES, "sunglasses", it.sunglasses, to.max_sunglasses),
        _up_to(Defect.TURNED_AWAY, "yaw", yaw, to.max_yaw),
        _from(Defect.CHIN_DOWN, "pitch", it.pitch, to.min_pitch),
        _up_to(Defect.CHIN_UP, "pitch", it.pitch, to.max_pitch),
        _up_to(Defect.TILTED, "roll", roll, to.max_roll),
        _up_to(Defect.EYES_CLOSED, "eyes_closed", it.eyes_closed, to.max_eyes_closed),
        _above(Defect.BLURRED, "sharpness", it.sharpness, to.min_sharpness),
    )
    broken: dict[Defect, BrokenBound] = {}
    for check in checks:
        if check is not None:
            broken.setdefault(check.defect, check)
    defects = tuple(defect for defect in Defect if defect in broken)
    return QualityAssessment(measures, defects, tuple(broken[defect] for defect in defects))


def _above(defect: Defect, measure: str, value: float, bound: float) -> BrokenBound | None:
    return None if value > bound else BrokenBound(defect, measure, value, bound)


def _from(defect: Defect, measure: str, value: float, bound: float) -> BrokenBound | None:
    return None if value >= bound else BrokenBound(defect, measure, value, bound)


def _up_to(defect: Defect, measure: str, value: float, bound: float) -> BrokenBound | None:
    return None if value <= bound else BrokenBound(defect, measure, value, bound)
