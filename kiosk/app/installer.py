"""What the installer's page can do to the kiosk that runs: nothing that its own rules would not.

Whatever moves the door goes through the kiosk's own doorkeeper, in the one thread that owns it, and
is in the journal before it is done. Who types the admin PIN has few tries, each written down.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kiosk.diagnostics.checks import Check, examine, of_machine, of_settings
from kiosk.diagnostics.door_test import try_out
from kiosk.diagnostics.parts import fitted, kept_by_kiosk, look, oddities, said, timed
from kiosk.domain.access.states import Part
from kiosk.domain.door.model import By, Condition
from kiosk.domain.door.protocol import DoorReading, ReleaseOrder
from kiosk.domain.errors import CameraLost, Refused
from kiosk.domain.finding import Finding, Health
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.door.calls import Came, DoorThread, call_in_door_thread
from kiosk.journal.sentences import why_not
from kiosk.store.secrets.admin_pin import AdminPin, Attempt
from kiosk.store.secrets.keys import FileKey

if TYPE_CHECKING:
    from config.settings import Settings
    from kiosk.door.subsystem import DoorSubsystem
    from kiosk.store.open_home import OpenHome
    from kiosk.ui.installer import DoorNow, InstallerParts

EVENT = "installer"
PATIENCE_SECONDS = 3.0
"""No answer of a door takes longer; what was not begun by then is not done."""
GLANCE_SECONDS = 0.02
TEST_SECONDS = 3.0
NO_PIN = "There is no admin PIN. Run `kiosk admin pin` to set one."
UNFIT = {
    Condition.FIRE: "the fire panel has it free",
    Condition.UNLOCKED: "the schedule has it free",
    Condition.LOCKED_DOWN: "an operator has locked it down",
}
"""A door that cannot be tried as it is."""


class Runs(DoorThread, Protocol):
    """A kiosk that runs; see `kiosk.pipeline.live`."""

    def preview(self) -> Frame | None:
        """The newest frame that nobody has seen yet."""
        ...

    def door_status(self) -> DoorReading:
        """What the wire says now."""
        ...


def parts(settings: Settings, open_home: OpenHome, kiosk: Runs) -> InstallerParts:
    """What the installer's page can do.

    Args:
        settings: all of them.
        open_home: home and journal.
        kiosk: which runs.

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
        before_pin=lambda: None if pin.is_set() else NO_PIN,
    )


def _version() -> str:
    try:
        return metadata.version("lintel-kiosk")
    except metadata.PackageNotFoundError:  # run from its source
        return ""


# -- the PIN -------------------------------------------------------------------------------------


def _checked(pin: AdminPin, open_home: OpenHome) -> Callable[[str], str | None]:
    def check(typed: str) -> str | None:
        """Let in, once it is written down; or a sentence that says why not."""
        attempt = pin.check(typed)
        if attempt.looked:
            open_home.note(EVENT, {"did": "opened" if attempt.right else "wrong_pin"})
        return None if attempt.right else _refusal(attempt)

    return check


def _refusal(attempt: Attempt) -> str:
    wrong = "That PIN didn't work." if attempt.looked else ""
    if attempt.wait_seconds:
        return f"{wrong} Please wait {attempt.wait_seconds:.0f} seconds.".strip()
    left = "attempt" if attempt.left == 1 else "attempts"
    return f"{wrong} {attempt.left} {left} left."


# -- the door ------------------------------------------------------------------------------------


class RunningDoor:
    """On the door of a kiosk that runs. May be used by any thread but the door's own.

    Args:
        kiosk: whose door it is.
        patience_seconds: how long an answer is waited for.
    """

    def __init__(self, kiosk: Runs, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._kiosk = kiosk
        self._patience_seconds = patience_seconds

    def now(self) -> DoorNow:
        """The door as the kiosk knows it.

        Raises:
            DoorTimeout: the thread that keeps it is busy.
        """
        from kiosk.ui.installer import DoorNow

        return self._ask(
            lambda end: DoorNow(end.controller.condition.value, end.controller.reading)
        )

    def reading(self) -> DoorReading | None:
        """What the door said last; the kiosk asks it several times a second."""
        return self.now().reading

    def secure(self) -> None:
        """Lock, and hear from the door; what a schedule says holds again at once."""
        self._ask(lambda end: end.controller.recover())

    def secure_now(self) -> None:
        """Lock now, whatever a schedule says until it next changes. Comes even if it comes late.

        Raises:
            JournalUnwritable: it could not be written down; the door was locked all the same.
            DoorError: it did not answer; it is told again until it does.
        """

        def lock(end: DoorSubsystem) -> None:
            try:
                end.recorder.note(EVENT, {"did": "secure"})
            finally:
                end.secure()

        self._ask(lock, late=True)

    def release(self, seconds: float) -> None:
        """Release the door; the doorkeeper writes it down first.

        Raises:
            Refused: the door is locked down, somebody passes, or the other door is open.
            JournalUnwritable: it could not be written down, and was not done.
            DoorError: the door did not do as it was told; or it was busy, and nothing was done.
        """

        def work(end: DoorSubsystem) -> object:
            order = ReleaseOrder(seconds, Instant(time.monotonic()))
            return end.controller.release(order, By.INSTALLER)

        reason = self._ask(work)
        if reason is not None:
            why = why_not(reason)
            raise Refused(f"The door was not released: {why}.", "Look at the door's state.")

    def begin_test(self) -> Condition:
        """Write down that a test begins; what the door is then."""

        def work(end: DoorSubsystem) -> Condition:
            end.recorder.note(EVENT, {"did": "test"})
            return end.controller.condition

        return self._ask(work)

    def _ask(self, work: Callable[[DoorSubsystem], Came], *, late: bool = False) -> Came:
        """Have something done in the door's own thread, and wait for what comes of it.

        Args:
            work: what.
            late: whether it is still done after nobody waits for it any more.
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
    """As `kiosk doctor`; camera and door are those that the kiosk itself has open."""
    home = open_home.home.path
    yield "camera", lambda: _camera(settings, home, kiosk)
    yield "door", lambda: _door(settings, kiosk)
    yield from of_settings(home, settings)
    yield from of_machine(home, None)


def _camera(settings: Settings, home: Path, kiosk: Runs) -> Iterator[Finding]:
    """What the kiosk says of its camera, where it complains; else how its picture is."""
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
    """The newest frame, again and again, as a camera hands them over."""
    kiosk.preview()  # the last one may be from before the page was opened

    def read(timeout: float) -> Frame:
        end = time.monotonic() + timeout
        while time.monotonic() < end:
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
