"""`kiosk door`: show the door's state and operate it from the command line, for installation.

The command opens the driver connection itself, so it refuses while a kiosk runs: only the running
kiosk knows of lockdowns, of the interlocked door and of a person who is passing. As everywhere, a
release is recorded in the journal before it is sent.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, guarded, made_home
from kiosk.cli.door.learn_key import learn_key
from kiosk.domain.errors import BadInput, DoorError, Refused

if TYPE_CHECKING:
    from config.sections.door import DoorSettings
    from kiosk.app.signals import Signals
    from kiosk.domain.door.protocol import DoorReading
    from kiosk.door.controller import DoorController

app = typer.Typer(name="door", help="The door: its state, a test, a release.", no_args_is_help=True)
app.command("learn-key")(learn_key)

SecondsOption = Annotated[float, typer.Option("--seconds", help="How long it is released.")]

LEAST_SECONDS = 0.1
HEAR_SECONDS = 5.0
"""A door that has not answered within this time counts as absent."""


@app.command("status")
@guarded
def status(
    *, home: HomeOption = None, config: ConfigOption = None, json: JsonOption = False
) -> int:
    """Show what the door reports: lock, leaf and inputs."""
    with _controller(home, config) as (controller, signals):
        _hear(controller, signals)
        _print(controller, json=json)
    return 0


@app.command("release")
@guarded
def release(
    *,
    home: HomeOption = None,
    config: ConfigOption = None,
    seconds: SecondsOption = 3.0,
    json: JsonOption = False,
) -> int:
    """Release the door for a time; the door ends it by itself where it can."""
    with _controller(home, config, seconds) as (controller, signals):
        _hear(controller, signals)
        _release(controller, seconds)
        controller.tend()  # so that the reading is from after the release
        _print(controller, json=json)
        _wait(controller, seconds, signals)
    return 0


@app.command("secure")
@guarded
def secure(
    *, home: HomeOption = None, config: ConfigOption = None, json: JsonOption = False
) -> int:
    """Lock the door now, whatever was ordered before."""
    with _controller(home, config) as (controller, _):
        controller.recover()
        _print(controller, json=json)
    return 0


@app.command("test")
@guarded
def trial(
    *,
    home: HomeOption = None,
    config: ConfigOption = None,
    seconds: SecondsOption = 3.0,
    json: JsonOption = False,
) -> int:
    """Secure, release and watch the release end; reports what is seen at each step."""
    from kiosk.cli.doctor import report
    from kiosk.diagnostics.door_test import try_out
    from kiosk.domain.finding import Health, worst

    findings = []
    with _controller(home, config, seconds) as (controller, signals):
        _hear(controller, signals)
        for finding in try_out(_Hands(controller, signals), seconds):
            findings.append(finding)
            if not json:
                print(f"  {finding.health.value}: {finding.name}: {finding.text}", flush=True)
                if finding.remedy:
                    print(f"      {finding.remedy}")
    if json:
        print_json(report(findings))
    return DoorError.exit_code if worst(findings) is Health.BAD else 0


@contextmanager
def _controller(
    home: HomeOption, config: ConfigOption, seconds: float | None = None
) -> Iterator[tuple[DoorController, Signals]]:
    """The controller of the configured door and the signals that end the command.

    The door is locked when the command ends.
    """
    from config.settings import load
    from kiosk.app.signals import caught
    from kiosk.door.controller import DoorController
    from kiosk.journal.recorder import JournalRecorder
    from kiosk.pipeline.clock import SystemClock
    from kiosk.store.instance_lock import instance_lock
    from kiosk.store.open_home import OpenHome
    from kiosk.wiring import doors

    place = made_home(home)
    settings, clock = load(place, config), SystemClock()
    _refuse_seconds(settings.door, seconds)
    with OpenHome.open(place) as open_home, instance_lock(open_home.home), caught() as signals:
        driver = doors.door(settings, clock)
        recorder = JournalRecorder(open_home.journal, clock)
        try:
            yield DoorController(driver, settings.door.passage(), clock, recorder.note), signals
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


def _hear(controller: DoorController, signals: Signals) -> None:
    """Wait until the door answers, or raise its error after `HEAR_SECONDS`."""
    end = time.monotonic() + HEAR_SECONDS
    while True:
        signals.refuse()
        try:
            controller.recover()
        except DoorError:
            if time.monotonic() >= end:
                raise
            time.sleep(0.1)
        else:
            return


def _release(controller: DoorController, seconds: float) -> None:
    from kiosk.domain.door.model import By
    from kiosk.domain.door.protocol import ReleaseOrder
    from kiosk.domain.vision.frame import Instant
    from kiosk.journal.sentences import why_not

    order = ReleaseOrder(seconds, Instant(time.monotonic()))
    reason = controller.release(order, By.INSTALLER)
    if reason is not None:
        raise Refused(
            f"The door was not released: {why_not(reason)}.", "Look at `kiosk door status`."
        )


def _wait(controller: DoorController, seconds: float, signals: Signals) -> None:
    """Wait until the release is over, and poll the door as the kiosk does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        signals.refuse()
        controller.tend()
        time.sleep(0.1)


class _Hands:
    """A `DoorUnderTest` for a door that no kiosk controls: each reading polls the controller."""

    def __init__(self, controller: DoorController, signals: Signals) -> None:
        self._controller = controller
        self._signals = signals

    def secure(self) -> None:
        self._signals.refuse()
        self._controller.recover()

    def release(self, seconds: float) -> None:
        self._signals.refuse()
        _release(self._controller, seconds)

    def reading(self) -> DoorReading | None:
        self._signals.refuse()
        self._controller.tend()
        return self._controller.reading


def _print(controller: DoorController, *, json: bool) -> None:
    reading = controller.reading
    said = {
        "condition": controller.condition.value,
        "lock": reading.lock.value if reading else None,
        "leaf": reading.leaf.value if reading else None,
        "tampered": reading.tampered if reading else None,
        "exit_asked": reading.exit_asked if reading else None,
        "fire": reading.fire if reading else None,
        "neighbour_secured": reading.neighbour_secured if reading else None,
    }
    if json:
        print_json(said)
        return
    for name, value in said.items():
        print(f"{name.replace('_', ' '):18} {'not fitted' if value is None else value}")
