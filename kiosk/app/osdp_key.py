"""A key of its own for the door's OSDP device.

Only here does the kiosk communicate under OSDP's public default key. So it refuses while a kiosk
runs, an existing key file is kept unless it is to be overwritten, and the change is recorded first.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from config.sections.doors.osdp import OsdpSettings
from config.settings import Settings
from kiosk.domain.errors import BadInput, LibraryMissing, Refused, SettingsError
from kiosk.journal.events.door import DoorKeyMade
from kiosk.store.home import Home
from kiosk.store.instance_lock import is_kept
from kiosk.store.open_home import OpenHome
from kiosk.store.written_down import written_down

if TYPE_CHECKING:
    from hardware.door.osdp.learn_key import LearnStep


class OsdpKey:
    """The key that an OSDP device is about to learn. Nothing happens before `hand_over`.

    Args:
        home: the kiosk's home.
        settings: all settings.
        key_file: where the key is kept; None for the file of the settings.
        overwrite: True to replace a key that lies there already.

    Attributes:
        device: the settings of the device.
        path: where the key is kept.

    Raises:
        BadInput: the door is no OSDP device, or no file is named.
        SettingsError: there is a key in the file already.
        Refused: a kiosk runs here.
    """

    def __init__(
        self, home: Path, settings: Settings, key_file: Path | None, *, overwrite: bool
    ) -> None:
        self._home = home
        self._overwrite = overwrite
        self.device = _device(settings)
        self.path = _place(key_file, self.device, overwrite=overwrite)
        _refuse_beside_a_kiosk(home)

    def hand_over(self, tell: Callable[[LearnStep], None]) -> None:
        """Make the key and hand it to the device, which must be in install mode.

        Args:
            tell: called before each step, for progress.

        Raises:
            LibraryMissing: the driver is not installed.
            DoorError: the device did not take it.
        """
        try:
            from hardware.door.osdp.config import OsdpConfig
            from hardware.door.osdp.learn_key import learn_key
        except ModuleNotFoundError as error:
            raise LibraryMissing("The driver osdp of door.driver", error.name, "osdp") from error

        device = self.device
        osdp = OsdpConfig(port=device.port, baud=device.baud, address=device.address)
        made = DoorKeyMade("osdp", device.address)
        with OpenHome.open(self._home) as open_home, written_down(open_home, made):
            learn_key(osdp, self.path, tell, overwrite=self._overwrite)

    @property
    def next_steps(self) -> str:
        """What is left to do afterwards, as text."""
        device = self.device
        left = [] if self.path == device.key_file else [f'Set door.osdp.key_file = "{self.path}".']
        left += ["Remove door.osdp.allow_insecure."] if device.allow_insecure else []
        return " ".join([*left, "End install mode, and start the kiosk."])


def _device(settings: Settings) -> OsdpSettings:
    door = settings.door
    if door.driver != "osdp" or door.osdp is None:
        raise BadInput(
            f'Only an OSDP device learns a key; door.driver is "{door.driver}".',
            'Set door.driver = "osdp" and [door.osdp], or leave this device as it is.',
        )
    return door.osdp


def _place(key_file: Path | None, device: OsdpSettings, *, overwrite: bool) -> Path:
    path = key_file.absolute() if key_file else device.key_file
    if path is None:
        raise BadInput("There is no file for the key.", "Name one with --key-file.")
    if path.exists() and not overwrite:
        raise SettingsError(
            f"There is a key in {path} already.",
            "Add --overwrite if no device needs it any more, or name another with --key-file.",
        )
    return path


def _refuse_beside_a_kiosk(home: Path) -> None:
    if is_kept(Home(home)):
        raise Refused(
            "A kiosk runs here and has the serial port, which can be open only once.",
            "Stop it first; it starts with the new key.",
        )
