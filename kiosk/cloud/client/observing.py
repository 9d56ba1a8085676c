"""What the adapter tells of its calls: no picture, no person, no word of the service."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from kiosk.domain.cloud.operations import Operation


class Outcome(Enum):
    """How a call ended."""

    ANSWERED = "answered"
    DECLINED = "declined"
    """A refusal that is an ordinary answer, such as of a picture without a face."""
    LATE = "late"
    """No answer in time."""
    UNREACHABLE = "unreachable"
    """No connection, or it broke."""
    FAILED = "failed"
    """A fault of the service."""
    THROTTLED = "throttled"
    """The service said that it is too busy, or the quota is used up."""
    HELD_BACK = "held back"
    """The kiosk's own limits: quota, concurrency."""
    SHUT = "shut"
    """Not sent: the calls before it failed."""
    SPENT = "spent"
    """Not sent: what may be spent in this month is spent, or cannot be counted."""
    REFUSED = "refused"
    """Credentials, policy, region, collection or picture are refused."""
    SENSELESS = "senseless"
    """The answer makes no sense."""


class CallGroup(Enum):
    """Calls that are given up together when they fail."""

    SEARCH = "search"
    REST = "rest"

    @property
    def calls(self) -> str:
        """Its calls, as a sentence begins with them."""
        return "Searches" if self is CallGroup.SEARCH else "Other calls"

    @classmethod
    def of(cls, operation: Operation) -> CallGroup:
        """The group of an operation."""
        return cls.SEARCH if operation.searches else cls.REST


@dataclass(frozen=True, slots=True)
class CallReport:
    """A call that has ended.

    Attributes:
        operation: what was called.
        seconds: from the question until its end, all waiting included.
        attempts: that were sent.
        throttled: of these, how many were too many for the service.
        outcome: how it ended.
        request_id: AWS's id of the last attempt; None if it had none.
    """

    operation: Operation
    seconds: float
    attempts: int
    throttled: int
    outcome: Outcome
    request_id: str | None


class CallObserver(Protocol):
    """Hears of calls, in the thread of whoever called; returns at once and raises nothing."""

    def called(self, report: CallReport) -> None:
        """A call has ended."""
        ...

    def circuit(self, group: CallGroup, *, shut: bool) -> None:
        """Calls of a group are not sent for a while, since several failed; or they are again."""
        ...


class Unobserved:
    """A `CallObserver` that forgets."""

    def called(self, report: CallReport) -> None:
        """Do nothing."""

    def circuit(self, group: CallGroup, *, shut: bool) -> None:
        """Do nothing."""
