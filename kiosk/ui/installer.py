"""The inputs of the installer's page: callables and plain values. The page decides nothing itself.

Any of the callables may take a while, so they are called in a worker thread, never in the main one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.domain.door.protocol import DoorReading
from kiosk.domain.enrolment.poses import PosesReason
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
class FleetNow:
    """This kiosk as a device of its fleet.

    Attributes:
        fingerprint: of the keys that it made, hexadecimal.
        store: the address of the fleet's store.
        approved: False until it has synced for the first time.
        scopes: those whose people it knows.
        signed_at: when the publisher signed what is known here, local time; None if it never did.
        asked_at: when this kiosk looked last, local time; None before the first look.
        problem: why that look brought nothing; None if it did.
    """

    fingerprint: str
    store: str
    approved: bool
    scopes: Sequence[str] = ()
    signed_at: datetime | None = None
    asked_at: datetime | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class CloudNow:
    """How it stands with Amazon Rekognition.

    Attributes:
        mode: `cloud.mode` of the settings.
        answered_at: when it last answered, local time; None if it has not since the start.
        gone_since: since when it gives no answer, local time; None while it does.
        spent: share of the monthly limit that is spent; None where that is not known.
    """

    mode: str
    answered_at: datetime | None = None
    gone_since: datetime | None = None
    spent: float | None = None


class PinAnswer(Protocol):
    """The result of an entered PIN."""

    @property
    def right(self) -> bool:
        """True if it was the admin PIN."""
        ...

    @property
    def left(self) -> int:
        """Wrong attempts left before a wait."""
        ...

    @property
    def wait_seconds(self) -> float:
        """Seconds for which no PIN is checked; 0 where no wait runs."""
        ...

    @property
    def looked(self) -> bool:
        """True if it was checked; False while a wait runs."""
        ...


class Known(Protocol):
    """Somebody who can be chosen by their id."""

    @property
    def subject(self) -> str:
        """Their id."""
        ...

    @property
    def enrolled(self) -> bool:
        """True if they are enrolled; False if they are only invited."""
        ...


@dataclass(frozen=True, slots=True)
class VouchParts:
    """What an admin beside a person can do for their enrolment. Each may raise a `LintelError`.

    Attributes:
        known: returns everybody who can be chosen.
        begin: begins the session of the person with this id; with a number of directions and the
            reason for it, fewer are enough.
        relax: lets whoever enrols now do with this number of directions, for this reason.
        enrolling: returns True while somebody enrols; it does not wait.
        poses_required: the number of directions that are wanted of everybody.
    """

    known: Callable[[], Sequence[Known]]
    begin: Callable[[str, tuple[int, PosesReason] | None], None]
    relax: Callable[[int, PosesReason], None]
    enrolling: Callable[[], bool]
    poses_required: int


@dataclass(frozen=True, slots=True)
class InstallerParts:
    """The functions for the installer's page. Each callable may raise a `LintelError`.

    Attributes:
        check_pin: takes the entered PIN.
        reading: returns the state of the door; called twice a second while the page is open.
        release: releases the lock for `release_seconds`.
        secure: locks it.
        test: tests the door; each step is shown when it is done.
        doctor: runs all checks; each finding is shown when it is known.
        version: the version of this program.
        release_seconds: the duration shown on the button.
        pin_is_set: returns False if there is no PIN that could be entered.
        vouch: what an admin beside somebody can do for their enrolment; None where nobody enrols.
        fleet: returns what is known of the kiosk's fleet; None where it belongs to none.
        cloud: returns how it stands with Rekognition; None where the settings do not use it.
    """

    check_pin: Callable[[str], PinAnswer]
    reading: Callable[[], DoorNow]
    release: Callable[[], None]
    secure: Callable[[], None]
    test: Callable[[], Iterable[Finding]]
    doctor: Callable[[], Iterable[Finding]]
    version: str = ""
    release_seconds: float = 3.0
    pin_is_set: Callable[[], bool] = lambda: True
    vouch: VouchParts | None = None
    fleet: Callable[[], FleetNow] | None = None
    cloud: Callable[[], CloudNow] | None = None
