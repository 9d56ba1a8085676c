"""`kiosk models install`: install a pack, after its licence is accepted where it must be."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Never

import typer

from kiosk.cli.common import ConfigOption, HomeOption, expanded
from kiosk.cli.models.common import PackArgument, model_settings, pack_of
from kiosk.domain.errors import Refused

if TYPE_CHECKING:
    from models.packs.manifest import Pack

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
    from models.packs.installed import InstalledPack, shared_directory
    from models.packs.installing import install

    _, settings = model_settings(home, config)
    chosen = pack_of(pack or settings.pack)
    directory = expanded(into or settings.directory or shared_directory()).absolute()
    _print_licence(chosen)
    if not InstalledPack.in_folder(chosen, directory).good:
        _ask(chosen, accept_licence=accept_licence)
    with _stopped_by_signals(), shown() as progress:
        install(chosen, directory, source, progress)
    print(f"{chosen.name} is installed in {directory}.")
    return 0


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
