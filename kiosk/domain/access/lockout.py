"""What is held against whoever comes next, so that stepping out of the picture resets nothing.

Refusals are counted after AWS's advice for liveness (five failures in three minutes are enough)
and R56. A lockout that was sat through settles the account; a fault in its midst does not shorten
it.

Doubt is what a session without a grant fell short of in proof of life, in probes times score. The
next grant has to make up for it: a second session is no second chance of being taken for alive.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.domain.vision.frame import Instant


@dataclass(frozen=True, slots=True)
class Failures:
    """What went before.

    Attributes:
        at: when the latest refusals were, oldest first.
        doubt: proof of life that the sessions of late fell short of, in probes times score.
        doubted_at: when the last of it was added.
    """

    at: tuple[Instant, ...] = ()
    doubt: float = 0.0
    doubted_at: Instant = Instant(float("-inf"))

    def add(self, now: Instant, window_seconds: float) -> Failures:
        """One more refusal; those older than the window are forgotten."""
        return replace(self, at=(*self.since(now, window_seconds), now))

    def settled(self) -> Failures:
        """After a lockout: the refusals are paid for, a doubt is not."""
        return replace(self, at=())

    def doubting(self, short: float, most: float, now: Instant, window_seconds: float) -> Failures:
        """With what another session fell short of, up to a limit; nothing takes any of it away."""
        if not short > 0.0:
            return self
        doubt = min(self.owed(now, window_seconds) + short, most)
        return replace(self, doubt=doubt, doubted_at=now)

    def owed(self, now: Instant, window_seconds: float) -> float:
        """What a grant has to make up for; forgotten after the window, as refusals are."""
        return 0.0 if now - self.doubted_at >= window_seconds else self.doubt

    def since(self, now: Instant, window_seconds: float) -> tuple[Instant, ...]:
        """The refusals within the window that ends now."""
        return tuple(at for at in self.at if now - at < window_seconds)


@dataclass(frozen=True, slots=True)
class Held:
    """What is held against whoever comes next, in whatever state the door is.

    Attributes:
        failures: refusals and doubt.
        locked_until: nobody is decided on until then; None where no lockout runs.
    """

    failures: Failures = Failures()
    locked_until: Instant | None = None
