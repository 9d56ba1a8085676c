"""The checks of the doctor, in order. Each returns findings; a failed check does not stop the rest.

The checks change nothing: no key, home or journal is created, nothing is released. A door that no
kiosk controls is locked, which it should be anyway: only an order shows that it responds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.errors import LintelError
from kiosk.domain.finding import Finding, Health

if TYPE_CHECKING:
    from config.settings import Settings

Check = tuple[str, Callable[[], Iterable[Finding]]]
"""The name of a check, and the function that runs it."""


def examine(checks: Iterable[Check]) -> Iterator[Finding]:
    """Run the checks one after the other; a check that raises gives a bad finding."""
    for name, look in checks:
        try:
            yield from look()
        except LintelError as error:
            yield Finding(name, Health.BAD, error.problem, error.remedy)
        except Exception as error:  # noqa: BLE001 - whatever the error, the other checks still run
            unseen = f"could not be checked: {type(error).__name__}"
            yield Finding(name, Health.BAD, unseen, "Check it by hand, and report this error.")


def of_kiosk(home: Path, config: Path | None) -> Iterator[Check]:
    """Every check of a kiosk, run from outside it."""
    understood: list[Settings] = []

    def load() -> Iterator[Finding]:
        from kiosk.wiring.rollout.settings import settings_of

        understood.append(settings_of(home, config))
        yield Finding("settings", Health.OK, "all are valid")

    yield "settings", load
    for settings in understood:  # none if the settings are invalid
        yield from devices(home, settings)
        yield from of_settings(home, settings)
    yield from of_machine(home, config)


def devices(home: Path, settings: Settings) -> Iterator[Check]:
    """The checks of camera and door: asked of a running kiosk, else tried directly."""
    from kiosk.diagnostics.parts import camera, door, kept_by_kiosk
    from kiosk.domain.access.states import Part
    from kiosk.store.home import Home
    from kiosk.store.instance_lock import is_kept

    if is_kept(Home(home)):
        yield "camera", lambda: kept_by_kiosk(home, Part.CAMERA)
        yield "door", lambda: kept_by_kiosk(home, Part.DOOR)
    else:
        yield "camera", lambda: camera(home, settings)
        yield "door", lambda: door(settings)


def of_settings(home: Path, settings: Settings) -> Iterator[Check]:
    """The checks that depend on the settings, for a running and for a stopped kiosk."""
    from kiosk.diagnostics.addresses import addresses, secrets
    from kiosk.diagnostics.cloud import cloud
    from kiosk.diagnostics.data_map.rows import data
    from kiosk.diagnostics.documents import documents
    from kiosk.diagnostics.fleet import fleet
    from kiosk.diagnostics.home import anchor, room
    from kiosk.diagnostics.machine import zone
    from kiosk.diagnostics.parts import engine, models
    from kiosk.diagnostics.screen import letters
    from kiosk.diagnostics.search import search
    from kiosk.diagnostics.settings import weaknesses

    yield "models", lambda: models(home, settings)
    yield "engine", lambda: engine(home, settings)
    yield "room", lambda: room(home, settings)
    yield "search", lambda: search(home, settings)
    yield "documents", lambda: documents(settings)
    yield "fleet", lambda: fleet(home)
    yield "rekognition", lambda: cloud(home, settings)
    yield "data", lambda: data(home, settings)
    yield "anchor", lambda: anchor(home, settings)
    yield "time zone", lambda: zone(settings)
    yield "network", lambda: addresses(settings)
    yield "secrets", lambda: secrets(settings)
    yield "screen", lambda: letters(home, settings)
    yield "settings", lambda: weaknesses(settings)


def of_machine(home: Path, config: Path | None) -> Iterator[Check]:
    """The checks that need no settings."""
    from kiosk.diagnostics import home as kept
    from kiosk.diagnostics import machine

    yield "clock", lambda: machine.clock(home)
    yield "disk", lambda: machine.disk(home)
    yield "network", machine.network
    yield "home", lambda: kept.home(home, config)
    yield "key", lambda: kept.key(home)
    yield "backup", lambda: kept.backup(home, datetime.now(UTC))
    yield "journal", lambda: kept.journal(home)
    yield "admin PIN", lambda: kept.admin_pin(home)
