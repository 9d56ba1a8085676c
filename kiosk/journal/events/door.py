"""The events of the door and its device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kiosk.domain.audit import Value
from kiosk.domain.door.model import Alarm, By
from kiosk.journal.events.event import JournalEvent

_SAID = {
    Alarm.FIRE: ("The fire panel asks for the door to be free.", "The fire panel is quiet again."),
    Alarm.FORCED: ("The door was opened by force.", "The door is shut again after force."),
    Alarm.STUCK: ("The lock did not obey: it stays released.", "The lock obeys again."),
    Alarm.TAMPERED: (
        "Somebody tampers with the door's device.",
        "The door's device is whole again.",
    ),
    Alarm.UNKNOWN: ("Nothing is heard from the door.", "The door is heard again."),
    Alarm.HELD_OPEN_WARNING: ("The door has stood open for long.", "The door is shut again."),
    Alarm.HELD_OPEN: ("The door is held open.", "The door is no longer held open."),
    Alarm.LOCKED_DOWN: ("The door is locked down.", "The lockdown is over."),
    Alarm.UNLOCKED: ("The door is free by schedule.", "The door is no longer free by schedule."),
    Alarm.EXIT: ("Somebody asks to leave.", "Nobody asks to leave any more."),
}
"""What is said when it begins, and when it ends."""


@dataclass(frozen=True, slots=True)
class DoorChanged(JournalEvent):
    """A condition of the door began or ended; some are alarms."""

    name: ClassVar[str] = "door"
    state: Alarm
    begins: bool

    def sentence(self) -> str:
        """What began or ended."""
        begins, ends = _SAID.get(self.state, ("The door changed.", "The door changed."))
        return begins if self.begins else ends


@dataclass(frozen=True, slots=True)
class DoorReleased(JournalEvent):
    """An operator or installer releases the door; recorded before the order is sent.

    Attributes:
        by: who.
        seconds: for how long.
    """

    name: ClassVar[str] = "released"
    by: By
    seconds: float

    def sentence(self) -> str:
        """Who released it."""
        who = "An installer" if self.by is By.INSTALLER else "An operator"
        return f"{who} released the door."


@dataclass(frozen=True, slots=True)
class DoorReleasedForPerson(JournalEvent):
    """The door was released for somebody who was authorised; its driver has acknowledged.

    Programs that count grants by ``"outcome":"granted"``, as in the decisions of earlier versions,
    find each of them here.

    Attributes:
        subject: the person.
        seconds: for how long.
    """

    name: ClassVar[str] = "released"
    fixed: ClassVar[dict[str, Value]] = {"by": By.GRANT.value, "outcome": "granted"}
    subject: str
    seconds: float

    def sentence(self) -> str:
        """For whom it was released."""
        return f"The door was released for {self.subject}."


@dataclass(frozen=True, slots=True)
class DoorKeyMade(JournalEvent):
    """A new key is made for the door's device.

    Attributes:
        driver: the door's driver.
        address: the device's address on its line.
    """

    name: ClassVar[str] = "door_key"
    driver: str
    address: int

    def sentence(self) -> str:
        """That it was made."""
        return "A new key was made for the door's OSDP device."
