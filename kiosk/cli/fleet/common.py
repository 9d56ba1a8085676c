"""Shared parts of the commands of a fleet: its store, and admins' keys."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import home_of
from kiosk.domain.errors import BadInput, LintelError, SettingsError

if TYPE_CHECKING:
    from kiosk.fleet.admin import FleetAdmin
    from kiosk.fleet.inviting.naming import InviterNaming
    from kiosk.fleet.keys.rotation import KeyRotation
    from kiosk.fleet.offering.accepting import FleetOffers
    from kiosk.fleet.pending.desk import PendingDesk, PendingReport
    from kiosk.fleet.stores.port import ObjectStore
    from kiosk.fleet.trust.editing import AdminSigning
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
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Do everything but write: show what would come of it.")
]

LookDryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="As without it: the command only looks.")
]


def passphrase_of(file: Path | None, what: str = "passphrase") -> bytes | None:
    """The passphrase in a file, or the PIN; None where none is named.

    Raises:
        BadInput: the file cannot be read, or is empty.
    """
    if file is None:
        return None
    try:
        first = file.read_bytes().splitlines()[:1]
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise BadInput(
            f"The {what} file {file} cannot be read: {why}.", "Make it: its first line is taken."
        ) from error
    if not first or not first[0]:
        raise BadInput(f"The {what} file {file} is empty.", "Its first line is taken.")
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


def warn_unprotected(keys: Keyring) -> None:
    """Warn of admins' keys that anybody can use who reads their files."""
    if keys.unprotected:
        print(
            f"{keys.unprotected} admins' keys in {keys.folder} have no passphrase: whoever reads "
            "these files is an admin. Give --passphrase-file to seal them.",
            file=sys.stderr,
        )


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


@dataclass
class FleetSession:
    """Admins at work on the fleet in a store.

    Attributes:
        store: the store; with a dry run, what it would become.
        keys: the keys that are here.
        dry_run: nothing is written.
        waits: the changes that were left for others to sign; none if all has taken effect.
        told: tells kiosks at once that something was published.
    """

    store: ObjectStore
    keys: Keyring
    dry_run: bool = False
    waits: Sequence[PendingReport] = ()
    told: Callable[[], None] = lambda: None

    @property
    def admin(self) -> FleetAdmin:
        """What admins do about scopes, devices and people."""
        from kiosk.fleet.admin import FleetAdmin
        from kiosk.store.home import now_utc

        return FleetAdmin(self.store, self.keys, now_utc, self.told)

    @property
    def signing(self) -> AdminSigning:
        """What admins have signed."""
        from kiosk.fleet.trust.editing import AdminSigning
        from kiosk.store.home import now_utc

        return AdminSigning(self.store, self.keys, now_utc)

    @property
    def rotation(self) -> KeyRotation:
        """Changes of keys."""
        from kiosk.fleet.keys.rotation import KeyRotation
        from kiosk.store.home import now_utc

        return KeyRotation(self.store, self.keys, now_utc)

    @property
    def desk(self) -> PendingDesk:
        """Changes that wait for more admins."""
        from kiosk.fleet.pending.desk import PendingDesk
        from kiosk.store.home import now_utc

        return PendingDesk(self.store, self.keys, now_utc)

    @property
    def naming(self) -> InviterNaming:
        """What admins say of inviters."""
        from kiosk.fleet.inviting.naming import InviterNaming
        from kiosk.store.home import now_utc

        return InviterNaming(self.store, self.keys, now_utc)

    @property
    def offers(self) -> FleetOffers:
        """What devices offer."""
        from kiosk.fleet.offering.accepting import FleetOffers
        from kiosk.fleet.reporting.seen import SEEN, SeenReports

        return FleetOffers(self.store, self.admin, SeenReports(self.keys.folder / SEEN))

    def publish(self) -> None:
        """Publish, where the publisher's key is here, and enough admins' keys are."""
        from kiosk.cli.passed_over import shown

        done = self.admin.publish()
        for line in [] if done is None else done.review:
            print(f"For review: {shown(line)}", file=sys.stderr)

    def tell(self, said: Mapping[str, object], text: str, *, json: bool) -> int:
        """Print what was done, or would be; returns the exit code."""
        if json:
            said = {**self.left_said, **said}
            print_json({**said, "dry_run": True} if self.dry_run else said)
        else:
            print("\n".join(self.left_lines) or text)
            if self.dry_run:
                print("It was a dry run: nothing was written.")
            sys.stdout.flush()  # of a publisher that goes on, into a log
        return 0

    @property
    def left_said(self) -> dict[str, object]:
        """What was left for others to sign, as a program reads it."""
        said: list[dict[str, object]] = []
        for each in self.waits:
            signed = list(each.signed)
            said.append({"pending": each.ident, "signed": signed, "missing": each.missing})
        return {**said[0], "also_pending": said[1:]} if len(said) > 1 else dict(*said)

    @property
    def left_lines(self) -> list[str]:
        """What was left for others to sign, in words."""
        return [
            f"Signed by {', '.join(it.signed)}; {it.missing} more of the admins "
            f"must sign it:\nkiosk fleet sign {it.ident}"
            for it in self.waits
        ]


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
def fleet_session(
    store: str,
    keys: Path,
    file: Path | None,
    *,
    dry_run: bool = False,
    urgent: str | None = None,
) -> Iterator[FleetSession]:
    """Admins at work on the fleet in a store; with a dry run nothing is written anywhere.

    Args:
        store: its address.
        keys: the folder of their keys.
        file: the file of the keys' passphrase.
        dry_run: True to write nothing.
        urgent: the address of the urgent channel, over which it is said that something was
            published; None for that of the settings.

    Raises:
        BadInput: an address is none, or the keys cannot be used.
    """
    from kiosk.fleet.keys.trial import TrialKeyring
    from kiosk.fleet.stores.overlay import OverlayStore
    from kiosk.wiring.fleet import opened_store

    said = notice_sender(urgent)
    with opened_store(store) as opened:
        ring = keyring(keys, file)
        if dry_run:
            tried = TrialKeyring(ring.folder, ring.passphrase)
            yield FleetSession(OverlayStore(opened), tried, dry_run=True)
        else:
            yield FleetSession(opened, ring, told=said)


@contextmanager
def fleet_change(
    store: str,
    keys: Path,
    file: Path | None,
    *,
    dry_run: bool = False,
    least: int = 1,
    leaving: str | None = None,
) -> Iterator[FleetSession]:
    """Admins who change the fleet; where too few keys are here, the change waits for others.

    Args:
        store: its address.
        keys: the folder of their keys.
        file: the file of the keys' passphrase.
        dry_run: True to write nothing.
        least: so many have to sign it at least.
        leaving: the admin whose key goes with it, and counts by the root of today alone.
    """
    from kiosk.fleet.keys.trial import PartKeyring, TrialKeyring, signs_in_part
    from kiosk.fleet.stores.overlay import OverlayStore
    from kiosk.fleet.trust.verified import VerifiedStore

    with fleet_session(store, keys, file, dry_run=dry_run) as session:
        root = VerifiedStore(session.store, session.keys.root).root
        if not signs_in_part(session.keys, root, least, leaving):
            yield session
            return
        ring = TrialKeyring if dry_run else PartKeyring
        overlay = OverlayStore(session.store)
        part = ring(session.keys.folder, session.keys.passphrase, partly=True)
        alone = FleetSession(overlay, part, dry_run)
        yield alone
        if overlay.writes:
            alone.waits = session.desk.leave_all(overlay.writes)


@contextmanager
def fleet_admin(store: str, keys: Path, file: Path | None) -> Iterator[FleetAdmin]:
    """Admins at work on the fleet in a store."""
    with fleet_session(store, keys, file) as session:
        yield session.admin


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
