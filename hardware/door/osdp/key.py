"""The key of an OSDP secure channel: 32 hex digits in a separate file, never the public key.

SCBK-D, the factory default key of every device, is printed in the standard. A channel with it
protects nothing, so it is refused wherever a key is read.
"""

from __future__ import annotations

import string
from pathlib import Path

from hardware.secret_file import read_secret
from kiosk.domain.errors import SettingsError
from kiosk.domain.remedies import NextStep, Remedy

KEY_BYTES = 16
PUBLIC_KEY = bytes(range(0x30, 0x40))
_DIGITS = frozenset(string.hexdigits)


def read_key(path: Path, setting: str) -> bytes:
    """Read the 16 bytes of a key.

    Args:
        path: absolute, or the name of a systemd credential.
        setting: the name of the setting that holds the path, for the error message.

    Raises:
        SettingsError: the file cannot be read, other users can read it, or it contains no key or
            the public one.
    """
    digits = read_secret(path, setting).decode("latin-1").strip()
    if not _DIGITS.issuperset(digits):
        raise SettingsError(
            f"The key file of {setting} holds something else than hex digits.",
            Remedy("Write 32 of 0-9 and a-f, or make a new key.", NextStep.LEARN_DOOR_KEY),
        )
    if len(digits) != 2 * KEY_BYTES:
        raise SettingsError(
            f"The key file of {setting} holds {len(digits)} hex digits instead of 32.",
            Remedy("Write all 16 bytes of the key, or make a new one.", NextStep.LEARN_DOOR_KEY),
        )
    key = bytes.fromhex(digits)
    if key == PUBLIC_KEY:
        raise SettingsError(
            f"The key file of {setting} holds SCBK-D, the key that everybody knows.",
            Remedy("Give the device a key of its own.", NextStep.LEARN_DOOR_KEY),
        )
    return key
