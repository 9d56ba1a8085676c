"""The test of a door, step by step: locked, released, locked again by itself. The same everywhere.

From the command line it moves a door that no kiosk keeps, from the installer's page the door of the
kiosk that runs; what is done to it is in the journal either way.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from kiosk.diagnostics.parts import timed
from kiosk.domain.door.protocol import DoorReading, Leaf, Lock
from kiosk.domain.finding import Finding, Health

LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 5.0
"""A lock that is still released so long after its time does not end its releases."""


class DoorUnderTest(Protocol):
    """What can be done to a door; each raises a LintelError where it could not be done."""

    def secure(self) -> None:
        """Lock it, and hear from it."""
        ...

    def release(self, seconds: float) -> None:
        """Release it."""
        ...

    def reading(self) -> DoorReading | None:
        """What it says now."""
        ...


def try_out(hands: DoorUnderTest, seconds: float) -> Iterator[Finding]:
    """Try a door; each step is told as it is over.

    Args:
        hands: do it.
        seconds: how long it is released.

    Raises:
        LintelError: a step could not be done; the release that was given ends by itself.
    """
    took, _ = timed(hands.secure)
    yield _done("secured", took)
    took, _ = timed(lambda: hands.release(seconds))
    watch = _Watch(hands, time.monotonic())
    yield _done("released", took, f"; the lock must be free for {seconds:g} s now: try it")
    watch.until(seconds)
    yield watch.end(seconds)
    yield from watch.oddities()


def _done(name: str, took_ms: float, more: str = "") -> Finding:
    return Finding(name, Health.OK, f"acknowledged in {took_ms:.0f} ms{more}")


@dataclass(slots=True)
class _Watch:
    """What is seen of a release.

    Attributes:
        hands: look.
        began: when it was acknowledged.
        ended: when the lock was seen secured again; None until then.
        released: whether the lock was ever seen released.
        leaf: where the leaf was seen last; open, once it was open.
    """

    hands: DoorUnderTest
    began: float
    ended: float | None = None
    released: bool = False
    leaf: Leaf = Leaf.UNSEEN

    def until(self, seconds: float) -> None:
        """Look until the lock is secured again, for no longer than patience lasts."""
        while self.ended is None and self._passed < seconds + PATIENCE_SECONDS:
            self._look(over=self._passed >= seconds)
            time.sleep(LOOK_SECONDS)

    @property
    def _passed(self) -> float:
        return time.monotonic() - self.began

    def _look(self, *, over: bool) -> None:
        """A lock that never says released is taken as secured only once the time is over."""
        reading = self.hands.reading()
        if reading is None:
            return
        if self.leaf is not Leaf.OPEN:
            self.leaf = reading.leaf
        if reading.lock is Lock.RELEASED:
            self.released = True
        elif self.released or over:
            self.ended = self._passed

    def end(self, seconds: float) -> Finding:
        """How the release ended."""
        name = "secured again by itself"
        if self.ended is None:
            late = f"the relay still says released {PATIENCE_SECONDS:g} s after its time"
            return Finding(name, Health.BAD, late, "Look at its timer, and at the wire.")
        return Finding(name, Health.OK, f"after {self.ended:.1f} s of {seconds:g} s")

    def oddities(self) -> Iterator[Finding]:
        """What else was seen, or should have been."""
        if not self.released:
            remedy = "Look whether the lock moved: this wire may have nothing to read it back with."
            yield Finding("read back", Health.WARN, "it never said that it was released", remedy)
        seen = {
            Leaf.OPEN: "was seen to open",
            Leaf.CLOSED: "stayed shut; open it during a test to try its contact",
            Leaf.UNSEEN: "no contact fitted",
        }
        yield Finding("leaf", Health.OK, seen[self.leaf])
