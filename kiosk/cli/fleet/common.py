"""Shared parts of the commands of a fleet: its store, and admins' keys."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.common import home_of
from kiosk.domain.errors import BadInput, LintelError, SettingsError

if TYPE_CHECKING:
    from kiosk.fleet.admin import FleetAdmin
    from kiosk.fleet.inviting.naming import InviterNaming
    from kiosk.fleet.offering.accepting import FleetOffers
    from kiosk.fleet.trust.keyring import Keyring

StoreOption = Annotated[
    str,
    typer.Option("--store", help="folder:PATH, or s3://BUCKET/PREFIX?endpoint=URL."),
]
KeysOption = Annotated[Path, typer.Option("--keys", help="A folder with admins' keys.")]
PassphraseOption = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="A file whose first line is the keys' passphrase."),
]


def passphrase_of(file: Path | None) -> bytes | None:
    """The passphrase in a file; None where none is named.

    Raises:
        BadInput: the file cannot be read, or is empty.
    """
    if file is None:
        return None
    try:
        first = file.read_bytes().splitlines()[:1]
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise BadInput(f"The passphrase file {file} cannot be read: {why}.", "Name it.") from error
    if not first or not first[0]:
        raise BadInput(f"The passphrase file {file} is empty.", "Its first line is taken.")
    return first[0]


def new_passphrase(file: Path | None) -> bytes | None:
    """The passphrase for new keys: from a file, or asked at a terminal; None without either.

    Raises:
        BadInput: the file cannot be read, or what was typed differs the second time.
    """
    if file is not None or not sys.stdin.isatty():
        return passphrase_of(file)
    first = getpass("A passphrase for the admins' keys (none: leave empty): ")
    if first and getpass("The same again: ") != first:
        raise BadInput("The two passphrases differ.", "Start again.")
    return first.encode() or None


def keyring(folder: Path, file: Path | None) -> Keyring:
    """The keys of a folder, with the passphrase that they may need.

    Raises:
        BadInput: there is no such folder, or the file cannot be read.
    """
    from kiosk.fleet.trust.keyring import Keyring

    if not folder.is_dir():
        raise BadInput(f"There is no folder {folder} of keys.", "Name it with --keys.")
    passphrase = passphrase_of(file)
    known = Keyring(folder)
    if passphrase is None and known.protected and sys.stdin.isatty():
        passphrase = getpass("The passphrase of the admins' keys: ").encode()
    return Keyring(folder, passphrase)


def root_of(path: Path) -> bytes:
    """The root of trust in a file.

    Raises:
        BadInput: the file cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise BadInput(f"--root {path} cannot be read: {why}.", "Name the fleet's root.") from error


@contextmanager
def inviter_naming(store: str, keys: Path, file: Path | None) -> Iterator[InviterNaming]:
    """Admins who name inviters of the fleet in a store."""
    from kiosk.fleet.inviting.naming import InviterNaming
    from kiosk.store.home import now_utc
    from kiosk.wiring.fleet import opened_store

    with opened_store(store) as opened:
        yield InviterNaming(opened, keyring(keys, file), now_utc)


@contextmanager
def fleet_admin(
    store: str, keys: Path, file: Path | None, urgent: str | None = None
) -> Iterator[FleetAdmin]:
    """Admins at work on the fleet in a store; what they publish is said over the urgent channel.

    Args:
        store: its address.
        keys: the folder of their keys.
        file: the file of the keys' passphrase.
        urgent: the address of the urgent channel; None for that of the settings.

    Raises:
        BadInput: an address is none, or the keys cannot be used.
    """
    from kiosk.fleet.admin import FleetAdmin
    from kiosk.store.home import now_utc
    from kiosk.wiring.fleet import opened_store

    said = notice_sender(urgent)
    with opened_store(store) as opened:
        yield FleetAdmin(opened, keyring(keys, file), now_utc, said)


@contextmanager
def fleet_offers(
    store: str, keys: Path, file: Path | None
) -> Iterator[tuple[FleetOffers, FleetAdmin]]:
    """The offers of devices to the fleet in a store, and its admins."""
    from kiosk.fleet.admin import FleetAdmin
    from kiosk.fleet.offering.accepting import FleetOffers
    from kiosk.store.home import now_utc
    from kiosk.wiring.fleet import opened_store

    said = notice_sender()
    with opened_store(store) as opened:
        admin = FleetAdmin(opened, keyring(keys, file), now_utc, said)
        yield FleetOffers(opened, admin), admin


def notice_sender(urgent: str | None = None) -> Callable[[], None]:
    """Tells kiosks at once that something new is published; a failure is only told here.

    Args:
        urgent: the address of the urgent channel; None for that of the settings.

    Raises:
        BadInput: that is no such address.
    """
    from config.sections.fleet import FleetSettings
    from config.settings import load
    from kiosk.wiring.notices.sending import send_notice

    home = os.environ.get("KIOSK_HOME")
    try:
        settings = load(home_of(Path(home) if home else None)).fleet
    except SettingsError as error:  # of a kiosk beside: that stops no admin
        _told_late(error)
        settings = FleetSettings()
    if urgent is not None:
        settings = settings.told_at(urgent)

    def said() -> None:
        try:
            send_notice(settings)
        except LintelError as error:
            _told_late(error)

    return said


def _told_late(error: LintelError) -> None:
    print(
        f"kiosk: Kiosks are not told at once, and see it at their next poll. {error.problem}",
        file=sys.stderr,
    )
