"""The events of operators and installers, and of calls for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kiosk.domain.audit import Value
from kiosk.domain.operators.orders import OrderRefusal, Verb
from kiosk.journal.events.event import JournalEvent, words


@dataclass(frozen=True, slots=True)
class OrderAccepted(JournalEvent):
    """An operator's order counts, and is about to be carried out.

    Attributes:
        verb: the operation.
        operator: the operator's name.
        id: the order's id.
        issued_at: milliseconds since 1970, by the operator's clock.
        seconds: of a release.
        subject: of a reset.
    """

    name: ClassVar[str] = "operator"
    fixed: ClassVar[dict[str, Value]] = {"outcome": "accepted"}
    verb: Verb
    operator: str
    id: str
    issued_at: int
    seconds: float | None = None
    subject: str | None = None

    def sentence(self) -> str:
        """Who ordered what."""
        whom = f" ({self.subject})" if self.subject else ""
        return f"The operator {_named(self.operator)} ordered: {words(self.verb)}{whom}."


@dataclass(frozen=True, slots=True)
class OrderRefused(JournalEvent):
    """An order does not count; nothing of its content is kept.

    Attributes:
        reason: why.
        operator: the known operator whom it names.
        id: of the order, if its signature was good.
        channel: the channel it came over.
    """

    name: ClassVar[str] = "operator"
    fixed: ClassVar[dict[str, Value]] = {"outcome": "refused"}
    reason: OrderRefusal
    operator: str | None
    id: str | None
    channel: str

    def sentence(self) -> str:
        """Whose order, and why it does not count."""
        return (
            f"An order of {_named(self.operator)} over the channel {self.channel} does not count: "
            f"{words(self.reason)}."
        )


@dataclass(frozen=True, slots=True)
class OrdersUnwritten(JournalEvent):
    """More orders were refused in a minute than are recorded one by one."""

    name: ClassVar[str] = "operator"
    fixed: ClassVar[dict[str, Value]] = {"outcome": "refused", "reason": "too_many"}
    unwritten: int

    def sentence(self) -> str:
        """How many more."""
        return f"{self.unwritten} more orders were refused, too many to write down."


@dataclass(frozen=True, slots=True)
class ChannelChanged(JournalEvent):
    """A channel of operators works, or does not.

    Attributes:
        channel: its name.
        works: which of the two.
        problem: why it does not.
    """

    name: ClassVar[str] = "channel"
    channel: str
    works: bool
    problem: str | None = None

    def sentence(self) -> str:
        """Whether operators are heard."""
        if self.works:
            return f"Operators are heard over the channel {self.channel}."
        return f"No operator is heard over the channel {self.channel}. {self.problem}"


@dataclass(frozen=True, slots=True)
class HelpCalled(JournalEvent):
    """Somebody called for help at the screen."""

    name: ClassVar[str] = "help"

    def sentence(self) -> str:
        """That somebody did."""
        return "Somebody called for help at the screen."


_DONE = {
    "opened": "The installer's page was opened with the admin PIN.",
    "fewer_directions": "An admin allowed fewer directions to whoever enrols.",
    "secure": "An installer secured the door.",
    "test": "An installer tests the door.",
    "wrong_pin": "A wrong admin PIN was typed.",
}


@dataclass(frozen=True, slots=True)
class InstallerActed(JournalEvent):
    """Something was done at the installer's page.

    Attributes:
        did: ``opened``, ``secure``, ``test``, ``fewer_directions`` or ``wrong_pin``.
    """

    name: ClassVar[str] = "installer"
    did: str

    def sentence(self) -> str:
        """What was done."""
        return _DONE.get(self.did, "Something was done at the installer's page.")


@dataclass(frozen=True, slots=True)
class AdminPinGuessed(JournalEvent):
    """Too many wrong admin PINs were typed. An alarm.

    Attributes:
        wait_seconds: for how long none is checked.
    """

    name: ClassVar[str] = "admin_guessing"
    wait_seconds: int

    def sentence(self) -> str:
        """That they were typed."""
        return "Too many wrong admin PINs: none is looked at for now."


def _named(operator: str | None) -> str:
    return operator or "somebody unknown"
