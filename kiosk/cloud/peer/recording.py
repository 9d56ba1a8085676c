"""The record of every request that reached the peer."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

MOST_CALLS = 100_000
IMAGES = ("Image", "SourceImage", "TargetImage")


@dataclass(frozen=True, slots=True)
class RecordedPicture:
    """A picture that came with a request.

    Attributes:
        sha256: of its bytes.
        size: of it in bytes.
        width, height: in pixels; None if it was not decoded.
        content: the picture, where the peer was told to keep it.
    """

    sha256: str
    size: int
    width: int | None = None
    height: int | None = None
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One request, and how it was answered.

    Attributes:
        operation: AWS's name of it; empty if the request names none.
        parameters: without pictures.
        pictures: in the order of their members' names in `IMAGES`.
        access_key: that signed it; None if nobody known did.
        at: when it came, UTC.
        clock: when it came, monotonic seconds of the peer's clock.
        code: of the error that it was answered with; None for an answer.
    """

    operation: str
    parameters: Mapping[str, Any]
    pictures: tuple[RecordedPicture, ...]
    access_key: str | None
    at: datetime
    clock: float
    code: str | None


class Recording:
    """The latest calls, in the order in which they were answered. Used by any thread.

    Attributes:
        keep_pictures: whether pictures are kept, in memory.
    """

    def __init__(self, *, keep_pictures: bool = False) -> None:
        self.keep_pictures = keep_pictures
        self._calls: deque[RecordedCall] = deque(maxlen=MOST_CALLS)
        self._violations: deque[str] = deque(maxlen=MOST_CALLS)
        self._lock = threading.Lock()

    def add(self, call: RecordedCall) -> None:
        """Record a call."""
        with self._lock:
            self._calls.append(call)

    def violate(self, what: str) -> None:
        """Record that an answer of the peer's did not have its shape, or that the peer failed."""
        with self._lock:
            self._violations.append(what)

    def clear(self) -> None:
        """Forget the calls; violations stay."""
        with self._lock:
            self._calls.clear()

    def calls(self, *operations: str) -> Sequence[RecordedCall]:
        """The calls, or those of some operations."""
        with self._lock:
            return [each for each in self._calls if not operations or each.operation in operations]

    @property
    def violations(self) -> Sequence[str]:
        """What the peer itself did wrong; a test asserts that there is nothing."""
        with self._lock:
            return list(self._violations)


def without_pictures(given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a request without its pictures."""
    return {name: value for name, value in given.items() if name not in IMAGES}


def pictures_of(
    given: Mapping[str, Any], sizes: Mapping[str, tuple[int, int]], *, keep: bool
) -> tuple[RecordedPicture, ...]:
    """The record of a request's pictures.

    Args:
        given: the request's parameters.
        sizes: of the pictures that were decoded, by the names of their members.
        keep: whether the pictures themselves are kept.
    """
    found = []
    for name in IMAGES:
        image = given.get(name)
        content = image.get("Bytes") if isinstance(image, Mapping) else None
        if isinstance(content, bytes):
            width, height = sizes.get(name, (None, None))
            digest = hashlib.sha256(content).hexdigest()
            kept = content if keep else None
            found.append(RecordedPicture(digest, len(content), width, height, kept))
    return tuple(found)
