"""`kiosk fleet journal`: the journal of a device as it has handed it in."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import KeysOption, PassphraseOption, StoreOption
from kiosk.cli.fleet.reports.common import admins_view
from kiosk.cli.since import moment

if TYPE_CHECKING:
    from kiosk.domain.audit import SealedEntry
    from kiosk.fleet.reporting.journal_reading import DeviceJournal

BROKEN = 3
KEPT_DAYS = 180


def journal(
    device: Annotated[str, typer.Argument(help="The device's fingerprint.")],
    store: StoreOption,
    keys: KeysOption,
    since: Annotated[
        str | None,
        typer.Option("--since", help="From then on: 2026-05-04, 2026-05-04T09:30, 90m, 2h, 3d."),
    ] = None,
    kept_days: Annotated[
        int, typer.Option("--journal-days", min=30, help="For how long segments are kept.")
    ] = KEPT_DAYS,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """Fetch, verify and show a device's journal. Exit 3 where something is missing or altered."""
    from kiosk.fleet.reporting.journal_reading import JournalReader

    now = datetime.now(UTC)
    begin = None if since is None else moment(since, now)
    with admins_view(store, keys, passphrase_file) as view:
        kept = timedelta(days=kept_days)
        reader = JournalReader(view.verified, view.keys.opening, view.seen, kept, now)
        found = reader.read(device.replace(" ", "").lower(), begin)
    if json:
        print_json(_said(found))
    else:
        _show(found)
    return BROKEN if found.problems else 0


def _said(found: DeviceJournal) -> dict[str, Any]:
    return {
        "device": found.device,
        "dropped": found.dropped,
        "segments": found.segments,
        "unopened": found.unopened,
        "newest_at": None if found.newest_at is None else found.newest_at.isoformat(),
        "problems": found.problems,
        "entries": [_entry(each) for each in found.entries],
    }


def _entry(sealed: SealedEntry) -> dict[str, Any]:
    entry = sealed.entry
    return {
        "number": sealed.number,
        "at_utc": entry.at_utc,
        "event": entry.event,
        "details": dict(entry.details),
    }


def _show(found: DeviceJournal) -> None:
    from kiosk.journal.sentences import sentence

    for sealed in found.entries:
        entry = sealed.entry
        told = f"{sealed.number}  {entry.at_utc}  {entry.event}  {sentence(entry)}"
        print("".join(letter if letter.isprintable() else "?" for letter in told))
    if found.newest_at is None:
        print("The device has handed in nothing of its journal yet.", file=sys.stderr)
    else:
        at = f"{found.newest_at:%Y-%m-%d %H:%M:%S} UTC"
        print(f"{found.segments} segments; the newest is of {at}.", file=sys.stderr)
    if found.dropped:
        print("It was dropped: what came after that is its word alone.", file=sys.stderr)
    if found.unopened:
        print(
            f"{found.unopened} segments are sealed to other admins than those whose keys are here.",
            file=sys.stderr,
        )
    for problem in found.problems:
        print(problem, file=sys.stderr)
