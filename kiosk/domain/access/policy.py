"""The parameters of a decision. Thresholds are defined here and nowhere else."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from kiosk.domain.cloud.fusion import CloudRules, Scale
from kiosk.domain.errors import PolicyError
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.domain.vision.template import SpaceId

ROUNDING = 1e-9
"""Relative tolerance for floating point in a rate."""
SAME_PERSON_FMR = 1e-4
"""The false match rate at which pictures of one newcomer are held to be of one person."""
SAME_FACE_FMR = 1e-6
"""The false match rate at which a frame is held to show the face of the frames before it."""
SCARCE_SHARE = 0.8
"""From this share of the calibrated size on, a warning is given."""
MAKE_ROOM = (
    "Erase people who no longer come, raise match.target_fpir, split the gallery by door, or "
    "install a stronger pack."
)


class Form(Enum):
    """What is compared with what. Averaging raises scores, so each form has a calibration."""

    SINGLE = "single"
    """One picture with one picture."""
    MEAN = "mean"
    """The mean of a few pictures with one picture or with such a mean."""


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """One calibrated point of a space: the false match rate measured at a score.

    Attributes:
        fmr: false match rate of one comparison, 0 to 1.
        score: the comparison score at which it was measured.
    """

    fmr: float
    score: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The measured operating points of a space; shipped with the model pack, never estimated.

    Attributes:
        space: the space.
        points: false match rates with their scores.
        floor: no threshold is lower: at other cameras than that of the measurement, scores of
            different people were seen up to a little below it.
    """

    space: SpaceId
    points: tuple[OperatingPoint, ...]
    floor: float = 0.0


@dataclass(frozen=True, slots=True)
class MatchPolicy:
    """The required certainty of an identification.

    Attributes:
        target_fpir: probability that a stranger is matched to any enrolled person in one visit.
        floor: the site's own floor; it can only raise that of the calibration.
        margin: the least lead of the best person over the second person.
        tries: sessions that a visit can have before the lockout ends it.
        shift: added to each score of the calibration, 0 or more: what a site has measured of the
            scores of its own strangers.
    """

    target_fpir: float
    floor: float
    margin: float
    tries: int = 1
    shift: float = 0.0


@dataclass(frozen=True, slots=True)
class GalleryRoom:
    """The size of a gallery, compared with the size for which scores were measured.

    Attributes:
        references: the number of references that are compared, one a person.
        most: the largest number allowed; see `capacity`.
    """

    references: int
    most: int

    @property
    def left(self) -> int:
        """The number of references that can still be added."""
        return max(0, self.most - self.references)

    @property
    def scarce(self) -> bool:
        """True if the gallery is nearly full and needs action."""
        return self.references >= SCARCE_SHARE * self.most


class Hold(Enum):
    """An operator's order that applies to everybody until it is lifted."""

    PAUSED = "paused"
    """No face is decided on; the other factors keep working."""
    LOCKED_DOWN = "locked_down"
    """Nobody is let in, except by an operator."""


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """The conditions for releasing the door.

    Attributes:
        space: the kiosk's own embedding space; candidates of another count only if `cloud` has a
            scale for it.
        decision_threshold: comparison score; see `decision_threshold`.
        margin: lead over the second person.
        pad_threshold: the mean bona fide score of the agreeing run must reach it.
        attack_threshold: a run with a lower mean is refused as an attack; between the two
            thresholds the result is uncertain, and the session continues.
        probes_required: unbroken agreeing probes.
        comparisons_required: how many of them were compared, at least; see `Comparison`.
        span_seconds: least time from the first to the last of them.
        refusal_probes: unbroken probes before a refusal is certain.
        refusal_span_seconds: least time that they span.
        window_seconds: older evidence is dropped.
        absence_seconds: a face that is absent for so long has left.
        session_timeout_seconds: a session without a decision ends after this.
        granted_hold_seconds: how long a grant stays on the screen.
        refused_hold_seconds: how long a refusal stays on the screen.
        retry_seconds: how long the same face must wait in the lane for another session.
        failures_allowed: refusals within ``failure_window_seconds`` before the lockout.
        failure_window_seconds: how long a refusal counts.
        lockout_seconds: how long no decision is made.
        factor_seconds: how long the kiosk waits for a second factor.
        factor_absence_seconds: replaces `absence_seconds` meanwhile: a person who types looks down,
            and a badge hides the face.
        claim_seconds: how long a badge counts for the face that follows it.
        hold: an operator's order; None for none.
        cloud: what Amazon Rekognition counts beside the kiosk's own matcher.
    """

    space: SpaceId
    decision_threshold: float
    margin: float
    pad_threshold: float
    attack_threshold: float
    probes_required: int
    comparisons_required: int
    span_seconds: float
    refusal_probes: int
    refusal_span_seconds: float
    window_seconds: float
    absence_seconds: float
    session_timeout_seconds: float
    granted_hold_seconds: float
    refused_hold_seconds: float
    retry_seconds: float
    failures_allowed: int
    failure_window_seconds: float
    lockout_seconds: float
    factor_seconds: float
    factor_absence_seconds: float
    claim_seconds: float = 10.0
    hold: Hold | None = None
    cloud: CloudRules = field(default_factory=CloudRules)

    @property
    def own_scale(self) -> Scale:
        """How scores of the kiosk's own matcher are judged."""
        return Scale(self.decision_threshold, self.margin)


def decision_threshold(calibration: Calibration, references: int, policy: MatchPolicy) -> float:
    """The score that keeps the target false positive identification rate for this gallery.

    In one visit a stranger has T tries, and in each of them is compared with every reference, so
    FPIR is 1 - (1 - FMR)^(N T) (ISO/IEC 19795-1, for comparisons that are independent; ADR 0027
    says why those of a visit give no more). Between calibrated points the score is interpolated
    over the logarithm of the FMR. Beyond the last point nothing was measured, so the gallery is
    refused.

    Args:
        calibration: measured points of the space.
        references: N, the number of references in the gallery.
        policy: target, T, floor and shift.

    Raises:
        PolicyError: the calibration is empty or not monotone, the target is not a rate, or the
            gallery is too large for the calibration.
    """
    points = _strictest_first(calibration)
    fmr = _false_match_rate(references, policy)
    if not _measured(fmr, points):
        raise PolicyError(
            f"{references} references at a false positive identification rate of "
            f"{policy.target_fpir:g} are beyond the calibration of {calibration.space}.",
            MAKE_ROOM,
        )
    derived = _score_at(fmr, points) + max(policy.shift, 0.0)
    return max(calibration.floor, policy.floor, derived)


def same_person_threshold(calibration: Calibration) -> float:
    """The score that pictures of one person have with each other, save few; see `SAME_PERSON_FMR`.

    Raises:
        PolicyError: the calibration is empty or not monotone.
    """
    return _score_at(SAME_PERSON_FMR, _strictest_first(calibration))


def same_face_threshold(calibration: Calibration) -> float:
    """The score that frames of one face, seen without a break, have with each other.

    Such frames agree far better than photographs of one person do, so the rate can be very low.

    Raises:
        PolicyError: the calibration is empty or not monotone.
    """
    return _score_at(SAME_FACE_FMR, _strictest_first(calibration))


def capacity(calibration: Calibration, policy: MatchPolicy) -> int:
    """The most references that have a decision threshold; 0 if there is none even for one.

    Raises:
        PolicyError: the calibration is empty or not monotone, or the target is not a rate.
    """
    points = _strictest_first(calibration)
    _refuse_no_rate(policy.target_fpir)
    comparisons = math.log1p(-policy.target_fpir) / math.log1p(-points[0].fmr)
    most = int(comparisons / max(policy.tries, 1)) + 1
    while most and not _measured(_false_match_rate(most, policy), points):
        most -= 1
    return most


def _false_match_rate(references: int, policy: MatchPolicy) -> float:
    """The false match rate of one comparison that meets the gallery's target."""
    _refuse_no_rate(policy.target_fpir)
    comparisons = max(references, 1) * max(policy.tries, 1)
    return -math.expm1(math.log1p(-policy.target_fpir) / comparisons)


def _score_at(fmr: float, points: Sequence[OperatingPoint]) -> float:
    """The score of a rate, interpolated over its logarithm; strictest point first."""
    logs, scores = [math.log(point.fmr) for point in points], [point.score for point in points]
    return float(np.interp(math.log(fmr), logs, scores))


def _measured(fmr: float, points: Sequence[OperatingPoint]) -> bool:
    """True if the calibration, strictest point first, covers this rate."""
    return fmr >= points[0].fmr * (1.0 - ROUNDING)


def _refuse_no_rate(target: float) -> None:
    if not 0.0 < target < 1.0:
        raise PolicyError(
            "The target false positive identification rate is not between 0 and 1.",
            "Correct match.target_fpir.",
        )


def _strictest_first(calibration: Calibration) -> Sequence[OperatingPoint]:
    """The points by rising false match rate, and so by falling score."""
    points = sorted(calibration.points, key=lambda point: point.fmr)
    known = all(0.0 < point.fmr < 1.0 and math.isfinite(point.score) for point in points)
    falling = all(a.fmr < b.fmr and a.score > b.score for a, b in itertools.pairwise(points))
    if not (points and known and falling):
        raise PolicyError(
            f"The calibration of {calibration.space} is empty or contradicts itself.",
            Remedy("Verify the model pack, and install it again.", NextStep.VERIFY_MODELS),
        )
    return points
