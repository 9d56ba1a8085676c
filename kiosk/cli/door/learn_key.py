"""`kiosk door learn-key`: give the door's OSDP device its own key.

This is the only command that communicates under OSDP's public default key. So it requires explicit
confirmation and refuses while a kiosk runs. An existing key file is kept unless --overwrite is
given.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, guarded, made_home
from kiosk.domain.errors import BadInput, LibraryMissing, Refused, SettingsError

if TYPE_CHECKING:
    from config.sections.doors.osdp import OsdpSettings
    from hardware.door.osdp.learn_key import LearnStep
    from kiosk.domain.audit import Value

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


@guarded
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
    place = made_home(home)
    section = _section(place, config)
    path = _place(key_file, section, overwrite=overwrite)
    _refuse_beside_a_kiosk(place)
    _ask(section, install_mode=install_mode)
    _learn(place, section, path, json=json, overwrite=overwrite)
    if json:
        print_json({"key_file": str(path), "port": section.port, "address": section.address})
    else:
        print(f"The device has the key in {path}. {_next(section, path)}")
    return 0


def _section(home: Path, config: Path | None) -> OsdpSettings:
    from config.settings import load

    door = load(home, config).door
    if door.driver != "osdp" or door.osdp is None:
        raise BadInput(
            f'Only an OSDP device learns a key; door.driver is "{door.driver}".',
            'Set door.driver = "osdp" and [door.osdp], or leave this device as it is.',
        )
    return door.osdp


def _place(key_file: Path | None, section: OsdpSettings, *, overwrite: bool) -> Path:
    path = key_file.absolute() if key_file else section.key_file
    if path is None:
        raise BadInput("There is no file for the key.", "Name one with --key-file.")
    if path.exists() and not overwrite:
        raise SettingsError(
            f"There is a key in {path} already.",
            "Add --overwrite if no device needs it any more, or name another with --key-file.",
        )
    return path


def _refuse_beside_a_kiosk(home: Path) -> None:
    from kiosk.store.home import Home
    from kiosk.store.instance_lock import is_kept

    if is_kept(Home(home)):
        raise Refused(
            "A kiosk runs here and has the serial port, which can be open only once.",
            "Stop it first; it starts with the new key.",
        )


def _ask(section: OsdpSettings, *, install_mode: bool) -> None:
    """Require explicit confirmation that the device is in install mode."""
    if install_mode:
        return
    where = f"device {section.address} on {section.port}"
    if sys.stdin.isatty() and sys.stderr.isatty():
        print(WHAT_IT_DOES, file=sys.stderr)
        asked = f"Is {where} in install mode, on a line that nobody else can reach?"
        if typer.confirm(asked, err=True):
            return
    raise Refused(
        f"It was not said that {where} is in install mode. {WHAT_IT_DOES}",
        "Put it into install mode, see that nobody else is on the line, and add --install-mode.",
    )


def _learn(home: Path, section: OsdpSettings, path: Path, *, json: bool, overwrite: bool) -> None:
    from kiosk.store.open_home import OpenHome
    from kiosk.store.written_down import written_down

    try:
        from hardware.door.osdp.config import OsdpConfig
        from hardware.door.osdp.learn_key import learn_key
    except ModuleNotFoundError as error:
        raise LibraryMissing("The driver osdp of door.driver", error.name, "osdp") from error

    def tell(step: LearnStep) -> None:
        if not json:
            print(f"{step.value} ...", flush=True)

    osdp = OsdpConfig(port=section.port, baud=section.baud, address=section.address)
    details: dict[str, Value] = {"driver": "osdp", "address": section.address}
    with OpenHome.open(home) as open_home, written_down(open_home, "door_key", details):
        learn_key(osdp, path, tell, overwrite=overwrite)


def _next(section: OsdpSettings, path: Path) -> str:
    """The remaining steps, as text."""
    left = [] if path == section.key_file else [f'Set door.osdp.key_file = "{path}".']
    left += ["Remove door.osdp.allow_insecure."] if section.allow_insecure else []
    return " ".join([*left, "End install mode, and start the kiosk."])
