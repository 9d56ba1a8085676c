"""The port to the outbox: work that has to be done in the cloud, and is tried until it is.

A message holds ids of the cloud only. Work on one person is done in the order in which it was put
in. What failed too often is a dead letter: somebody looks at it, and has it tried again or drops
it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from random import SystemRandom
from typing import Any, Protocol

from kiosk.domain.cloud.faces import CloudId, FaceId

FORMAT = 1
BASE_SECONDS = 2.0
MOST_SECONDS = 3600.0
LEASE_SECONDS = 120.0
"""How long work that somebody has taken is left to them."""
_CHANCE = SystemRandom()


class WorkKind(Enum):
    """What has to be done about a person; the value is that in a message."""

    REGISTER = "register"
    """Index their new pictures: a registration, or a photo update."""
    WITHDRAW = "withdraw"
    """Delete their faces and their user everywhere: tried until it is done, never given up."""


@dataclass(frozen=True, slots=True)
class CloudWork:
    """Work about one person.

    Attributes:
        kind: what.
        person: about whom.
        faces: faces of theirs that are known to exist, beside those in the metadata.
        at: when it was put in, or for a withdrawal when they left, seconds since 1970.
    """

    kind: WorkKind
    person: CloudId
    faces: tuple[FaceId, ...] = ()
    at: float = 0.0

    def encode(self) -> str:
        """The text of a message."""
        said = {"format": FORMAT, "kind": self.kind.value, "person": self.person}
        return json.dumps({**said, "faces": list(self.faces), "at": self.at})

    @classmethod
    def decode(cls, text: str) -> CloudWork:
        """The work of a message.

        Raises:
            KeyError, TypeError, ValueError: it is none that this program understands.
        """
        said: dict[str, Any] = json.loads(text)
        if said["format"] != FORMAT:
            raise ValueError(said["format"])
        faces = tuple(FaceId(str(face)) for face in said["faces"])
        person = CloudId(str(said["person"]))
        return cls(WorkKind(said["kind"]), person, faces, float(said["at"]))


@dataclass(frozen=True, slots=True)
class QueuedWork:
    """Work as it lies in an outbox.

    Attributes:
        ident: its name there.
        work: it; None for a message that makes no sense.
        attempts: how often it was tried.
        next_at: when it is tried next, seconds since 1970; 0 where only the queue knows.
        problem: why it was not done the last time; empty before the first.
    """

    ident: str
    work: CloudWork | None
    attempts: int = 0
    next_at: float = 0.0
    problem: str = ""


class Outbox(Protocol):
    """Work that waits.

    Every call raises:
        CloudUnavailable: the queue gives no answer now.
        CloudRefused: access is refused, or there is no such queue.
        StoreError: the kiosk's own database cannot be used.
    """

    def add(self, work: CloudWork) -> None:
        """Put work in; durable when it returns."""
        ...

    def take(self, most: int) -> Sequence[QueuedWork]:
        """Work whose time has come. Nobody else is given it for `LEASE_SECONDS`."""
        ...

    def done(self, queued: QueuedWork) -> None:
        """Remove work that is done."""
        ...

    def later(self, queued: QueuedWork, problem: str, seconds: float) -> None:
        """Have work tried again after so long."""
        ...

    def bury(self, queued: QueuedWork, problem: str) -> None:
        """Make work that was taken a dead letter."""
        ...

    def waiting(self) -> int:
        """How much work waits or is being done."""
        ...

    def troubled(self) -> Sequence[QueuedWork]:
        """Work that was tried in vain and is tried again; as far as the queue shows it."""
        ...

    def dead(self) -> Sequence[QueuedWork]:
        """The dead letters, oldest first."""
        ...

    def retry(self, ident: str) -> bool:
        """Have a dead letter tried again, from the beginning; False if there is none of it."""
        ...

    def discard(self, ident: str) -> bool:
        """Drop a dead letter; False if there is none of it."""
        ...


def backoff(attempts: int) -> float:
    """How long to wait after so many attempts: full jitter, so that kiosks never come at once."""
    return _CHANCE.uniform(0.0, min(MOST_SECONDS, BASE_SECONDS * 2.0 ** min(attempts, 20)))
