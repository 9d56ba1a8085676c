"""Random keys of imports, in files beside the admins' keys: for their owner only."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from kiosk.domain.errors import StoreKeyError
from kiosk.store.home import read_whole, replace_whole

KEY_BYTES = 32
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def new_key(path: Path) -> bytes:
    """Write a new key in place of whatever was there."""
    key = secrets.token_bytes(KEY_BYTES)
    replace_whole(path, key)
    return key


def read_key(path: Path, remedy: str) -> bytes:
    """The key in a file.

    Args:
        path: of the file.
        remedy: what to do where it cannot be used.

    Raises:
        StoreKeyError: it is missing, no key, or others may read it.
    """
    try:
        mode = stat.S_IMODE(path.lstat().st_mode)
        key = read_whole(path)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise StoreKeyError(f"The key {path} cannot be read: {why}.", remedy) from error
    if mode & _OTHERS:
        raise StoreKeyError(f"The key {path} can be used by others (mode {mode:04o}).", remedy)
    if len(key) != KEY_BYTES:
        raise StoreKeyError(f"The file {path} is no key.", remedy)
    return key


def lasting_key(path: Path, *, make: bool) -> bytes:
    """The key in a file.

    Args:
        path: of the file.
        make: True to make the file where it is missing; else a key that nobody keeps is returned.

    Raises:
        StoreKeyError: it is no key, or others may read it.
    """
    if os.path.lexists(path):
        return read_key(path, f"Delete {path}: the next import makes another.")
    return new_key(path) if make else secrets.token_bytes(KEY_BYTES)
