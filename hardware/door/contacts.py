"""What hangs on the inputs of a relay board or a GPIO chip, and what it says. Pure.

A contact is named with how it lies at rest: door shut, nobody pressing, nothing burning. Whatever
is not at rest is reported, so of a contact that is closed at rest a cut cable is reported too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Generic, Literal, TypeVar

from kiosk.domain.door.protocol import DoorReading, Leaf, Lock

Place = TypeVar("Place", bound=int | str)

_LEAF = {None: Leaf.UNSEEN, True: Leaf.CLOSED, False: Leaf.OPEN}
"""What the contact at the leaf says by whether it is at rest."""


@dataclass(frozen=True, slots=True)
class Contact(Generic[Place]):
    """One contact.

    Attributes:
        place: the input that it is wired to.
        normally: how it lies at rest.
    """

    place: Place
    normally: Literal["open", "closed"]

    def at_rest(self, *, closed: bool) -> bool:
        """Whether it lies as it should when nothing happens."""
        return closed == (self.normally == "closed")


@dataclass(frozen=True, slots=True)
class Contacts(Generic[Place]):
    """Every contact that a door can have; None where one is not fitted.

    Attributes:
        leaf: the door position switch; at rest while the leaf is shut.
        tamper: of the housing or the cable.
        exit_button: the exit button or sensor (REX).
        fire: the fire panel's contact.
        neighbour: of an interlock's other door; at rest while that is shut and locked.
    """

    leaf: Contact[Place] | None = None
    tamper: Contact[Place] | None = None
    exit_button: Contact[Place] | None = None
    fire: Contact[Place] | None = None
    neighbour: Contact[Place] | None = None

    def fitted(self) -> dict[str, Contact[Place]]:
        """Those that are there, by name."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: contact for name, contact in named.items() if contact is not None}

    def reading(self, lock: Lock, closed: Mapping[Place, bool]) -> DoorReading:
        """What they say, together with the lock.

        Args:
            lock: the relay.
            closed: of every place, whether the contact there is closed.
        """
        rest = {
            name: contact.at_rest(closed=closed[contact.place])
            for name, contact in self.fitted().items()
        }
        return DoorReading(
            lock=lock,
            leaf=_LEAF[rest.get("leaf")],
            tampered=not rest.get("tamper", True),
            exit_asked=not rest.get("exit_button", True),
            fire=not rest.get("fire", True),
            neighbour_secured=rest.get("neighbour"),
        )
