"""The inputs of the installer's page: callables and plain values. The page decides nothing itself.

Any of the callables may take a while, so they are called in a worker thread, never in the main one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kiosk.domain.door.protocol import DoorReading
from kiosk.domain.finding import Finding


@dataclass(frozen=True, slots=True)
class DoorNow:
    """The current state of the door.

    Attributes:
        condition: its condition, as for `Bridge.door`.
        reading: the driver's reading; None if there was none yet.
    """

    condition: str
    reading: DoorReading | None


@dataclass(frozen=True, slots=True)
class InstallerParts:
    """The functions for the installer's page. Each callable may raise a `LintelError`.

    Attributes:
        check_pin: takes the entered PIN; returns None if it is right, else a sentence why not.
        reading: returns the state of the door; called twice a second while the page is open.
        release: releases the lock for `release_seconds`.
        secure: locks it.
        test: tests the door; each step is shown when it is done.
        doctor: runs all checks; each finding is shown when it is known.
        version: the version of this program.
        release_seconds: the duration shown on the button.
        before_pin: returns a message to show before a PIN is entered, such as that none is set; or
            None.
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
