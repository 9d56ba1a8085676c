"""Contacts on the inputs of a relay board or a GPIO chip, and their evaluation. Pure.

A contact is configured with its rest state: door shut, button not pressed, no fire. Any other state
is reported, so a cut cable is reported too if the contact is closed at rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Generic, Literal, TypeVar

from kiosk.domain.door.protocol import DoorReading, Leaf, Lock

Place = TypeVar("Place", bound=int | str)

_LEAF = {None: Leaf.UNSEEN, True: Leaf.CLOSED, False: Leaf.OPEN}
"""Leaf state by whether the contact at the leaf is at rest."""


@dataclass(frozen=True, slots=True)
class Contact(Generic[Place]):
    """One contact.

    Attributes:
        place: the input that it is wired to.
        normally: its state at rest.
    """

    place: Place
    normally: Literal["open", "closed"]

    def at_rest(self, *, closed: bool) -> bool:
        """True if the contact is in its rest state."""
        return closed == (self.normally == "closed")


@dataclass(frozen=True, slots=True)
class Contacts(Generic[Place]):
    """All contacts that a door can have; None where one is not fitted.

    Attributes:
        leaf: the door position switch; at rest while the leaf is shut.
        tamper: tamper switch of the housing or the cable.
        exit_button: the exit button or sensor (REX).
        fire: the fire panel's contact.
        neighbour: the other door of an interlock; at rest while that is shut and locked.
    """

    leaf: Contact[Place] | None = None
    tamper: Contact[Place] | None = None
    exit_button: Contact[Place] | None = None
    fire: Contact[Place] | None = None
    neighbour: Contact[Place] | None = None

    def fitted(self) -> dict[str, Contact[Place]]:
        """The fitted contacts, by name."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: contact for name, contact in named.items() if contact is not None}

    def reading(self, lock: Lock, closed: Mapping[Place, bool]) -> DoorReading:
        """Combine contact states and lock state into a reading.

        Args:
            lock: state of the relay.
            closed: for every input, whether the contact there is closed.
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
