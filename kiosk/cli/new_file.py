"""A new file with something secret in it: for its owner only, and never over an existing one."""

from __future__ import annotations

import os
from pathlib import Path

from kiosk.domain.errors import BadInput

OWNER_ONLY = 0o600


def write_new(path: Path, content: bytes, option: str) -> None:
    """Write a new file with mode 0600.

    Args:
        path: where; there is nothing yet.
        content: of the file.
        option: the option that named it, for the message.

    Raises:
        BadInput: there is something, or it cannot be written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, OWNER_ONLY)
    except FileExistsError as error:
        raise BadInput(f"{option} {path} is there already.", "Name a new file.") from error
    except OSError as error:
        raise _unwritable(path, option, error) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        path.unlink()
        raise _unwritable(path, option, error) from error


def _unwritable(path: Path, option: str, error: OSError) -> BadInput:
    return BadInput(
        f"{option} {path} cannot be written: {error.strerror}.", "Name a file in a folder of yours."
    )
