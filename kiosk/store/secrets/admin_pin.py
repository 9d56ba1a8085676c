"""The admin PIN of a kiosk's screen: few attempts, each counted before it is checked.

Five wrong PINs in a row start a wait for everybody, and the wait doubles with every five more.
Neither a restart nor a power cut between two attempts resets the count.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from kiosk.domain.access.backoff import Backoff
from kiosk.domain.access.factors import ADMIN_PIN_DIGITS, SALT_BYTES, Pin
from kiosk.domain.errors import BadInput
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.store.home import Home, now_utc
from kiosk.store.people.person import pin_of, pin_said
from kiosk.store.secrets.keys import KeySource, Purpose
from kiosk.store.secrets.sealed_file import Content, SealedFile

ATTEMPTS = 5
WAIT_SECONDS = 60.0
LONGEST_WAIT_SECONDS = 3600.0
BACKOFF = Backoff(ATTEMPTS, ATTEMPTS, WAIT_SECONDS, LONGEST_WAIT_SECONDS)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The result of a typed PIN.

    Attributes:
        right: True if it was the admin PIN.
        left: wrong attempts left before a wait for everybody.
        wait_seconds: seconds for which no PIN is checked; 0 where no wait runs.
        looked: True if it was checked and counted; False while a wait runs.
    """

    right: bool
    left: int
    wait_seconds: float
    looked: bool = True


@dataclass(frozen=True, slots=True)
class _Kept:
    """The file's content.

    Attributes:
        pin: the PIN's hash.
        wrong: attempts since the last right one.
        until: the end of the wait; no PIN is checked before.
    """

    pin: Pin
    wrong: int = 0
    until: datetime | None = None

    def wait_seconds(self, now: datetime) -> float:
        return max(0.0, (self.until - now).total_seconds()) if self.until else 0.0

    def counted(self, now: datetime) -> _Kept:
        """The content with one more attempt; every fifth starts a wait."""
        wrong = self.wrong + 1
        ends = now + timedelta(seconds=BACKOFF.wait(wrong)) if BACKOFF.starts(wrong) else None
        return replace(self, wrong=wrong, until=ends)

    def settled(self, now: datetime) -> _Kept:
        """The content with a wait restarted, not extended, if the clock was set back."""
        if self.wait_seconds(now) <= BACKOFF.wait(self.wrong):
            return self
        return replace(self, until=now + timedelta(seconds=BACKOFF.wait(self.wrong)))

    def said(self) -> Content:
        until = self.until.isoformat() if self.until else None
        return {"pin": pin_said(self.pin), "wrong": self.wrong, "until": until}


class AdminPin:
    """The admin PIN of one home; may be used by any thread and any process.

    Args:
        home: stores the PIN.
        key: holds the master key.
        utc: the wall clock, which runs on while the kiosk is off.

    Raises:
        StoreKeyError: there is no usable key.
    """

    def __init__(self, home: Home, key: KeySource, utc: Callable[[], datetime] = now_utc) -> None:
        remedy = Remedy("Set a new admin PIN.", NextStep.SET_ADMIN_PIN)
        self._file = SealedFile(home, home.admin, key, Purpose.ADMIN, remedy)
        self._utc = utc

    def is_set(self) -> bool:
        """True if there is one; without it the screen grants no admin access.

        Raises:
            StoreError: it cannot be read.
        """
        return self._file.load() is not None

    def set(self, text: str) -> None:
        """Set the admin PIN. The previous one is not needed.

        Raises:
            BadInput: it is no PIN of 6 to 12 digits, or a weak one.
            StoreError: it cannot be written; the old one stays.
        """
        pin = Pin.of(text, secrets.token_bytes(SALT_BYTES), ADMIN_PIN_DIGITS)
        self._file.save(_Kept(pin).said())

    def check(self, typed: str) -> Attempt:
        """Check a typed PIN, unless a wait runs.

        Raises:
            BadInput: there is no admin PIN.
            StoreError: the attempt could not be counted, and therefore was not checked.
        """
        now = self._utc()

        def count(raw: dict[str, Any] | None) -> Content:
            kept = self._kept(raw).settled(now)
            return (kept if kept.wait_seconds(now) else kept.counted(now)).said()

        kept = self._kept(self._file.change(count)).settled(now)
        if wait := kept.wait_seconds(now):
            return Attempt(right=False, left=0, wait_seconds=wait, looked=False)
        if kept.pin.matches(typed):
            self._file.change(lambda raw: _Kept(self._kept(raw).pin).said())
            return Attempt(right=True, left=ATTEMPTS, wait_seconds=0.0)
        return _refused(kept.counted(now), now)

    def _kept(self, raw: dict[str, Any] | None) -> _Kept:
        if raw is None:
            remedy = Remedy("An admin has to set one first.", NextStep.SET_ADMIN_PIN)
            raise BadInput("There is no admin PIN.", remedy)
        try:
            pin = pin_of(raw["pin"])
            until = datetime.fromisoformat(raw["until"]) if raw["until"] else None
            wrong = int(raw["wrong"])
        except (KeyError, TypeError, ValueError) as error:
            raise self._file.damaged() from error
        if pin is None:
            raise self._file.damaged()
        return _Kept(pin, wrong, until)


def _refused(kept: _Kept, now: datetime) -> Attempt:
    left = -kept.wrong % ATTEMPTS
    return Attempt(right=False, left=left, wait_seconds=kept.wait_seconds(now))
