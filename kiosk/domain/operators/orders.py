"""The orders of operators, their refusals and their answers. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from kiosk.domain.audit import Value
from kiosk.domain.vision.template import SubjectId


class Verb(Enum):
    """The operations that can be ordered."""

    RELEASE = "release"
    """Release the door, for the usual time or for that many ``seconds``."""
    DENY = "deny"
    """Deny access to the person in the lane."""
    LOCKDOWN = "lockdown"
    """Let nobody in, until it is lifted."""
    LIFT = "lift"
    PAUSE = "pause"
    """Decide on no face, until it is resumed; other factors keep working."""
    RESUME = "resume"
    SECURE = "secure"
    """Lock at once."""
    RESET_PASSBACK = "reset_passback"
    """Clear the record of people inside: one ``subject``, or everybody."""
    STATUS = "status"
    """Report the state of the door; it changes nothing."""


OPENING = frozenset({Verb.RELEASE, Verb.LIFT, Verb.RESUME, Verb.RESET_PASSBACK})
"""Orders that let people in, now or later: never accepted with an untrusted clock."""


class OrderRefusal(Enum):
    """The reason why an order does not count."""

    NOT_UNDERSTOOD = "not_understood"
    """Until a known signer is established, the refusal gives no details of the fault."""
    UNKNOWN_OPERATOR = "unknown_operator"
    BAD_SIGNATURE = "bad_signature"
    MALFORMED = "malformed"
    """Signed, but not an order: another verb, or arguments that it does not take."""
    OTHER_KIOSK = "other_kiosk"
    """For a kiosk with another key, though its door may have the same name."""
    OTHER_DOOR = "other_door"
    TOO_LONG_LIVED = "too_long_lived"
    EXPIRED = "expired"
    FROM_THE_FUTURE = "from_the_future"
    TOO_OLD = "too_old"
    """Issued before this kiosk was started, before any time in its journal, or before orders that
    it has already forgotten."""
    SEEN = "seen"
    CLOCK = "clock"
    """The kiosk's own clock is not trusted, so the age of an order is unknown."""
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Order:
    """An order by an operator.

    Attributes:
        id: 32 hexadecimal digits, made for this order alone.
        verb: the operation.
        door: the name of the door that is meant.
        operator: the name of the operator.
        issued_at: milliseconds since 1970, UTC.
        expires_at: the same; from then on it is void.
        seconds: of a release; None for the usual time.
        subject: of a reset; None for everybody.
        kiosk: the id of the kiosk that is meant, since two doors may have the same name.
    """

    id: str
    verb: Verb
    door: str
    operator: str
    issued_at: int
    expires_at: int
    seconds: float | None = None
    subject: SubjectId | None = None
    kiosk: str = ""

    def fields(self) -> dict[str, Value]:
        """The fields as they are signed and sent."""
        arguments: dict[str, Value] = {}
        if self.seconds is not None:
            arguments["seconds"] = self.seconds
        if self.subject is not None:
            arguments["subject"] = self.subject
        return {
            "id": self.id,
            "verb": self.verb.value,
            "kiosk": self.kiosk,
            "door": self.door,
            "operator": self.operator,
            "issued_at": self.issued_at,
            "expires_at": self.expires_at,
            "arguments": arguments,
        }


@dataclass(frozen=True, slots=True)
class RefusedOrder:
    """An order that does not count.

    Attributes:
        reason: why.
        operator: the known operator who signed it or is named by it; None if there is none.
        id: of the order, if its signature was good.
    """

    reason: OrderRefusal
    operator: str | None = None
    id: str | None = None


class OrderOutcome(Enum):
    """The result of an order."""

    DONE = "done"
    REFUSED = "refused"
    """It does not count, or what it requests is not permitted."""
    FAILED = "failed"
    """It counts, but the door or the journal failed."""


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """The answer to an operator.

    Attributes:
        outcome: the result of the order.
        reason: why it was not done; otherwise empty.
        state: the state of the door, if it was requested.
    """

    outcome: OrderOutcome
    reason: str = ""
    state: Mapping[str, Value] = field(default_factory=dict)
