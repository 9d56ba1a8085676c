"""The rules for remote operator orders and their validity. No clock, no socket, no key.

An order arrives as bytes from an unknown sender. It counts only if a known operator has signed all
of it, for this kiosk and its door, within the last seconds, and for the first time. Anything else
is refused. The refusal names the condition that was not met and repeats nothing of the order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kiosk.domain.operators.encoding import opened, order_of, signed_text
from kiosk.domain.operators.orders import OPENING, Order, OrderRefusal, RefusedOrder

MOST_LIFE_MS = 10_000
MOST_SKEW_MS = 2_000
MOST_REMEMBERED = 4096
"""Orders within the lifetime of one; beyond that new ones are refused, and none is forgotten."""

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
    envelope = opened(sent)
    if envelope is None:
        return RefusedOrder(OrderRefusal.NOT_UNDERSTOOD), memory
    said, signature = envelope
    operator = said.get("operator")
    if not isinstance(operator, str) or operator not in rules.operators:
        return RefusedOrder(OrderRefusal.UNKNOWN_OPERATOR), memory
    if not rules.verify(operator, signed_text(said), signature):
        return RefusedOrder(OrderRefusal.BAD_SIGNATURE, operator), memory
    order = order_of(said, rules.max_seconds)
    if order is None:
        return RefusedOrder(OrderRefusal.MALFORMED, operator), memory
    reason = _fault(order, now, memory, rules)
    if reason is None and not trusted and order.verb in OPENING:
        reason = OrderRefusal.CLOCK
    if reason is not None:
        return RefusedOrder(reason, operator, order.id), memory
    return order, memory.with_(order)


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
