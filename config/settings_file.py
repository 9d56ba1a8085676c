"""A settings file: TOML in UTF-8, which nobody else may change."""

from __future__ import annotations

import codecs
import tomllib
from pathlib import Path
from typing import Any

from config.guarded import refuse_foreign
from kiosk.domain.errors import SettingsError

_OTHER_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
"""Longer marks first, since one is a prefix of another."""


def is_there(path: Path) -> bool:
    """True if the file may exist; ignoring an inaccessible file would loosen the settings."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def read_file(path: Path) -> dict[str, Any]:
    """What a settings file says.

    Raises:
        SettingsError: it cannot be read, or is not TOML.
    """
    try:
        with path.open("rb") as file:
            refuse_foreign(path, file.fileno())
            return tomllib.loads(_text(file.read(), path))
    except OSError as error:
        raise SettingsError(
            f"The settings file {path} cannot be read: {error.strerror}.",
            "Check its path and who may read it.",
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"The settings file {path} is not UTF-8 text.", "Save it as UTF-8."
        ) from error
    except (ValueError, RecursionError) as error:
        where = f": {error}" if isinstance(error, tomllib.TOMLDecodeError) else ""
        raise SettingsError(
            f"The settings file {path} is not TOML{where}.", "Correct that line."
        ) from error


def _text(held: bytes, path: Path) -> str:
    """The text of a file, without the byte-order mark that some editors add."""
    for mark, name in _OTHER_MARKS:
        if held.startswith(mark):
            raise _other_encoding(path, name)
    if b"\0" in held[:2]:
        raise _other_encoding(path, "UTF-16")
    return held.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def _other_encoding(path: Path, name: str) -> SettingsError:
    return SettingsError(
        f"The settings file {path} is {name} text, not UTF-8.",
        "Save it as UTF-8; Windows Notepad offers that beside the file's name.",
    )
