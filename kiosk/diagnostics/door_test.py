"""The door test: lock, release, and watch the door lock again by itself.

From the command line it operates a door that no kiosk controls; from the installer's page it
operates the door of the running kiosk. The steps are the same, and both record them in the journal.
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
"""A lock still released this long after its time counts as not ending its releases."""


class DoorUnderTest(Protocol):
    """The operations of the test on a door. Each raises a LintelError if it fails."""

    def secure(self) -> None:
        """Lock it, and wait for its answer."""
        ...

    def release(self, seconds: float) -> None:
        """Release it."""
        ...

    def reading(self) -> DoorReading | None:
        """The current reading."""
        ...


def try_out(hands: DoorUnderTest, seconds: float) -> Iterator[Finding]:
    """Test a door; each step is reported when it is done.

    Args:
        hands: the door.
        seconds: the duration of the release.

    Raises:
        LintelError: a step failed; the release that was given ends by itself.
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
    """The observations during a release.

    Attributes:
        hands: the door.
        began: the time when the release was acknowledged.
        ended: seconds until the lock was seen secured again; None until then.
        released: True if the lock was ever seen released.
        leaf: the last state of the leaf; stays open once it was open.
    """

    hands: DoorUnderTest
    began: float
    ended: float | None = None
    released: bool = False
    leaf: Leaf = Leaf.UNSEEN

    def until(self, seconds: float) -> None:
        """Poll until the lock is secured again, or `PATIENCE_SECONDS` after the release time."""
        while self.ended is None and self._passed < seconds + PATIENCE_SECONDS:
            self._look(over=self._passed >= seconds)
            time.sleep(LOOK_SECONDS)

    @property
    def _passed(self) -> float:
        return time.monotonic() - self.began

    def _look(self, *, over: bool) -> None:
        """Read the door. A lock never seen released counts as secured only after that time."""
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
        """The finding about the end of the release."""
        name = "secured again by itself"
        if self.ended is None:
            late = f"the relay still says released {PATIENCE_SECONDS:g} s after its time"
            return Finding(name, Health.BAD, late, "Look at its timer, and at the wire.")
        return Finding(name, Health.OK, f"after {self.ended:.1f} s of {seconds:g} s")

    def oddities(self) -> Iterator[Finding]:
        """The findings about the read-back and the leaf."""
        if not self.released:
            remedy = "Look whether the lock moved: this wire may have nothing to read it back with."
            yield Finding("read back", Health.WARN, "it never said that it was released", remedy)
        seen = {
            Leaf.OPEN: "was seen to open",
            Leaf.CLOSED: "stayed shut; open it during a test to try its contact",
            Leaf.UNSEEN: "no contact fitted",
        }
        yield Finding("leaf", Health.OK, seen[self.leaf])
