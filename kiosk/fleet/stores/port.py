"""The port to a fleet's object store. A store is not trusted: whoever reads verifies.

A store holds bytes under names. Every adapter behaves as `ObjectStore` says; one contract suite
runs over all of them. What is missing is a value, what may pass is `FleetStoreUnreachable`, and
what the store forbids is `FleetRefused`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, Protocol

from kiosk.domain.errors import BadInput, FleetRefused, ObjectChanged

MOST_NAME = 512
"""Limit of a name's characters."""
MOST_PART = 255
"""Limit of the characters between two slashes: file systems take no more."""
_LETTERS = r"[A-Za-z0-9._%+=-]"
_NAME = re.compile(rf"{_LETTERS}+(/{_LETTERS}+)*")
_PREFIX = re.compile(rf"({_LETTERS}+/)*{_LETTERS}*")


class Unchanged(Enum):
    """The answer that an object is still the known one."""

    UNCHANGED = auto()


class Expected(Enum):
    """The states that a writer can expect of an object whose tag it does not know."""

    ABSENT = auto()
    ANYTHING = auto()


UNCHANGED: Final = Unchanged.UNCHANGED
ABSENT: Final = Expected.ABSENT
"""Write only if there is no such object."""
ANYTHING: Final = Expected.ANYTHING
"""Write whatever is there."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as it was read.

    Attributes:
        data: its bytes.
        tag: changes whenever the bytes change; its form is the store's own affair.
    """

    data: bytes
    tag: str


@dataclass(slots=True)
class Traffic:
    """A count of what a store was asked and what it sent; threads may share it.

    Attributes:
        requests: HTTP requests with their repetitions, or operations on files.
        bytes: bytes received in bodies, those of lists and errors included.
    """

    requests: int = 0
    bytes: int = 0
    _turn: threading.Lock = field(
        default_factory=threading.Lock, init=False, repr=False, compare=False
    )

    def count(self, *, requests: int = 0, received: int = 0) -> None:
        """Add to the count."""
        with self._turn:
            self.requests += requests
            self.bytes += received


class ObjectStore(Protocol):
    """A fleet's object store; threads may share one.

    Every method raises `BadInput` for a name that `valid_name` refuses, `FleetStoreUnreachable` if
    the store does not answer or its bucket or folder is gone, and `FleetRefused` if it refuses
    access.
    """

    @property
    def traffic(self) -> Traffic:
        """The count of requests and bytes since the store was opened."""
        ...

    def get(
        self, name: str, most_bytes: int, *, known_tag: str | None = None
    ) -> StoredObject | Unchanged | None:
        """Read a whole object.

        Args:
            name: the object's name.
            most_bytes: limit of its length.
            known_tag: the tag of the version that the caller has already.

        Returns:
            The object, UNCHANGED if its tag is still `known_tag`, None if there is none.

        Raises:
            FleetRefused: it is longer than `most_bytes`; no more than one byte beyond was read.
        """
        ...

    def stream(self, name: str, start: int = 0) -> Iterator[bytes] | None:
        """Read an object in pieces; the caller verifies their sum.

        Args:
            name: the object's name.
            start: the first byte wanted, to resume a broken download.

        Returns:
            The pieces, none of them empty, and no piece if the object ends at or before `start`.
            None if there is no such object. The iterator raises what this method raises, and
            ends early only by raising.
        """
        ...

    def put(self, name: str, data: bytes, *, expected: str | Expected) -> str:
        """Write a whole object, durably; readers see the old one or the new one.

        After `FleetStoreUnreachable` it may or may not have been written. Writers that want one
        winner among them write different bytes: equal ones may both be told that they won.

        Args:
            name: the object's name.
            data: its bytes.
            expected: the tag that it must still have, ABSENT, or ANYTHING.

        Returns:
            Its new tag.

        Raises:
            ObjectChanged: it is not as expected; nothing was written.
            BadInput: a folder store has objects below that name, or an object above it.
        """
        ...

    def names(self, prefix: str = "") -> Iterator[str]:
        """The names that begin with these characters, sorted."""
        ...

    def delete(self, name: str) -> None:
        """Remove an object; nothing if there is none."""
        ...

    def close(self) -> None:
        """Let its connections go; may be called twice."""
        ...


def valid_name(name: str) -> str:
    """The name, if a store may hold an object under it.

    Raises:
        BadInput: it has other characters, an empty part, `.` or `..` as a part, or is too long.
    """
    if not (_NAME.fullmatch(name) and _short(name) and _stays(name)):
        raise _unusable(name)
    return name


def valid_prefix(prefix: str) -> str:
    """The beginning of names, if a store may hold an object whose name begins so.

    Raises:
        BadInput: no valid name begins so.
    """
    folder = prefix.rpartition("/")[0]
    if not (_PREFIX.fullmatch(prefix) and _short(prefix) and _stays(folder)):
        raise _unusable(prefix)
    return prefix


def is_valid(name: str) -> bool:
    """True if a store may hold an object under that name."""
    try:
        valid_name(name)
    except BadInput:
        return False
    return True


def too_long(name: str, most_bytes: int) -> FleetRefused:
    """The error of an object that is longer than its reader allows."""
    return FleetRefused(
        f"The object {name} of the fleet's store is longer than {most_bytes} bytes.",
        "Find out who wrote it, and write it again.",
    )


def changed(name: str) -> ObjectChanged:
    """The error of an object that is not as its writer expects."""
    return ObjectChanged(
        f"Somebody else has written or removed {name} in the fleet's store meanwhile.",
        "Read it again, and repeat the change.",
    )


def _short(name: str) -> bool:
    return len(name) <= MOST_NAME and all(len(part) <= MOST_PART for part in name.split("/"))


def _stays(name: str) -> bool:
    return not {".", ".."} & set(name.split("/"))


def _unusable(name: str) -> BadInput:
    return BadInput(
        f"{name[:80]!r} cannot be the name of an object in the fleet's store.",
        "Use letters, digits and . _ % + = - in parts between slashes, and at most"
        f" {MOST_PART} characters in a part and {MOST_NAME} in all.",
    )
