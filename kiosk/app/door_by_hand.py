"""The door in an installer's hands while no kiosk runs.

The driver connection is opened here, so this refuses while a kiosk runs: only the running kiosk
knows of lockdowns, of the interlocked door and of a person who is passing. As everywhere, a release
is recorded in the journal before it is sent.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.sections.door import DoorSettings
from config.settings import Settings
from kiosk.app.signals import Signals, caught
from kiosk.domain.door.model import By, Condition
from kiosk.domain.door.protocol import DoorReading, ReleaseOrder
from kiosk.domain.errors import BadInput, DoorError, Refused
from kiosk.domain.vision.frame import Instant
from kiosk.door.controller import DoorController
from kiosk.journal.events.reasons import why_not
from kiosk.pipeline.clock import SystemClock
from kiosk.store.instance_lock import instance_lock
from kiosk.store.open_home import OpenHome
from kiosk.wiring import doors

LEAST_SECONDS = 0.1
HEAR_SECONDS = 5.0
"""A door that has not answered within this time counts as absent."""
GLANCE_SECONDS = 0.1


class DoorByHand:
    """A door that no kiosk controls; each reading polls its controller. A `DoorUnderTest`.

    Each method raises OutOfServiceError once a signal has arrived, and DoorError if the door does
    not answer.

    Args:
        controller: of the door.
        signals: end the work.
    """

    def __init__(self, controller: DoorController, signals: Signals) -> None:
        self._controller = controller
        self._signals = signals

    @property
    def condition(self) -> Condition:
        """The door's condition, as its controller knows it."""
        return self._controller.condition

    @property
    def last_reading(self) -> DoorReading | None:
        """The reading of the last answer."""
        return self._controller.reading

    def reading(self) -> DoorReading | None:
        """The reading of now."""
        self._signals.refuse()
        self._controller.tend()
        return self._controller.reading

    def hear(self) -> None:
        """Wait until the door answers, or raise its error after `HEAR_SECONDS`."""
        end = time.monotonic() + HEAR_SECONDS
        while True:
            try:
                self.secure()
            except DoorError:
                if time.monotonic() >= end:
                    raise
                time.sleep(GLANCE_SECONDS)
            else:
                return

    def secure(self) -> None:
        """Lock the door, whatever was ordered before."""
        self._signals.refuse()
        self._controller.recover()

    def release(self, seconds: float) -> None:
        """Release the door; recorded first.

        Raises:
            Refused: its rules forbid it now.
        """
        self._signals.refuse()
        order = ReleaseOrder(seconds, Instant(time.monotonic()))
        reason = self._controller.release(order, By.INSTALLER)
        if reason is not None:
            raise Refused(
                f"The door was not released: {why_not(reason)}.", "Look at `kiosk door status`."
            )

    def wait(self, seconds: float) -> None:
        """Wait until a release is over, and poll the door as the kiosk does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.reading()
            time.sleep(GLANCE_SECONDS)


@contextmanager
def door_by_hand(
    home: Path, settings: Settings, seconds: float | None = None
) -> Iterator[DoorByHand]:
    """The configured door; it is locked when the work ends.

    Args:
        home: the kiosk's home.
        settings: all settings.
        seconds: the duration of the release that is wanted; None for none.

    Raises:
        BadInput: this door cannot be released for so long.
        Refused: a kiosk runs here.
    """
    clock = SystemClock()
    _refuse_seconds(settings.door, seconds)
    with OpenHome.open(home) as open_home, instance_lock(open_home.home), caught() as signals:
        driver = doors.door(settings, clock)
        try:
            passage = settings.door.passage()
            controller = DoorController(driver, passage, clock, open_home.recorder.note)
            yield DoorByHand(controller, signals)
        finally:
            driver.close()


def _refuse_seconds(door: DoorSettings, seconds: float | None) -> None:
    """Check the duration before anything moves: do not lock a door and then fail to release it."""
    longest = door.longest_release_seconds
    if seconds is not None and not LEAST_SECONDS <= seconds <= longest:
        raise BadInput(
            f"--seconds {seconds:g} is not between {LEAST_SECONDS:g} and {longest:g}.",
            "Give a time that this door can be released for; door.max_release_seconds bounds it.",
        )
