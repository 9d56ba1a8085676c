"""A driver with its real peer at the far end of a loopback wire, and hands on that wire.

One suite holds every driver to the `Door` port through this, and one throws faults at all of them.
What a rig cannot do to its wire it leaves out of ``faults``, and says why in its own docstring.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from enum import Enum
from typing import Protocol

from kiosk.domain.door.protocol import DoorRules, ReleaseOrder
from kiosk.domain.errors import DoorError
from kiosk.domain.ports import Door
from kiosk.domain.vision.frame import Instant

RULES = DoorRules(max_age_seconds=2.0, max_release_seconds=30.0)

PATIENCE_SECONDS = 10.0
"""How long a busy machine may take over what is done at once on an idle one. A release that must
end before its time is ordered for longer than this."""


class Fault(Enum):
    """What can happen to a wire and to what hangs on it."""

    KILL = "the peer is killed"
    CUT = "the line is cut"
    GARBAGE = "garbage bytes arrive"
    LATE = "acknowledgements come too late"
    DUPLICATE = "acknowledgements come twice"
    WRONG_KEY = "the peer has another key, password or certificate"
    REPLAY = "an old frame or message is sent again"
    THREAD = "the driver's own thread dies"


class Rig(ABC):
    """One driver and its peer.

    Attributes:
        door: the driver under test.
        faults: what `break_` can do here; `THREAD` only where the driver has a thread of its own.
        timed_by_device: whether the far end ends a release though the kiosk is dead.
        senses_leaf: whether the far end has a door contact that the driver reads.
    """

    door: Door
    faults: frozenset[Fault] = frozenset()
    timed_by_device = True
    senses_leaf = True

    def answers(self) -> bool:
        """Whether the door can be asked."""
        return answers(self)

    @property
    @abstractmethod
    def unlocked(self) -> bool:
        """Whether the far end's relay is released now; works whatever became of the wire."""

    @property
    @abstractmethod
    def releases(self) -> int:
        """How many release commands the far end has carried out since it was first started."""

    @abstractmethod
    def move_leaf(self, *, to_open: bool) -> None:
        """Open or close the leaf at the far end."""

    @abstractmethod
    def break_(self, fault: Fault) -> None:
        """Let it happen; a lasting fault lasts until `mend`."""

    @abstractmethod
    def mend(self) -> None:
        """End every lasting fault: peer up, line whole, right key."""

    @abstractmethod
    def close(self) -> None:
        """Close the door, then end the peer; whatever state they are in."""


class HasDoor(Protocol):
    """A rig of any kind."""

    @property
    def door(self) -> Door:
        """The driver under test."""


def answers(rig: HasDoor) -> bool:
    """Whether its door can be asked."""
    try:
        rig.door.status()
    except DoorError:
        return False
    return True


def hears(rig: HasDoor, kind: type[DoorError], *words: str) -> bool:
    """Whether its door comes to say that, and in these words."""

    def said() -> bool:
        try:
            rig.door.status()
        except DoorError as error:
            return type(error) is kind and all(word in str(error) for word in words)
        return False

    return eventually(said)


def order(seconds: float = 5.0, push_seconds: float = 0.0) -> ReleaseOrder:
    """A release with evidence of now."""
    return ReleaseOrder(seconds, Instant(time.monotonic()), push_seconds)


def eventually(
    true: Callable[[], bool], within: float = PATIENCE_SECONDS, every: float = 0.01
) -> bool:
    """Whether it becomes true in time; looks again and again."""
    end = time.monotonic() + within
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True
