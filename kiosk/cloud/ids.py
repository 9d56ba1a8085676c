"""The ids that people have in the cloud, and the key that makes them.

An id is the beginning of HMAC-SHA256 (RFC 2104) of the subject id. Without the key it says nothing
of whom it belongs to, and with it every kiosk of the site knows whom an answer names, without a
table. The key is kept outside what AWS can see, and never changed: with another key nobody who is
in a collection can be found there again.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.domain.cloud.faces import CloudId
from kiosk.domain.errors import StoreKeyError
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.domain.vision.template import SubjectId
from kiosk.store.home import flush_directory, write_whole

KEY_BYTES = 32
DIGITS = 32
"""Hexadecimal digits of an id: 128 bits, so that no two people ever share one."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_PUT_BACK = "Put the site's key back from its backup, or copy it from another kiosk of the site."


class CloudIds:
    """Makes people's ids in the cloud, and finds the people again. Never printed.

    Args:
        key: 32 random bytes, the same at every kiosk of the site.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key of people's ids in the cloud has {KEY_BYTES} bytes")
        self._key = key

    def __repr__(self) -> str:
        return "CloudIds(<hidden>)"

    @classmethod
    def read(cls, path: Path) -> CloudIds:
        """The ids that the key in a file makes.

        Raises:
            StoreKeyError: it is missing, holds no key, or others may use it.
        """
        return cls(_read_key(path))

    def of(self, subject: SubjectId) -> CloudId:
        """A person's id in the cloud."""
        digest = hmac.new(self._key, subject.encode(), hashlib.sha256)
        return CloudId(digest.hexdigest()[:DIGITS])

    def derive(self, label: str) -> bytes:
        """A key for one purpose, 32 bytes (HKDF-SHA256, RFC 5869), labelled with it."""
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=label.encode()).derive(
            self._key
        )

    def table(self, subjects: Iterable[SubjectId]) -> Mapping[CloudId, SubjectId]:
        """The people by their ids in the cloud, for answers that name somebody."""
        return {self.of(subject): subject for subject in subjects}


def make_key(path: Path) -> bool:
    """Write a new key, for its owner only; one that is there stays.

    Returns:
        True if it was made.

    Raises:
        StoreKeyError: it cannot be written, or what is there is no key.
    """
    if os.path.lexists(path):
        _read_key(path)
        return False
    spare = path.with_name(f"{path.name}.new")
    try:
        spare.unlink(missing_ok=True)  # whoever left it may have made it for others to read
        write_whole(spare, secrets.token_bytes(KEY_BYTES))
        os.link(spare, path)  # never replaces the key that another process has made meanwhile
        spare.unlink()
        flush_directory(path.parent)
    except FileExistsError:
        spare.unlink(missing_ok=True)
        _read_key(path)
        return False
    except OSError as error:
        raise _unusable(
            path,
            f"cannot be made: {os.strerror(error.errno or 0)}",
            "Name a file in a folder of the user to whom the kiosk's home belongs.",
        ) from error
    return True


def _read_key(path: Path) -> bytes:
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(path, flags)
    except FileNotFoundError as error:
        raise _unusable(
            path,
            "is missing",
            Remedy(
                "Make one at the first kiosk of the site; copy that one to every other.",
                NextStep.MAKE_CLOUD,
            ),
        ) from error
    except OSError as error:
        raise _unusable(
            path, f"cannot be read: {os.strerror(error.errno or 0)}", "See to whom it belongs."
        ) from error
    try:
        _check_ownership(path, os.fstat(descriptor))
        key = os.read(descriptor, KEY_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(key) != KEY_BYTES:
        raise _unusable(path, f"does not hold {KEY_BYTES} bytes", _PUT_BACK)
    return key


def _check_ownership(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _unusable(path, "is not a plain file", _PUT_BACK)
    if status.st_uid not in {0, os.geteuid()}:
        raise _unusable(
            path, "belongs to another user", "Have it belong to the user of the kiosk's home."
        )
    mode = stat.S_IMODE(status.st_mode)
    if mode & _OTHERS:
        raise _unusable(
            path,
            f"can be used by others (mode {mode:04o})",
            f"Treat it as known to them; if it is not, `chmod 600 {path}`.",
        )


def _unusable(path: Path, why: str, remedy: str) -> StoreKeyError:
    return StoreKeyError(f"The key of people's ids in the cloud, {path}, {why}.", remedy)
