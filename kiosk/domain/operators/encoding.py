"""The encoding of an order and of its answer: one line of JSON each, strictly read.

A signature covers the only encoding of an order (`signed_text`), after a heading line with which no
other signed text of Lintel begins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from kiosk.domain.audit import Value
from kiosk.domain.operators.orders import Order, OrderAnswer, Verb
from kiosk.domain.vision.template import SubjectId, is_subject_id

MOST_BYTES = 4096
HEADING = b"Lintel operator order, version 2\n"
_ID_DIGITS = 32
_SIGNATURE_DIGITS = 128
_LATEST_MS = 10**14


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


def opened(sent: bytes) -> tuple[dict[str, Value], bytes] | None:
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


def order_of(said: Mapping[str, Value], max_seconds: float) -> Order | None:
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
            taken = _arguments(known, arguments, max_seconds)
            if known is not None and taken is not None:
                return Order(ident, known, door, operator, issued_at, expires_at, *taken, kiosk)
    return None


def _arguments(
    verb: Verb | None, said: Mapping[str, Value], max_seconds: float
) -> tuple[float | None, SubjectId | None] | None:
    """Seconds and subject; None if they are not what the verb takes."""
    if not said:
        return None, None
    match verb, said:
        case Verb.RELEASE, {"seconds": int() | float() as seconds, **more} if not more:
            allowed = not isinstance(seconds, bool) and 0.0 < seconds <= max_seconds
            return (float(seconds), None) if allowed else None
        case Verb.RESET_PASSBACK, {"subject": str(subject), **more} if not more:
            return (None, SubjectId(subject)) if is_subject_id(subject) else None
    return None


def _is_id(text: str) -> bool:
    return len(text) == _ID_DIGITS and set(text) <= set("0123456789abcdef")


def _are_times(*times: int) -> bool:
    return all(not isinstance(at, bool) and 0 <= at <= _LATEST_MS for at in times)
