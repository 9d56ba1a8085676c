"""What the installer's screen is given: callables and plain values. It decides nothing itself.

Whatever may take a while (all of it may) is called in a worker thread, never in the screen's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kiosk.domain.door.protocol import DoorReading
from kiosk.domain.finding import Finding


@dataclass(frozen=True, slots=True)
class DoorNow:
    """The door at this moment.

    Attributes:
        condition: what it adds up to, as `Bridge.door` is told.
        reading: what the wire says; None where it has not said anything.
    """

    condition: str
    reading: DoorReading | None


@dataclass(frozen=True, slots=True)
class InstallerParts:
    """What the installer's screen can do. Each callable may raise a `LintelError`.

    Attributes:
        check_pin: takes what was typed; None lets in, a sentence says why not.
        reading: what the door is now; called twice a second while the page is open.
        release: releases the lock for `release_seconds`.
        secure: locks it.
        test: tests the door, step by step; each is shown as it comes.
        doctor: looks at everything, row by row; each is shown as it comes.
        version: of this program.
        release_seconds: what the button says.
        before_pin: what there is to say before a PIN is typed, such as that there is none; or None.
    """

    check_pin: Callable[[str], str | None]
    reading: Callable[[], DoorNow]
    release: Callable[[], None]
    secure: Callable[[], None]
    test: Callable[[], Iterable[Finding]]
    doctor: Callable[[], Iterable[Finding]]
    version: str = ""
    release_seconds: float = 3.0
    before_pin: Callable[[], str | None] = lambda: None
