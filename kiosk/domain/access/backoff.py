"""How long guessing has to wait: twice as long each time, up to a limit."""

from __future__ import annotations

from dataclasses import dataclass

_DOUBLINGS = 30
"""More would be a number too large to compare."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """When wrong guesses in a row start a wait, and how long it is.

    Attributes:
        free: so many wrong ones start the first wait.
        every: so many more start the next.
        first_seconds: the first wait; each is twice the one before.
        longest_seconds: no wait is longer.
    """

    free: int
    every: int
    first_seconds: float
    longest_seconds: float

    def wait(self, wrong: int) -> float:
        """The wait that the latest of so many wrong guesses started, seconds; 0 before the first.

        The same until the next wait, so that nobody who asks again finds it shorter.
        """
        if wrong < self.free:
            return 0.0
        doublings = min((wrong - self.free) // self.every, _DOUBLINGS)
        return min(self.first_seconds * 2.0**doublings, self.longest_seconds)

    def starts(self, wrong: int) -> bool:
        """Whether the latest of so many wrong guesses starts a wait."""
        return wrong >= self.free and (wrong - self.free) % self.every == 0


PIN_BACKOFF = Backoff(free=3, every=1, first_seconds=30.0, longest_seconds=3600.0)
"""For somebody's PIN at the door: a slip of the finger costs nothing, guessing costs hours."""
