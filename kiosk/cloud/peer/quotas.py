"""Calls a second of each operation: a bucket that holds one second's worth."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

ALL = "*"
"""Stands for every operation that is not named."""


@dataclass(slots=True)
class _Level:
    tokens: float
    at: float


class PeerQuotas:
    """The quotas of an account.

    Args:
        tps: calls a second by operation, or by `ALL`; without either there is no quota.
        clock: monotonic seconds.
    """

    def __init__(self, tps: Mapping[str, float], clock: Callable[[], float]) -> None:
        self._tps = dict(tps)
        self._clock = clock
        self._levels: dict[str, _Level] = {}
        self._lock = threading.Lock()

    def set(self, operation: str, tps: float | None) -> None:
        """Change a quota; None for no quota. Its bucket is full then."""
        with self._lock:
            self._levels.pop(operation, None)
            self._tps.pop(operation, None)
            if tps is not None:
                self._tps[operation] = tps

    def lift(self) -> None:
        """Have no quotas any more."""
        with self._lock:
            self._levels.clear()
            self._tps.clear()

    def take(self, operation: str) -> bool:
        """Take one call of an operation; False if its quota is used up."""
        with self._lock:
            tps = self._tps.get(operation, self._tps.get(ALL))
            if tps is None:
                return True
            now = self._clock()
            most = max(tps, 1.0) if tps > 0 else 0.0
            level = self._levels.setdefault(operation, _Level(most, now))
            level.tokens = min(most, level.tokens + (now - level.at) * tps)
            level.at = now
            if level.tokens < 1.0:
                return False
            level.tokens -= 1.0
            return True
