"""The rules for remote operator orders and their validity. No clock, no socket, no key.

An order arrives as bytes from an unknown sender. It counts only if a known operator has signed all
of it, for this kiosk and its door, within the last seconds, and for the first time. Anything else
is refused. The refusal names the condition that was not met and repeats nothing of the order.

A signature covers the only encoding of an order (`signed_text`), after a heading line with which no
other signed text of Lintel begins.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from kiosk.domain.audit import Value
from kiosk.domain.vision.template import SubjectId, is_subject_id

MOST_BYTES = 4096
MOST_LIFE_MS = 10_000
MOST_SKEW_MS = 2_000
MOST_REMEMBERED = 4096
"""Orders within the lifetime of one; beyond that new ones are refused, and none is forgotten."""
HEADING = b"Lintel operator order, version 2\n"
_ID_DIGITS = 32
_SIGNATURE_DIGITS = 128
_LATEST_MS = 10**14


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


Verify = Callable[[str, bytes, bytes], bool]
"""True if the operator (by name) has signed this text with this signature."""


@dataclass(frozen=True, slots=True)
class OperatorRules:
    """The conditions under which an order counts here.

    Attributes:
        door: this door's name.
        operators: the names of the operators who may give orders.
        max_seconds: no release is longer.
        verify: checks a signature.
        kiosk: this kiosk's id.
    """

    door: str
    operators: frozenset[str]
    max_seconds: float
    verify: Verify
    kiosk: str = ""


@dataclass(frozen=True, slots=True)
class OrderMemory:
    """The orders already accepted. It begins when the kiosk does, and has a bounded size.

    An order is remembered for the longest lifetime that any order can have. Forgetting it raises
    the floor: an order issued at or before it is too old, so a clock that is set back makes no
    forgotten order valid again.

    Attributes:
        floor: milliseconds since 1970; nothing issued at or before it counts.
        taken: when each was issued, by operator and id.
    """

    floor: int
    taken: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def at(self, now: int) -> OrderMemory:
        """A copy without orders that have expired."""
        gone = [issued for issued in self.taken.values() if issued + MOST_LIFE_MS <= now]
        left = {key: issued for key, issued in self.taken.items() if issued + MOST_LIFE_MS > now}
        return OrderMemory(max([self.floor, *gone]), left)

    def with_(self, order: Order) -> OrderMemory:
        """A copy with one more order."""
        return OrderMemory(self.floor, {**self.taken, (order.operator, order.id): order.issued_at})


def judge(
    sent: bytes, now: int, memory: OrderMemory, rules: OperatorRules, *, trusted: bool = True
) -> tuple[Order | RefusedOrder, OrderMemory]:
    """Decide if the received bytes are an order that counts.

    Args:
        sent: the bytes as received.
        now: milliseconds since 1970, by the kiosk's wall clock.
        memory: the orders accepted before.
        rules: the conditions under which an order counts.
        trusted: true if that clock is trusted.

    Returns:
        The order, or the reason why not; and the memory from now on.
    """
    memory = memory.at(now)
    envelope = _opened(sent)
    if envelope is None:
        return RefusedOrder(OrderRefusal.NOT_UNDERSTOOD), memory
    said, signature = envelope
    operator = said.get("operator")
    if not isinstance(operator, str) or operator not in rules.operators:
        return RefusedOrder(OrderRefusal.UNKNOWN_OPERATOR), memory
    if not rules.verify(operator, signed_text(said), signature):
        return RefusedOrder(OrderRefusal.BAD_SIGNATURE, operator), memory
    order = _order(said, rules)
    if order is None:
        return RefusedOrder(OrderRefusal.MALFORMED, operator), memory
    reason = _fault(order, now, memory, rules)
    if reason is None and not trusted and order.verb in OPENING:
        reason = OrderRefusal.CLOCK
    if reason is not None:
        return RefusedOrder(reason, operator, order.id), memory
    return order, memory.with_(order)


def signed_text(said: Mapping[str, Value]) -> bytes:
    """The text that a signature covers: the fields sorted by name, in ASCII, without blanks."""
    return HEADING + json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def sealed(order: Order, signature: bytes) -> bytes:
    """An order for transmission: one line of JSON."""
    return json.dumps({"order": order.fields(), "signature": signature.hex()}).encode()


def reply(ident: str | None, answer: OrderAnswer) -> bytes:
    """An answer for transmission: one line of JSON."""
    said = {"id": ident, "outcome": answer.outcome.value, "reason": answer.reason}
    return json.dumps(said | {"state": dict(answer.state)}).encode()


# -- reading -------------------------------------------------------------------------------------


def _opened(sent: bytes) -> tuple[dict[str, Value], bytes] | None:
    """The fields and the signature, not verified yet; None if malformed."""
    try:
        match json.loads(sent.decode()) if len(sent) <= MOST_BYTES else None:
            case {"order": dict(said), "signature": str(digits), **more} if not more:
                signed_text(said)  # it can be encoded again, so it is not nested too deep
                signature = bytes.fromhex(digits)
                return (said, signature) if len(digits) == _SIGNATURE_DIGITS else None
    except (ValueError, RecursionError):
        pass
    return None


def _order(said: Mapping[str, Value], rules: OperatorRules) -> Order | None:
    """An order with its fields, no more and no fewer, each of its type."""
    match said:
        case {
            "id": str(ident),
            "verb": str(verb),
            "kiosk": str(kiosk),
            "door": str(door),
            "operator": str(operator),
            "issued_at": int(issued_at),
            "expires_at": int(expires_at),
            "arguments": dict(arguments),
            **more,
        } if not more and _is_id(ident) and _are_times(issued_at, expires_at):
            known = next((known for known in Verb if known.value == verb), None)
            taken = _arguments(known, arguments, rules)
            if known is not None and taken is not None:
                return Order(ident, known, door, operator, issued_at, expires_at, *taken, kiosk)
    return None


def _arguments(
    verb: Verb | None, said: Mapping[str, Value], rules: OperatorRules
) -> tuple[float | None, SubjectId | None] | None:
    """Seconds and subject; None if they are not what the verb takes."""
    if not said:
        return None, None
    match verb, said:
        case Verb.RELEASE, {"seconds": int() | float() as seconds, **more} if not more:
            allowed = not isinstance(seconds, bool) and 0.0 < seconds <= rules.max_seconds
            return (float(seconds), None) if allowed else None
        case Verb.RESET_PASSBACK, {"subject": str(subject), **more} if not more:
            return (None, SubjectId(subject)) if is_subject_id(subject) else None
    return None


def _is_id(text: str) -> bool:
    return len(text) == _ID_DIGITS and set(text) <= set("0123456789abcdef")


def _are_times(*times: int) -> bool:
    return all(not isinstance(at, bool) and 0 <= at <= _LATEST_MS for at in times)


# -- judging -------------------------------------------------------------------------------------


def _fault(
    order: Order, now: int, memory: OrderMemory, rules: OperatorRules
) -> OrderRefusal | None:
    """The reason to refuse an order that a known operator has signed; None if there is none."""
    if order.kiosk != rules.kiosk:
        return OrderRefusal.OTHER_KIOSK
    if order.door != rules.door:
        return OrderRefusal.OTHER_DOOR
    if not 0 < order.expires_at - order.issued_at <= MOST_LIFE_MS:
        return OrderRefusal.TOO_LONG_LIVED
    if order.issued_at > now + MOST_SKEW_MS:
        return OrderRefusal.FROM_THE_FUTURE
    if order.expires_at <= now:
        return OrderRefusal.EXPIRED
    if order.issued_at <= memory.floor:
        return OrderRefusal.TOO_OLD
    if (order.operator, order.id) in memory.taken:
        return OrderRefusal.SEEN
    return OrderRefusal.TOO_MANY if len(memory.taken) >= MOST_REMEMBERED else None
