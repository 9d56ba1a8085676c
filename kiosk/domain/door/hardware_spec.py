"""The hardware spec of a door: lock, fail mode, and the contradictions between them. No device.

A fail-secure lock stays locked without power, a fail-safe one unlocks (UL 294). Lintel never
releases a door because of a fault: the relay at rest is locked, and without power the lock itself
does what was declared.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum


class FailMode(Enum):
    """The behaviour of the lock without power."""

    SECURE = "secure"
    SAFE = "safe"


class LockKind(Enum):
    """The type of the lock."""

    STRIKE = "strike"
    """An electric strike; made for either fail mode."""
    MAGLOCK = "maglock"
    """An electromagnetic lock: holds only while it has power."""
    BOLT = "bolt"
    """A solenoid bolt; made for either fail mode."""
    MOTOR = "motor"
    """A motor lock: keeps its position without power."""
    TURNSTILE = "turnstile"
    """Arms or wings instead of a leaf; made for either fail mode."""


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
    """The contradictions in a hardware spec, in words that name the settings and the remedy."""
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
