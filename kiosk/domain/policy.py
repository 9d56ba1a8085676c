"""The numbers that rule a decision. Thresholds live here and nowhere else."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from kiosk.domain.errors import PolicyError
from kiosk.domain.template import SpaceId

ROUNDING = 1e-9
"""Share of a rate by which floating point may miss it."""


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """One calibrated point of a space: at this score, this false match rate was measured.

    Attributes:
        fmr: false match rate of one comparison, 0 to 1.
        score: the comparison score at which it was measured.
    """

    fmr: float
    score: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Where a space's scores were measured; shipped with the pack, never guessed."""

    space: SpaceId
    points: tuple[OperatingPoint, ...]


@dataclass(frozen=True, slots=True)
class MatchPolicy:
    """How sure an identification must be.

    Attributes:
        target_fpir: the chance that a stranger is taken for anybody enrolled, per comparison
            of one probe with the whole gallery.
        floor: no threshold is ever lower than this, however small the gallery.
        margin: how far the best person must lead the second person.
    """

    target_fpir: float
    floor: float
    margin: float


class Hold(Enum):
    """What an operator has ordered for everybody, until it is lifted."""

    PAUSED = "paused"
    """No face is decided on; the other factors go on working."""
    LOCKED_DOWN = "locked_down"
    """Nobody is let in, but by an operator."""


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """What it takes to release the door.

    Attributes:
        space: the only embedding space whose candidates count.
        decision_threshold: comparison score; see `decision_threshold`.
        margin: lead over the second person.
        pad_threshold: mean bona fide score of the agreeing run must reach it.
        attack_threshold: a run whose mean stays below it is refused as an attack; between the two
            nothing is certain, and the session goes on.
        probes_required: unbroken agreeing probes.
        span_seconds: least time from the first to the last of them.
        refusal_probes: unbroken probes before a refusal is certain.
        refusal_span_seconds: least time that they span.
        window_seconds: older evidence is forgotten.
        absence_seconds: a face gone for so long has left.
        session_timeout_seconds: a session without a decision ends after this.
        granted_hold_seconds: how long a grant stays on the screen.
        refused_hold_seconds: how long a refusal stays on the screen.
        retry_seconds: how long the same face must wait in the lane for another session.
        release_seconds: how long the door is released.
        failures_allowed: refusals within ``failure_window_seconds`` before the lockout.
        failure_window_seconds: how long a refusal is remembered.
        lockout_seconds: how long nobody is decided on.
        factor_seconds: how long a second factor is waited for.
        factor_absence_seconds: the same while a factor is waited for: whoever types looks down,
            and whoever shows a badge hides behind it.
        hold: what an operator has ordered; None for nothing.
    """

    space: SpaceId
    decision_threshold: float
    margin: float
    pad_threshold: float
    attack_threshold: float
    probes_required: int
    span_seconds: float
    refusal_probes: int
    refusal_span_seconds: float
    window_seconds: float
    absence_seconds: float
    session_timeout_seconds: float
    granted_hold_seconds: float
    refused_hold_seconds: float
    retry_seconds: float
    release_seconds: float
    failures_allowed: int
    failure_window_seconds: float
    lockout_seconds: float
    factor_seconds: float = 20.0
    factor_absence_seconds: float = 6.0
    hold: Hold | None = None


def decision_threshold(calibration: Calibration, references: int, policy: MatchPolicy) -> float:
    """The score that keeps the target false positive identification rate for this gallery.

    A stranger is compared with every reference, so FPIR is 1 - (1 - FMR)^N (ISO/IEC 19795-1).
    Between calibrated points the score is interpolated over the logarithm of the FMR; beyond the
    last point nothing is known, and unknown is refused.

    Args:
        calibration: measured points of the space.
        references: N, the number of references in the gallery.
        policy: target and floor.

    Raises:
        PolicyError: the calibration is empty or not monotone, the target is no rate, or the gallery
            is too large for the calibration.
    """
    points = _strictest_first(calibration)
    if not 0.0 < policy.target_fpir < 1.0:
        raise PolicyError(
            "The target false positive identification rate is not between 0 and 1.",
            "Correct match.target_fpir.",
        )
    fmr = -math.expm1(math.log1p(-policy.target_fpir) / max(references, 1))
    if fmr < points[0].fmr * (1.0 - ROUNDING):
        raise PolicyError(
            f"{references} references at a false positive identification rate of "
            f"{policy.target_fpir:g} are beyond the calibration of {calibration.space}.",
            "Raise match.target_fpir, split the gallery by door, or install a stronger pack.",
        )
    logs, scores = [math.log(point.fmr) for point in points], [point.score for point in points]
    return max(policy.floor, float(np.interp(math.log(fmr), logs, scores)))


def _strictest_first(calibration: Calibration) -> Sequence[OperatingPoint]:
    """The points by rising false match rate, and so by falling score."""
    points = sorted(calibration.points, key=lambda point: point.fmr)
    known = all(0.0 < point.fmr < 1.0 and math.isfinite(point.score) for point in points)
    falling = all(a.fmr < b.fmr and a.score > b.score for a, b in itertools.pairwise(points))
    if not (points and known and falling):
        raise PolicyError(
            f"The calibration of {calibration.space} is empty or contradicts itself.",
            "Run `kiosk models verify` and install the pack again.",
        )
    return points
