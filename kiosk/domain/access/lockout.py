"""The record that carries over to the next person: stepping out of the picture resets nothing.

Refusals are counted after AWS's advice for liveness (five failures in three minutes are enough) and
R56. A lockout that ran its full time clears the refusals; a fault during it does not shorten it.

Doubt is the shortfall of a session without a grant in attack detection, in probes times score. The
next grant has to make up for it: a second session is not a second chance to pass as bona fide.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.domain.vision.frame import Instant


@dataclass(frozen=True, slots=True)
class Failures:
    """The record of earlier sessions.

    Attributes:
        at: times of the latest refusals, oldest first.
        doubt: shortfall of recent sessions in attack detection, in probes times score.
        doubted_at: when doubt was last added.
    """

    at: tuple[Instant, ...] = ()
    doubt: float = 0.0
    doubted_at: Instant = Instant(float("-inf"))

    def add(self, now: Instant, window_seconds: float) -> Failures:
        """Add a refusal, and drop those older than the window."""
        return replace(self, at=(*self.since(now, window_seconds), now))

    def settled(self) -> Failures:
        """The record after a lockout: the refusals are cleared, the doubt is kept."""
        return replace(self, at=())

    def doubting(self, short: float, most: float, now: Instant, window_seconds: float) -> Failures:
        """Add the shortfall of a session, up to a limit; a session without one reduces nothing."""
        if not short > 0.0:
            return self
        doubt = min(self.owed(now, window_seconds) + short, most)
        return replace(self, doubt=doubt, doubted_at=now)

    def owed(self, now: Instant, window_seconds: float) -> float:
        """The doubt that a grant must make up for; it expires after the window, as refusals do."""
        return 0.0 if now - self.doubted_at >= window_seconds else self.doubt

    def since(self, now: Instant, window_seconds: float) -> tuple[Instant, ...]:
        """The refusals within the window that ends now."""
        return tuple(at for at in self.at if now - at < window_seconds)


@dataclass(frozen=True, slots=True)
class Held:
    """The record that carries over to the next person, in any state.

    Attributes:
        failures: refusals and doubt.
        locked_until: no decision is made until then; None if no lockout runs.
    """

    failures: Failures = Failures()
    locked_until: Instant | None = None
