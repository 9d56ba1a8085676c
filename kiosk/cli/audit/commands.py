"""The commands of `kiosk audit`: verify, tail, export, renew, accept."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, existing_home, guarded
from kiosk.cli.since import moment
from kiosk.diagnostics.anchor import Outside, accept_anchor
from kiosk.domain.audit import SealedEntry
from kiosk.domain.errors import BadInput, JournalTampered, Refused, StoreKeyError, StoreReplaced
from kiosk.store.journal.export import ExportFormat, copy

if TYPE_CHECKING:
    from kiosk.store.home import Home
    from kiosk.store.journal.verification import Verified

app = typer.Typer(
    name="audit",
    help="The audit journal: verify, tail, export; check a receipt.",
    no_args_is_help=True,
)

USUAL_COUNT = 20


@app.command()
@guarded
def verify(
    *,
    home: HomeOption = None,
    config: ConfigOption = None,
    anchor: Annotated[
        Path | None,
        typer.Option(help="A journal's end that was kept outside; unset: journal.anchor_file."),
    ] = None,
    number: Annotated[
        int | None, typer.Option(min=1, help="An entry that is known outside, with --hash.")
    ] = None,
    known: Annotated[str | None, typer.Option("--hash", help="The hash of that entry.")] = None,
    json: JsonOption = False,
) -> int:
    """Verify the whole chain, its sealed end, and that all stored data belongs to it.

    Exit 3 if it does not verify, or is older than what is known outside.
    """
    kept = journal_home(home)
    key, why = seal_key(kept)
    try:
        found = _verified(kept, key)
        outside = Outside(kept, key, anchor, number, known).checked(config)
    except JournalTampered as error:
        if json:
            print_json({"verified": False, "problem": error.problem, "seal_checked": bool(key)})
        raise
    result = {
        "verified": True,
        "entries": found.count,
        "last_at": found.last_at_utc,
        "seal_checked": found.sealed,
    }
    if found.first > 1:
        result["first"] = found.first
    if outside:
        result["anchor"] = outside.entry
    if json:
        print_json(result)
        return 0
    print(f"Entries that verify: {found.count}. The last is of {found.last_at_utc or 'never'}.")
    if found.first > 1:
        print(f"The journal begins with entry {found.first}: older ones went with time.")
    if outside:
        print(outside.text)
    if key is None:
        print(unchecked(why))
        return 0
    print("The journal's end is sealed with this kiosk's key, and all that is kept belongs to it.")
    return 0


@app.command()
@guarded
def tail(
    *,
    home: HomeOption = None,
    count: Annotated[
        int | None, typer.Option("-n", "--lines", min=1, help="How many entries; unset: 20.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", help="From then on: 2026-05-04, 2026-05-04T09:30, 90m, 2h, 3d."),
    ] = None,
    follow: Annotated[
        bool, typer.Option("-f", "--follow", help="Continue with new entries, until Ctrl-C.")
    ] = False,
    json: JsonOption = False,
) -> int:
    """Show the last entries, verified, in plain words and local time."""
    from kiosk.store.journal.following import followed

    kept = journal_home(home)
    key, why = seal_key(kept)
    entries = _chosen(kept, key, count, since)
    if key is None and not json:
        print(unchecked(why), file=sys.stderr)
    if json:
        _print_lines(entry.line() for entry in entries)
    elif follow:
        _print_lines(map(_told, entries))
    else:
        _show(entries)
    if follow:
        form = SealedEntry.line if json else _told
        with suppress(KeyboardInterrupt):
            _print_lines(map(form, followed(kept, key, entries)))
    return 0


@app.command()
@guarded
def export(
    file: Annotated[str, typer.Argument(help="A file that does not exist yet; - is the output.")],
    home: HomeOption = None,
    form: Annotated[
        ExportFormat | None,
        typer.Option("--format", help="jsonl, or csv; else by the file's name."),
    ] = None,
) -> int:
    """Copy every entry that verifies. Stops with exit 3 at the first that does not."""
    from kiosk.store.journal.verification import walk

    kept = journal_home(home)
    key, why = seal_key(kept)
    chosen = form or (ExportFormat.CSV if file.lower().endswith(".csv") else ExportFormat.JSONL)
    entries = (place.entry for place in walk(kept, key))
    first = tuple(itertools.islice(entries, 1))
    with _destination(file) as out:
        copied = copy(itertools.chain(first, entries), out, chosen)
    print(f"{copied} entries copied.", file=sys.stderr)
    if key is None:
        print(unchecked(why), file=sys.stderr)
    return 0


@app.command()
@guarded
def renew(
    *,
    home: HomeOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it.")] = False,
) -> int:
    """Set aside a journal that does not verify, for investigation, and begin a new one."""
    from kiosk.store.journal.renewal import renew as begin_anew
    from kiosk.store.secrets.keys import FileKey

    if not yes:
        raise BadInput("A journal is not set aside without --yes.", "Add it if you mean it.")
    kept = journal_home(home)
    aside = begin_anew(kept, FileKey(kept))
    print(f"The old journal lies in {aside}." if aside else "There was no old journal.")
    return 0


@app.command()
@guarded
def accept(
    *,
    home: HomeOption = None,
    config: ConfigOption = None,
    clock: Annotated[
        bool,
        typer.Option("--clock", help="Accept the clock, though later times are known."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it.")] = False,
) -> int:
    """Accept the stored data as it is, after a backup was restored. Recorded first."""
    from kiosk.store.kept import accept as take
    from kiosk.store.secrets.keys import FileKey

    if not yes:
        raise BadInput("Nothing is accepted without --yes.", "Add it if you mean it.")
    kept = journal_home(home)
    if clock:
        return _accept_clock(kept)
    anchored = accept_anchor(kept, config)
    try:
        names, erased = take(kept, FileKey(kept))
    except JournalTampered:
        raise
    except Refused:
        if not anchored:
            raise
        return 0
    print(f"Accepted as it is: {', '.join(names)}.")
    if erased:
        print(f"Erased again, as the journal has them: {', '.join(erased)}.")
    return 0


# -- parts ---------------------------------------------------------------------------------------


def journal_home(home: Path | None) -> Home:
    """The home whose journal is meant; it must exist."""
    from kiosk.store.home import Home

    return Home(existing_home(home))


def _accept_clock(home: Home) -> int:
    """Accept the current clock time as valid from now on."""
    from kiosk.domain.walltime import is_possible
    from kiosk.store.home import now_utc
    from kiosk.store.journal.journal import Journal
    from kiosk.store.secrets.keys import FileKey

    now = now_utc()
    if not is_possible(now):
        raise BadInput(f"The clock shows {now:%Y-%m-%d}, which it cannot be.", "Set it first.")
    Journal(home, FileKey(home)).accept_clock()
    print(f"The time is {now:%Y-%m-%d %H:%M} UTC from now on, whatever was written down before.")
    return 0


def _verified(home: Home, key: bytes | None) -> Verified:
    """Verify the journal and, if the key is available, all other stored data."""
    from kiosk.store.journal.verification import verify_file
    from kiosk.store.kept import check
    from kiosk.store.secrets.keys import FileKey

    found = verify_file(home, key)
    if key is not None:
        try:
            check(home, FileKey(home))
        except StoreReplaced as error:
            raise JournalTampered(error.problem, error.remedy) from error
    return found


def seal_key(home: Home) -> tuple[bytes | None, str]:
    """The key of the journal head's seal, or None and why: an auditor may read without it."""
    from kiosk.store.secrets.keys import FileKey, Purpose

    try:
        return FileKey(home).derive(Purpose.JOURNAL_HEAD), ""
    except StoreKeyError as error:
        return None, error.problem


def unchecked(why: str) -> str:
    """What is said where there is no key to check the seal of the journal's end with."""
    return f"The seal of the journal's end was not checked. {why}"


def _chosen(
    home: Home, key: bytes | None, count: int | None, begin: str | None
) -> Sequence[SealedEntry]:
    """The last entries; with a start time, all entries since then, or the last `count` of them."""
    from kiosk.store.journal.following import since
    from kiosk.store.journal.verification import latest

    if begin is None:
        return latest(home, key, count or USUAL_COUNT)
    return since(home, key, moment(begin, datetime.now(UTC)), count)


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)


def _local(sealed: SealedEntry) -> str:
    """The time of an entry in this machine's local time zone."""
    from kiosk.store.journal.following import written_at

    return written_at(sealed).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _told(sealed: SealedEntry) -> str:
    from kiosk.journal.sentences import sentence

    return f"{sealed.number}  {_local(sealed)}  {sealed.entry.event}  {sentence(sealed.entry)}"


def _show(entries: Iterable[SealedEntry]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from kiosk.journal.sentences import sentence

    zone = datetime.now(UTC).astimezone().tzname()
    table = Table("number", f"time ({zone})", "event", "what happened")
    for sealed in entries:
        entry = sealed.entry
        when = Text(_local(sealed), no_wrap=True)
        words = (Text(word) for word in (entry.event, sentence(entry)))
        table.add_row(str(sealed.number), when, *words)
    Console().print(table)


def _destination(name: str) -> AbstractContextManager[TextIO]:
    """Standard output, or a new file."""
    from kiosk.store.journal.export import new_file

    return nullcontext(sys.stdout) if name == "-" else new_file(name)
