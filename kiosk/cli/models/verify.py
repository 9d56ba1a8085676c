"""`kiosk models verify`: compare every file of a pack with its pin, and the engines."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json, with_command
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.models.common import PackArgument, model_settings, pack_of
from kiosk.cli.models.engines import verify_engines
from kiosk.domain.errors import OutOfServiceError

if TYPE_CHECKING:
    from models.packs.installed import FileState, InstalledPack


EnginesOption = Annotated[
    bool,
    typer.Option(
        "--engines",
        help="Compare the engines on this processor, so that `auto` can use the faster one.",
    ),
]


def verify_pack(
    *,
    pack: PackArgument = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    engines: EnginesOption = False,
    json: JsonOption = False,
) -> int:
    """Read every file of a pack and compare it with its pin; exit code 4 if one is wrong.

    With --engines, run both engines over moved portraits too: 4 if they disagree.
    """
    from models.packs.installed import InstalledPack, remedy, weights_directory

    kiosk_home, settings = model_settings(home, config)
    chosen = pack_of(pack or settings.pack)
    directory = weights_directory(settings.directory, kiosk_home, chosen)
    found = InstalledPack.in_folder(chosen, directory)
    if engines and found.good:
        return verify_engines(kiosk_home, config, chosen, directory, json=json)
    if json:
        print_json(_report(found))
    else:
        for file in found.files:
            print(f"{file.state.value:8}{file.path} {_detail(file)}".rstrip())
        if not found.good:
            print(with_command(remedy(chosen, directory)), file=sys.stderr)
    return 0 if found.good else OutOfServiceError.exit_code


def _detail(file: FileState) -> str:
    """The problem, and for a rewritten file what it is made from."""
    if not file.file.made_from:
        return file.detail
    origin = f"made from {file.file.made_from}"
    return f"{file.detail}; it is {origin}" if file.detail else f"({origin})"


def _report(found: InstalledPack) -> Mapping[str, object]:
    files = [
        {
            "role": each.file.role,
            "file": each.file.name,
            "made_from": each.file.made_from or None,
            "path": str(each.path),
            "state": each.state.value,
            "sha256": each.sha256,
        }
        for each in found.files
    ]
    directory = str(found.directory)
    return {"pack": found.pack.name, "directory": directory, "files": files, "ok": found.good}
