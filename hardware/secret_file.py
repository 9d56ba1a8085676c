"""Secret files of device connections, readable only by the kiosk's user; contents are never shown.

A path is absolute, or the bare name of a systemd credential (`LoadCredential=`), which systemd
places in a private directory of this service.
"""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path

from kiosk.domain.errors import SettingsError
from kiosk.domain.ownership import ROOT

MOST_BYTES = 16384
CREDENTIALS = "CREDENTIALS_DIRECTORY"
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""Byte-order marks. Some editors add them unasked; devices do not treat them as secret text."""
_OTHERS = stat.S_IRWXO | stat.S_IWGRP


def located(path: Path, setting: str) -> Path:
    """Resolve a file path from the settings.

    Args:
        path: the configured path.
        setting: its name, for the error message.

    Raises:
        SettingsError: the path is relative, and systemd provided no credentials directory.
    """
    if path.is_absolute():
        return path
    folder = os.environ.get(CREDENTIALS)
    if not folder:
        raise SettingsError(
            f"{setting} names {path}: no whole path, and systemd handed over no credentials.",
            f"Write the whole path in {setting}, or add LoadCredential={path.name} to the service.",
        )
    return Path(folder) / path.name


def read_secret(path: Path, setting: str, *, least_bytes: int = 1) -> bytes:
    """Read a secret file, without the trailing newline that an editor adds.

    Args:
        path: absolute, or the name of a systemd credential.
        setting: the name of the setting that holds the path, for the error message.
        least_bytes: shorter secrets are refused.

    Raises:
        SettingsError: the file cannot be read, other users can read it, or it is too short or too
            long.
    """
    place = located(path, setting)
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise SettingsError(
            f"The file {place} of {setting} cannot be read: {error.strerror}.",
            f"Correct {setting}, or let the kiosk's user read that file.",
        ) from error
    try:
        _check_privacy(place, setting, os.fstat(descriptor))
        held = os.read(descriptor, MOST_BYTES + 1)
    finally:
        os.close(descriptor)
    return _trimmed(held, place, setting, least_bytes)


def _check_privacy(place: Path, setting: str, status: os.stat_result) -> None:
    """Check that only this user can use the file.

    A systemd credential shows the mask of its access control list as group permissions, so these
    are allowed there.
    """
    if not stat.S_ISREG(status.st_mode):
        raise SettingsError(f"{place} of {setting} is not a plain file.", f"Correct {setting}.")
    if status.st_uid not in {os.geteuid(), ROOT}:
        raise SettingsError(
            f"The secret {place} of {setting} belongs to another user.",
            "Give it to the kiosk's user with `chown`, or make a new one.",
        )
    credential = os.environ.get(CREDENTIALS) == str(place.parent)
    if status.st_mode & (_OTHERS if credential else _OTHERS | stat.S_IRWXG):
        raise SettingsError(
            f"The secret {place} of {setting} can be used by others.",
            f"Make a new one, and run `chmod 600 {place}`.",
        )


def _trimmed(held: bytes, place: Path, setting: str, least_bytes: int) -> bytes:
    if held.startswith(_MARKS):
        raise SettingsError(
            f"The secret {place} of {setting} begins with a byte-order mark, which is part of it.",
            "Save it as UTF-8 without a byte-order mark (BOM).",
        )
    secret = held.removesuffix(b"\n").removesuffix(b"\r")
    if not least_bytes <= len(secret) <= MOST_BYTES:
        raise SettingsError(
            f"The secret {place} of {setting} is too short or too long.",
            f"It takes {least_bytes} to {MOST_BYTES} bytes.",
        )
    return secret
