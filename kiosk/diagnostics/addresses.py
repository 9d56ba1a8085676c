"""The network addresses and secret files that the settings name.

Only settings in use count: the section of the selected door driver, and the operators' broker.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.errors import LintelError
from kiosk.domain.finding import Finding, Health

if TYPE_CHECKING:
    from config.sections.common import Section
    from config.settings import Settings

OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def connections(settings: Settings) -> Iterator[tuple[str, Section]]:
    """Every section with an external connection, by its name in the settings."""
    section = settings.door.section()
    if section is not None:
        yield f"door.{settings.door.driver.replace('-', '_')}", section
    if settings.operators.mqtt is not None:
        yield "operators.mqtt", settings.operators.mqtt
    if settings.fleet.urgent is not None:
        yield "fleet.urgent_login", settings.fleet.urgent_login
    yield "camera", settings.camera


def addresses(settings: Settings) -> Iterator[Finding]:
    """The addresses that the kiosk connects to; it connects to no others."""
    from hardware.camera.source import StreamSource, parse

    named = [each for name, section in connections(settings) for each in _named(name, section)]
    camera = parse(settings.camera.source)
    if isinstance(camera, StreamSource):
        named.append(f"{camera} (camera.source)")
    if settings.fleet.urgent is not None:
        named.append(f"{settings.fleet.urgent} (fleet.urgent)")
    told = ", ".join(named) or "nothing outside this machine"
    yield Finding("network", Health.OK, f"the settings have the kiosk connect to {told}")


def _named(name: str, section: Section) -> Iterator[str]:
    host = getattr(section, "host", None)
    if host is not None:
        yield f"{host} port {getattr(section, 'port', '')} ({name}.host)"
    for field, value in section:
        if field.endswith("url") and value is not None:
            yield f"{value} ({name}.{field})"


def secrets(settings: Settings) -> Iterator[Finding]:
    """Check that each file that the settings name exists and is protected from other users."""
    sound = 0
    for name, section in connections(settings):
        for field, value in section:
            if not isinstance(value, Path):
                continue
            try:
                _look_at(value, f"{name}.{field}", secret=_is_secret(section, field))
            except LintelError as error:
                yield Finding(f"{name}.{field}", Health.BAD, error.problem, error.remedy)
            else:
                sound += 1
    if sound:
        yield Finding("secrets", Health.OK, f"files that are safe from others: {sound}")


def _is_secret(section: Section, field: str) -> bool:
    """True for a secret file. A certificate is none, unless its key is in the same file."""
    with_key = field == "certificate_file" and getattr(section, "key_file", None) is None
    return with_key or field not in {"ca_file", "certificate_file"}


def _look_at(path: Path, setting: str, *, secret: bool) -> None:
    """Check the file. Raises SettingsError: it is missing, or others could read or change it."""
    from hardware.secret_file import located, read_secret
    from kiosk.domain.errors import SettingsError

    if secret:
        read_secret(path, setting)
        return
    place = located(path, setting)
    try:
        mode = place.stat().st_mode
    except OSError as error:
        raise SettingsError(
            f"The file {place} of {setting} cannot be read: {error.strerror}.",
            f"Correct {setting}.",
        ) from error
    if mode & OTHERS_WRITE:
        raise SettingsError(
            f"Others may change {place} of {setting}, and vouch for whom they like.",
            f"Run `chmod 644 {place}`, and see whether it is still the right one.",
        )
