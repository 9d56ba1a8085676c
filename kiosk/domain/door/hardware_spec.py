"""How a door's lock is built and how it fails, and what contradicts itself. No device.

A fail-secure lock stays locked without current, a fail-safe one lets go (UL 294). Lintel never
releases a door because something broke: the relay at rest is locked, and the lock itself does what
was declared when its current goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum


class FailMode(Enum):
    """What the lock does without current."""

    SECURE = "secure"
    SAFE = "safe"


class LockKind(Enum):
    """What holds the leaf."""

    STRIKE = "strike"
    """An electric strike; made for either."""
    MAGLOCK = "maglock"
    """A magnet: holds by current alone."""
    BOLT = "bolt"
    """A solenoid bolt; made for either."""
    MOTOR = "motor"
    """A motor lock: stays as it is without current."""
    TURNSTILE = "turnstile"
    """Arms or wings instead of a leaf; made for either."""


POSSIBLE = {
    LockKind.STRIKE: frozenset(FailMode),
    LockKind.MAGLOCK: frozenset({FailMode.SAFE}),
    LockKind.BOLT: frozenset(FailMode),
    LockKind.MOTOR: frozenset({FailMode.SECURE}),
    LockKind.TURNSTILE: frozenset(FailMode),
}

WHY = {
    LockKind.MAGLOCK: "a maglock lets go without current",
    LockKind.MOTOR: "a motor lock stays as it is without current",
}


def contradictions(fail_mode: FailMode, lock: LockKind, *, fire_input: bool) -> Iterator[str]:
    """What cannot be true together, in words that name the settings and the remedy."""
    if fail_mode not in POSSIBLE[lock]:
        (possible,) = POSSIBLE[lock]
        yield (
            f'fail_mode = "{fail_mode.value}" contradicts lock = "{lock.value}": {WHY[lock]}; '
            f'write fail_mode = "{possible.value}", or correct lock'
        )
    if fire_input and fail_mode is FailMode.SECURE:
        yield (
            "a fire input is for doors that fail safe: an alarm pulled by anybody must not open "
            "a fail-secure door; remove the input, free egress is the lock's own"
        )
