"""Error rates: a count of errors in a count of trials, never reported without both.

Bounds are those of Clopper and Pearson: exact for independent trials, and never too narrow.
Comparisons among the same few images are not independent; a report of such bounds must say so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

CONFIDENCE = 0.95
RULE_OF_THREE = 3.0
"""With no error in n trials the true rate is below 3/n, at 95 % confidence (ISO/IEC 19795-1)."""

_HALVINGS = 60
_SMALLEST = 1e-300
_CONVERGED = 1e-12


@dataclass(frozen=True, slots=True)
class Rate:
    """Errors in trials.

    Attributes:
        errors: the number of errors.
        trials: the number of trials.

    Raises:
        ValueError: there are more errors than trials, or a negative number of errors.
    """

    errors: int
    trials: int

    def __post_init__(self) -> None:
        if not 0 <= self.errors <= self.trials:
            raise ValueError(f"{self.errors} errors in {self.trials} trials cannot be")

    @property
    def value(self) -> float | None:
        """The share of errors; None if there were no trials."""
        return self.errors / self.trials if self.trials else None

    @property
    def bounds(self) -> tuple[float, float]:
        """Lower and upper bound of the true rate, two-sided, at 95 % confidence."""
        if not self.trials:
            return 0.0, 1.0
        tail, k, n = (1.0 - CONFIDENCE) / 2, self.errors, self.trials
        low = _root(lambda p: beta_share(p, k, n - k + 1), tail) if k else 0.0
        high = _root(lambda p: beta_share(p, k + 1, n - k), 1.0 - tail) if k < n else 1.0
        return low, high

    def claim(self) -> str:
        """The statement, in words, that these trials support."""
        if not self.trials:
            return "nothing was tried, so nothing is known"
        if not self.errors:
            return _none_seen(self.trials)
        low, high = self.bounds
        return (
            f"{self.errors:,} in {self.trials:,}: the true rate lies between {percent(low)} and "
            f"{percent(high)} at 95 % confidence"
        )


def _none_seen(trials: int) -> str:
    most = RULE_OF_THREE / trials
    if most >= 1.0:
        return f"no error in {trials:,}: too few trials to claim anything"
    return (
        f"no error in {trials:,}: the true rate is below {percent(most)} at 95 % confidence "
        "(rule of three); a lower one is not shown"
    )


def percent(share: float | None) -> str:
    """A share as text: three significant digits, four from 99 % on."""
    return "unknown" if share is None else f"{_digits(share)} %"


def between(low: float, high: float) -> str:
    """Bounds as text."""
    return f"{_digits(low)} to {_digits(high)} %"


def _digits(share: float) -> str:
    nearly_all = 0.99
    return f"{share * 100:.4g}" if share >= nearly_all else f"{share * 100:.3g}"


def beta_share(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b), by Lentz's continued fraction.

    Args:
        x: 0 to 1.
        a: above 0.
        b: above 0.
    """
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    logarithm = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(logarithm + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _fraction(x, a, b) / a
    return 1.0 - front * _fraction(1.0 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function; takes about sqrt(max(a, b)) terms."""
    c, d = 1.0, 1.0 / _away(1.0 - (a + b) * x / (a + 1.0))
    result = d
    for m in range(1, 1000 + 10 * math.isqrt(int(a + b))):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        for term in (even, odd):
            d = 1.0 / _away(1.0 + term * d)
            c = _away(1.0 + term / c)
            result *= c * d
        if abs(c * d - 1.0) < _CONVERGED:
            break
    return result


def _away(number: float) -> float:
    """The number, kept away from zero."""
    return number if abs(number) > _SMALLEST else _SMALLEST


def _root(rising: Callable[[float], float], level: float) -> float:
    """The point where a rising function on 0 to 1 reaches the level, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < level else (low, middle)
    return (low + high) / 2
