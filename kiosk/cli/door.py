"""`kiosk door`: what the door says, and moving it from the command line. For whoever wires it.

The wire is opened by this command itself, so a kiosk that runs comes first: it knows of lockdowns,
of the other door and of who is passing. A release is written down before it is sent, as everywhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, guarded, made_home, print_json
from kiosk.cli.door_key import learn_key
from kiosk.domain.errors import BadInput, DoorError, Refused

if TYPE_CHECKING:
    from config.sections.door import DoorSettings
    from kiosk.cli.signals import Signals
    from kiosk.domain.lock import DoorReading
    from kiosk.pipeline.doorkeeper import Doorkeeper

app = typer.Typer(name="door", help="The door: its state, a test, a release.", no_args_is_help=True)
app.command("learn-key")(learn_key)

SecondsOption = Annotated[float, typer.Option("--seconds", help="How long it is released.")]

LEAST_SECONDS = 0.1
HEAR_SECONDS = 5.0
"""A door that says nothing for so long is not there."""


@app.command("status")
@guarded
def status(
    *, home: HomeOption = None, config: ConfigOption = None, json: JsonOption = False
) -> int:
    """Show what the door says: lock, leaf and inputs."""
    with _keeper(home, config) as (keeper, signals):
        _hear(keeper, signals)
        _print(keeper, json=json)
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
    with _keeper(home, config, seconds) as (keeper, signals):
        _hear(keeper, signals)
        _release(keeper, seconds)
        keeper.tend()  # what it reads now, not before
        _print(keeper, json=json)
        _wait(keeper, seconds, signals)
    return 0


@app.command("secure")
@guarded
def secure(
    *, home: HomeOption = None, config: ConfigOption = None, json: JsonOption = False
) -> int:
    """Lock the door now, whatever was ordered before."""
    with _keeper(home, config) as (keeper, _):
        keeper.recover()
        _print(keeper, json=json)
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
    """Secure, release and watch the release end; says what is seen at each step."""
    from kiosk.cli.doctor import report
    from kiosk.cli.door_steps import try_out
    from kiosk.domain.finding import Health, worst

    findings = []
    with _keeper(home, config, seconds) as (keeper, signals):
        _hear(keeper, signals)
        for finding in try_out(_Hands(keeper, signals), seconds):
            findings.append(finding)
            if not json:
                print(f"  {finding.health.value}: {finding.name}: {finding.text}", flush=True)
                if finding.remedy:
                    print(f"      {finding.remedy}")
    if json:
        print_json(report(findings))
    return DoorError.exit_code if worst(findings) is Health.BAD else 0


@contextmanager
def _keeper(
    home: HomeOption, config: ConfigOption, seconds: float | None = None
) -> Iterator[tuple[Doorkeeper, Signals]]:
    """The machine of the settings' door, and what ends the command; the door is locked then."""
    from config.settings import load
    from kiosk.cli.signals import caught
    from kiosk.pipeline.clock import SystemClock
    from kiosk.pipeline.doorkeeper import Doorkeeper
    from kiosk.pipeline.ledger import Ledger
    from kiosk.store.cabinet import Cabinet
    from kiosk.store.keeping import keeping
    from kiosk.wiring import door

    place = made_home(home)
    settings, clock = load(place, config), SystemClock()
    _refuse_seconds(settings.door, seconds)
    with Cabinet.open(place) as cabinet, keeping(cabinet.home), caught() as signals:
        wire = door(settings, clock)
        ledger = Ledger(cabinet.journal, clock)
        try:
            yield Doorkeeper(wire, settings.door.passage(), clock, ledger.note), signals
        finally:
            wire.close()


def _refuse_seconds(door: DoorSettings, seconds: float | None) -> None:
    """Before anything is moved: a door is not locked first and then not released."""
    longest = door.longest_release_seconds
    if seconds is not None and not LEAST_SECONDS <= seconds <= longest:
        raise BadInput(
            f"--seconds {seconds:g} is not between {LEAST_SECONDS:g} and {longest:g}.",
            "Give a time that this door can be released for; door.max_release_seconds bounds it.",
        )


def _hear(keeper: Doorkeeper, signals: Signals) -> None:
    """Wait until the door has said something, or say why it does not."""
    end = time.monotonic() + HEAR_SECONDS
    while True:
        signals.refuse()
        try:
            keeper.recover()
        except DoorError:
            if time.monotonic() >= end:
                raise
            time.sleep(0.1)
        else:
            return


def _release(keeper: Doorkeeper, seconds: float) -> None:
    from kiosk.cli.plain import why_not
    from kiosk.domain.frame import Instant
    from kiosk.domain.lock import ReleaseOrder
    from kiosk.domain.passage import By

    order = ReleaseOrder(seconds, Instant(time.monotonic()))
    reason = keeper.release(order, By.INSTALLER)
    if reason is not None:
        raise Refused(
            f"The door was not released: {why_not(reason)}.", "Look at `kiosk door status`."
        )


def _wait(keeper: Doorkeeper, seconds: float, signals: Signals) -> None:
    """Until the release is over, tending the door as the kiosk does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        signals.refuse()
        keeper.tend()
        time.sleep(0.1)


class _Hands:
    """On a door that no kiosk keeps: whoever looks at it tends it too."""

    def __init__(self, keeper: Doorkeeper, signals: Signals) -> None:
        self._keeper = keeper
        self._signals = signals

    def secure(self) -> None:
        self._signals.refuse()
        self._keeper.recover()

    def release(self, seconds: float) -> None:
        self._signals.refuse()
        _release(self._keeper, seconds)

    def reading(self) -> DoorReading | None:
        self._signals.refuse()
        self._keeper.tend()
        return self._keeper.reading


def _print(keeper: Doorkeeper, *, json: bool) -> None:
    reading = keeper.reading
    said = {
        "condition": keeper.condition.value,
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
