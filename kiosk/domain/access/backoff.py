"""The retry delays after wrong guesses: each is twice the one before, up to a limit."""

from __future__ import annotations

from dataclasses import dataclass

_DOUBLINGS = 30
"""The most doublings that are computed; more would give a number too large to compare."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """The rule for when wrong guesses in a row start a retry delay, and how long it lasts.

    Attributes:
        free: number of wrong guesses that starts the first delay.
        every: number of further wrong guesses that starts the next.
        first_seconds: the first delay; each later one is twice the one before.
        longest_seconds: the upper limit of a delay.
    """

    free: int
    every: int
    first_seconds: float
    longest_seconds: float

    def wait(self, wrong: int) -> float:
        """Return the delay that the latest ``wrong`` guess started, seconds; 0 before the first.

        It stays the same until the next delay starts, so asking again never shortens it.
        """
        if wrong < self.free:
            return 0.0
        doublings = min((wrong - self.free) // self.every, _DOUBLINGS)
        return min(self.first_seconds * 2.0**doublings, self.longest_seconds)

    def starts(self, wrong: int) -> bool:
        """True if the latest of ``wrong`` guesses starts a delay."""
        return wrong >= self.free and (wrong - self.free) % self.every == 0


PIN_BACKOFF = Backoff(free=3, every=1, first_seconds=30.0, longest_seconds=3600.0)
"""For a person's PIN at the door: a typing slip costs nothing, guessing costs hours."""
