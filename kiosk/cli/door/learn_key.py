"""`kiosk door learn-key`: give the door's OSDP device its own key.

Whoever listens meanwhile knows the key for ever, so this requires explicit confirmation.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, made_home
from kiosk.domain.errors import Refused

if TYPE_CHECKING:
    from config.sections.doors.osdp import OsdpSettings
    from hardware.door.osdp.learn_key import LearnStep

KeyFileOption = Annotated[
    Path | None, typer.Option("--key-file", help="A whole path; unset: door.osdp.key_file.")
]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace an existing key file.")]
InstallOption = Annotated[
    bool,
    typer.Option(
        "--install-mode",
        help="Yes: the device is in install mode, on a line that nobody else can reach.",
    ),
]
WHAT_IT_DOES = (
    "A new key crosses the line under OSDP's public key: anybody who listens now has it for good."
)


def learn_key(
    *,
    home: HomeOption = None,
    config: ConfigOption = None,
    key_file: KeyFileOption = None,
    overwrite: OverwriteOption = False,
    install_mode: InstallOption = False,
    json: JsonOption = False,
) -> int:
    """Make a key and hand it to the OSDP device, which must be in install mode."""
    from config.settings import load
    from kiosk.app.osdp_key import OsdpKey

    place = made_home(home)
    key = OsdpKey(place, load(place, config), key_file, overwrite=overwrite)
    device = key.device
    _ask(device, install_mode=install_mode)
    key.hand_over(_say_nothing if json else _say)
    if json:
        print_json({"key_file": str(key.path), "port": device.port, "address": device.address})
    else:
        print(f"The device has the key in {key.path}. {key.next_steps}")
    return 0


def _ask(device: OsdpSettings, *, install_mode: bool) -> None:
    """Require explicit confirmation that the device is in install mode."""
    if install_mode:
        return
    where = f"device {device.address} on {device.port}"
    if sys.stdin.isatty() and sys.stderr.isatty():
        print(WHAT_IT_DOES, file=sys.stderr)
        asked = f"Is {where} in install mode, on a line that nobody else can reach?"
        if typer.confirm(asked, err=True):
            return
    raise Refused(
        f"It was not said that {where} is in install mode. {WHAT_IT_DOES}",
        "Put it into install mode, see that nobody else is on the line, and add --install-mode.",
    )


def _say(step: LearnStep) -> None:
    print(f"{step.value} ...", flush=True)


def _say_nothing(_: LearnStep) -> None:
    """Keep standard output for the result."""
