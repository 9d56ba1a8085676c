"""Credentials that systemd hands to a service, such as one that a TPM2 sealed to this machine.

systemd decrypts them when it starts the service (`LoadCredentialEncrypted=`), into a folder that
it names to the service. Nothing of them is ever on disk in the clear.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from kiosk.domain.errors import BadInput, StoreKeyError

DIRECTORY = "CREDENTIALS_DIRECTORY"
USUAL_NAME = "lintel-key"
FEWEST_BYTES = 32
MOST_BYTES = 4096
MOST_CHARACTERS = 64
_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


def offered(name: str = USUAL_NAME) -> bool:
    """True if the system hands this process a credential of that name, whatever it holds."""
    folder = _folder()
    return folder is not None and os.path.lexists(folder / name)


def check_name(name: str) -> str:
    """A credential's name, as it was given.

    Raises:
        BadInput: it could not be one.
    """
    if 0 < len(name) <= MOST_CHARACTERS and set(name) <= _SIGNS and not name.startswith("."):
        return name
    raise BadInput(
        f"{name[:80]!r} cannot be a credential's name.", "Use letters, digits, and . _ - in it."
    )


def secret_of(name: str) -> bytes:
    """The content of a credential.

    Raises:
        StoreKeyError: the system hands over none of that name, or one that cannot be used.
    """
    folder = _folder()
    if folder is None or not os.path.lexists(folder / name):
        raise StoreKeyError(
            f"The key is sealed with the credential {name}, which was not handed to this program.",
            "Start it as the kiosk's service, or with the same credential as that has.",
        )
    try:
        descriptor = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - opens a descriptor
            mode, secret = os.fstat(descriptor).st_mode, file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _unusable(name, f"cannot be read: {os.strerror(error.errno or 0)}") from error
    if mode & stat.S_IRWXO:
        raise _unusable(name, f"can be used by others (mode {stat.S_IMODE(mode):04o})")
    if not FEWEST_BYTES <= len(secret) <= MOST_BYTES:
        raise _unusable(name, f"does not hold {FEWEST_BYTES} to {MOST_BYTES} bytes")
    return secret


def _folder() -> Path | None:
    folder = Path(os.environ.get(DIRECTORY, ""))
    return folder if folder.is_absolute() else None


def _unusable(name: str, why: str) -> StoreKeyError:
    return StoreKeyError(
        f"The credential {name} {why}.", "Hand over the one that the key was sealed with."
    )
