"""Secrets of a wire lie in files that nobody else can read; what they hold is never shown.

A path is absolute, or the bare name of a systemd credential (`LoadCredential=`), which systemd
lays into a directory of its own for this service.
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
"""Editors put them there unasked; no device would take them for its own secret."""
_OTHERS = stat.S_IRWXO | stat.S_IWGRP


def located(path: Path, setting: str) -> Path:
    """Where a file of the settings lies.

    Args:
        path: as it is set.
        setting: its name, for the message.

    Raises:
        SettingsError: it is relative, and systemd has handed over no credentials.
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
    """What a secret file holds, without the line feed that an editor leaves at its end.

    Args:
        path: absolute, or the name of a systemd credential.
        setting: the setting that names it, for the message.
        least_bytes: shorter secrets are refused.

    Raises:
        SettingsError: it cannot be read, others can read it, or it is too short or too long.
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
    """A credential of systemd shows the mask of its access list as rights of its group."""
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
