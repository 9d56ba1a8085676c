"""A token bucket for calls of one operation, which never exceeds a quota of calls a second."""

from __future__ import annotations

import math
from typing import Final

WINDOW_SECONDS: Final = 1.1
"""When a token comes back: a second, and how much sooner the next call may be on its way."""
RECOVERY: Final = 0.05
"""The share of the quota that is taken up again each second after the service was overloaded."""
LEAST: Final = 0.1
"""The share of the quota that is left, however often the service is overloaded."""


class TokenBucket:
    """As many tokens as calls may be sent in a second; each comes back a second after its call.

    So no window of a second sees more calls than the quota, wherever it begins. After the service
    was too busy the rate is half, and recovers slowly.

    Times are monotonic seconds, and given; they may not run backwards.

    Args:
        quota: calls a second, above 0.
        window_seconds: when a token comes back, for a quota of 1 or more.
    """

    def __init__(self, quota: float, window_seconds: float = WINDOW_SECONDS) -> None:
        if not quota > 0.0 or not math.isfinite(quota):
            raise ValueError("a quota is above 0")
        self._quota, self._window = quota, window_seconds
        self._back: list[float] = []
        self._cut_at, self._cut_to = -math.inf, quota

    @property
    def quota(self) -> float:
        """Calls a second that are allowed when all is well."""
        return self._quota

    def rate(self, now: float) -> float:
        """Calls a second that are allowed now."""
        recovered = max(0.0, now - self._cut_at) * RECOVERY * self._quota
        return min(self._quota, self._cut_to + recovered)

    def reserve(self, now: float, latest: float) -> float | None:
        """The time at which the next call may be sent; its token is taken.

        Args:
            now: the time.
            latest: the last time that is of use.

        Returns:
            Now or later; None if that is after the latest, and no token is taken.
        """
        tokens, seconds = self._tokens(now)
        # A token that is not back yet at a time counts for that time.
        self._back = [back for back in self._back if back > now]
        at = now if len(self._back) < tokens else sorted(self._back)[-tokens]
        if at > latest:
            return None
        self._back.append(at + seconds)
        return at

    def overloaded(self, now: float) -> None:
        """Halve the rate: the service said that it is too busy. Once in a second."""
        if now - self._cut_at >= 1.0:
            half = self.rate(now) / 2.0
            self._cut_at, self._cut_to = now, max(half, self._quota * LEAST)

    def _tokens(self, now: float) -> tuple[int, float]:
        """How many tokens there are, and how long each is away."""
        rate = self.rate(now)
        return (int(rate), self._window) if rate >= 1.0 else (1, self._window / rate)
