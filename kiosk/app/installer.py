"""The functions of the installer's page on the running kiosk; all obey the kiosk's own rules.

Every door operation goes through the kiosk's own door controller, in the one thread that owns it,
and is recorded in the journal before it is done. Attempts at the admin PIN are limited, and each is
recorded.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kiosk.app.admin.cloud_now import cloud_part
from kiosk.app.admin.fleet_now import fleet_part
from kiosk.app.admin.vouching import Enrols, vouch_parts
from kiosk.diagnostics.checks import Check, examine, of_machine, of_settings
from kiosk.diagnostics.door_test import try_out
from kiosk.diagnostics.parts import fitted, kept_by_kiosk, look, oddities, said, timed
from kiosk.domain.access.states import Part
from kiosk.domain.door.model import Condition
from kiosk.domain.door.protocol import DoorReading
from kiosk.domain.errors import CameraLost, Refused
from kiosk.domain.finding import Finding, Health
from kiosk.domain.vision.frame import Frame
from kiosk.door.calls import Came, DoorThread, call_in_door_thread
from kiosk.fleet.polling import PollingWatch
from kiosk.journal.events.operators import AdminPinGuessed, InstallerActed
from kiosk.journal.events.reasons import why_not
from kiosk.store.secrets.admin_pin import AdminPin, Attempt
from kiosk.store.secrets.keys import FileKey

if TYPE_CHECKING:
    from config.settings import Settings
    from kiosk.door.subsystem import DoorSubsystem
    from kiosk.store.open_home import OpenHome
    from kiosk.ui.installer import DoorNow, InstallerParts

PATIENCE_SECONDS = 3.0
"""Longer than any answer of a door takes. Work that has not begun by then is not done."""
GLANCE_SECONDS = 0.02
TEST_SECONDS = 3.0
UNFIT = {
    Condition.FIRE: "the fire panel has it free",
    Condition.UNLOCKED: "the schedule has it free",
    Condition.LOCKED_DOWN: "an operator has locked it down",
}
"""Conditions in which the door cannot be tested."""


class Runs(DoorThread, Enrols, Protocol):
    """A running kiosk; see `kiosk.pipeline.live`."""

    def preview(self) -> Frame | None:
        """The newest frame that was not returned before; None if there is none."""
        ...

    def door_status(self) -> DoorReading:
        """The current reading of the door."""
        ...


def parts(
    settings: Settings, open_home: OpenHome, kiosk: Runs, fleet: PollingWatch | None = None
) -> InstallerParts:
    """The functions for the installer's page.

    Args:
        settings: all settings.
        open_home: the home and its journal.
        kiosk: the running kiosk.
        fleet: what came of the latest look into the fleet's store.

    Raises:
        StoreError: the key cannot be read.
    """
    from kiosk.ui.installer import InstallerParts

    hands, pin = RunningDoor(kiosk), AdminPin(open_home.home, FileKey(open_home.home))
    seconds = min(TEST_SECONDS, settings.door.max_release_seconds)
    return InstallerParts(
        check_pin=_checked(pin, open_home),
        reading=hands.now,
        release=lambda: hands.release(seconds),
        secure=hands.secure_now,
        test=lambda: examine([("test", lambda: _test(hands, seconds))]),
        doctor=lambda: examine(_checks(settings, open_home, kiosk)),
        version=_version(),
        release_seconds=seconds,
        pin_is_set=pin.is_set,
        vouch=vouch_parts(settings, open_home, kiosk),
        fleet=fleet_part(open_home, fleet),
        cloud=cloud_part(settings, open_home.home),
    )


def _version() -> str:
    try:
        return metadata.version("lintel-kiosk")
    except metadata.PackageNotFoundError:  # run from source, not installed
        return ""


# -- the PIN -------------------------------------------------------------------------------------


def _checked(pin: AdminPin, open_home: OpenHome) -> Callable[[str], Attempt]:
    def check(typed: str) -> Attempt:
        """Check a PIN; the result is recorded before it is returned."""
        attempt = pin.check(typed)
        if attempt.looked:
            open_home.recorder.note(InstallerActed("opened" if attempt.right else "wrong_pin"))
            if attempt.wait_seconds > 0.0:
                open_home.recorder.note(AdminPinGuessed(round(attempt.wait_seconds)))
        return attempt

    return check


# -- the door ------------------------------------------------------------------------------------


class RunningDoor:
    """The door of a running kiosk. May be used by any thread except the door thread.

    Args:
        kiosk: the kiosk that owns the door.
        patience_seconds: the maximum wait for an answer.
    """

    def __init__(self, kiosk: Runs, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._kiosk = kiosk
        self._patience_seconds = patience_seconds

    def now(self) -> DoorNow:
        """The current state of the door as the kiosk knows it.

        Raises:
            DoorTimeout: the door thread is busy.
        """
        from kiosk.ui.installer import DoorNow

        return self._ask(lambda subsystem: DoorNow(subsystem.condition.value, subsystem.reading))

    def reading(self) -> DoorReading | None:
        """The last reading of the door; the kiosk polls it several times a second."""
        return self.now().reading

    def secure(self) -> None:
        """Lock, and wait for the door's answer. A schedule takes effect again at once."""
        self._ask(lambda subsystem: subsystem.recover())

    def secure_now(self) -> None:
        """Lock now, and override a schedule until its next change. It is done even if it is late.

        Raises:
            JournalUnwritable: it could not be recorded; the door was locked all the same.
            DoorError: the door did not answer; the order is repeated until it does.
        """

        def lock(subsystem: DoorSubsystem) -> None:
            try:
                subsystem.note(InstallerActed("secure"))
            finally:
                subsystem.secure()

        self._ask(lock, late=True)

    def release(self, seconds: float) -> None:
        """Release the door; the door controller records it first.

        Raises:
            Refused: the door is locked down, a person is passing, or the interlocked door is open.
            JournalUnwritable: it could not be recorded, and was not done.
            DoorError: the door did not carry out the order; or it was busy, and nothing was done.
        """
        reason = self._ask(lambda subsystem: subsystem.release_for_installer(seconds))
        if reason is not None:
            why = why_not(reason)
            raise Refused(f"The door was not released: {why}.", "Look at the door's state.")

    def begin_test(self) -> Condition:
        """Record the start of a test, and return the door's condition at that time."""

        def work(subsystem: DoorSubsystem) -> Condition:
            subsystem.note(InstallerActed("test"))
            return subsystem.condition

        return self._ask(work)

    def _ask(self, work: Callable[[DoorSubsystem], Came], *, late: bool = False) -> Came:
        """Run work in the door thread, and wait for its result.

        Args:
            work: the work.
            late: True if it is still done after the wait has timed out.
        """
        return call_in_door_thread(self._kiosk, work, self._patience_seconds, late=late)


def _test(hands: RunningDoor, seconds: float) -> Iterator[Finding]:
    condition = hands.begin_test()
    if condition in UNFIT:
        remedy = "Test it once that is over."
        yield Finding("test", Health.WARN, f"not done: {UNFIT[condition]}", remedy)
        return
    yield from try_out(hands, seconds)


# -- the doctor ----------------------------------------------------------------------------------


def _checks(settings: Settings, open_home: OpenHome, kiosk: Runs) -> Iterator[Check]:
    """The checks of `kiosk doctor`, with camera and door as the kiosk itself has them open."""
    home = open_home.home.path
    yield "camera", lambda: _camera(settings, home, kiosk)
    yield "door", lambda: _door(settings, kiosk)
    yield from of_settings(home, settings)
    yield from of_machine(home, None)


def _camera(settings: Settings, home: Path, kiosk: Runs) -> Iterator[Finding]:
    """The kiosk's own camera fault if it has reported one; else the checks of its picture."""
    complaint = _complaint(home)
    if complaint is None:
        try:
            yield from look(_frames(kiosk), settings.camera, time.monotonic())
        except CameraLost:
            complaint = _complaint(home)
            if complaint is None:
                raise
    if complaint is not None:
        yield complaint


def _complaint(home: Path) -> Finding | None:
    return next((f for f in kept_by_kiosk(home, Part.CAMERA) if f.health is Health.BAD), None)


def _frames(kiosk: Runs) -> Callable[[float], Frame]:
    """A function that waits for the newest frame, as a camera does."""
    kiosk.preview()  # discard: this frame may be older than the page

    def read(timeout: float) -> Frame:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            frame = kiosk.preview()
            if frame is not None:
                return frame
            time.sleep(GLANCE_SECONDS)
        raise CameraLost("The kiosk gets no frames.", "Look at the camera and at camera.source.")

    return read


def _door(settings: Settings, kiosk: Runs) -> Iterator[Finding]:
    took, reading = timed(kiosk.door_status)
    told = f"{fitted(settings.door)}: read in {took:.0f} ms; {said(reading)}"
    yield Finding("door", Health.OK, told)
    yield from oddities(reading, locked=False)
