"""`kiosk models`: list, install and verify model packs."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Never

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, expanded, guarded, known_home
from kiosk.domain.errors import BadInput, OutOfServiceError, Refused

if TYPE_CHECKING:
    from config.sections.vision.models import ModelSettings
    from models.packs.installed import FileState, Pack

app = typer.Typer(
    name="models", help="Model packs: list, install and verify them.", no_args_is_help=True
)

PackArgument = Annotated[
    str | None, typer.Argument(metavar="[PACK]", help="A pack; else the one in the settings.")
]
FromOption = Annotated[
    Path | None,
    typer.Option(
        "--from",
        exists=True,
        file_okay=False,
        help="Ask this folder before any other source; no network is needed if it has the files.",
    ),
]
IntoOption = Annotated[
    Path | None, typer.Option("--into", file_okay=False, help="Install into this folder.")
]
AcceptOption = Annotated[
    bool, typer.Option("--accept-licence", help="Accept the pack's licence without being asked.")
]


@app.command("list")
@guarded
def list_packs(
    *, home: HomeOption = None, config: ConfigOption = None, json: JsonOption = False
) -> int:
    """Show every pack, its licence, and whether it is installed."""
    from models.packs.installed import inspect, load_manifest, weights_directory

    kiosk_home, settings = _settings(home, config)
    rows = []
    for pack in load_manifest().packs.values():
        directory = weights_directory(settings.directory, kiosk_home, pack)
        rows.append(_row(pack, directory, inspect(pack, directory), settings.pack))
    if json:
        print_json({"packs": rows})
    else:
        _print_table(rows)
    return 0


@app.command("install")
@guarded
def install_pack(
    *,
    pack: PackArgument = None,
    source: FromOption = None,
    into: IntoOption = None,
    accept_licence: AcceptOption = False,
    home: HomeOption = None,
    config: ConfigOption = None,
) -> int:
    """Install a pack: each file from the first source that has the pinned bytes."""
    from kiosk.cli.models.progress import shown
    from models.packs.installed import shared_directory
    from models.packs.installing import install

    _, settings = _settings(home, config)
    chosen = _pack(pack or settings.pack)
    directory = expanded(into or settings.directory or shared_directory()).absolute()
    _print_licence(chosen)
    if not _complete(chosen, directory):
        _ask(chosen, accept_licence=accept_licence)
    with _stopped_by_signals(), shown() as progress:
        install(chosen, directory, source, progress)
    print(f"{chosen.name} is installed in {directory}.")
    return 0


@app.command("verify")
@guarded
def verify_pack(
    *,
    pack: PackArgument = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Read every file of a pack and compare it with its pin; exit code 4 if one is wrong."""
    from models.packs.installed import State, inspect, remedy, weights_directory

    kiosk_home, settings = _settings(home, config)
    chosen = _pack(pack or settings.pack)
    directory = weights_directory(settings.directory, kiosk_home, chosen)
    states = inspect(chosen, directory)
    good = all(state.state is State.OK for state in states)
    if json:
        print_json(_report(chosen, directory, states))
    else:
        for state in states:
            print(f"{state.state.value:8}{state.path} {state.detail}".rstrip())
        if not good:
            print(remedy(chosen, directory), file=sys.stderr)
    return 0 if good else OutOfServiceError.exit_code


def _settings(home: Path | None, config: Path | None) -> tuple[Path, ModelSettings]:
    from config.settings import load

    kiosk_home = known_home(home)
    return kiosk_home, load(kiosk_home, config).models


def _pack(name: str) -> Pack:
    from models.packs.installed import load_manifest

    packs = load_manifest().packs
    if name not in packs:
        raise BadInput(f"There is no model pack {name!r}.", f"Choose one of {', '.join(packs)}.")
    return packs[name]


def _complete(pack: Pack, directory: Path) -> bool:
    from models.packs.installed import State, inspect

    return all(state.state is State.OK for state in inspect(pack, directory))


def _print_licence(pack: Pack) -> None:
    use = "commercial use allowed" if pack.commercial_use else "NO COMMERCIAL USE"
    print(
        f"{pack.name}: {pack.title}\nLicence: {pack.licence} ({use})\n{pack.notice}\n", flush=True
    )


def _ask(pack: Pack, *, accept_licence: bool) -> None:
    """Require that a person or an option accepts the licence; no answer is no acceptance."""
    if accept_licence or not pack.accept_first:
        return
    if not (_somebody_is_there() and typer.confirm("Do you accept this licence?", err=True)):
        raise Refused(
            f"The licence of the model pack {pack.name} was not accepted.",
            "Read it, then add --accept-licence if you may and want to use it.",
        )


def _somebody_is_there() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Make SIGTERM and SIGHUP end the command as Ctrl-C does, so that all cleanup runs."""
    numbers = (signal.SIGTERM, signal.SIGHUP)

    def stop(number: int, _: FrameType | None) -> Never:
        for other in (*numbers, signal.SIGINT):  # a second signal must not interrupt the cleanup
            signal.signal(other, signal.SIG_IGN)
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _row(
    pack: Pack, directory: Path, states: Sequence[FileState], chosen: str
) -> Mapping[str, object]:
    return {
        "pack": pack.name,
        "title": pack.title,
        "licence": pack.licence,
        "commercial_use": pack.commercial_use,
        "installed": _installed(pack, states),
        "chosen": pack.name == chosen,
        "directory": str(directory),
    }


def _installed(pack: Pack, states: Sequence[FileState]) -> str:
    """``yes``, ``no`` (none of the pack's own files is present), ``damaged`` or ``incomplete``."""
    found = {state.state.value for state in states}
    own = {state.state.value for state in states if state.file.pack == pack.name}
    if "altered" in found:
        return "damaged"
    if "missing" in found:
        return "no" if own == {"missing"} else "incomplete"
    return "yes"


def _print_table(rows: Sequence[Mapping[str, object]]) -> None:
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    table = Table(Column("pack", no_wrap=True), "licence", "business use", "installed")
    for row in rows:
        name = f"{row['pack']}\n(chosen)" if row["chosen"] else str(row["pack"])
        use = "yes" if row["commercial_use"] else "no"
        cells = (name, str(row["licence"]), use, str(row["installed"]))
        table.add_row(*(Text(cell) for cell in cells))
    Console().print(table)


def _report(pack: Pack, directory: Path, states: Sequence[FileState]) -> Mapping[str, object]:
    files = [
        {
            "role": state.file.role,
            "file": state.file.name,
            "path": str(state.path),
            "state": state.state.value,
            "sha256": state.sha256,
        }
        for state in states
    ]
    good = all(state.state.value == "ok" for state in states)
    return {"pack": pack.name, "directory": str(directory), "files": files, "ok": good}
