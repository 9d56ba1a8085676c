"""The order gate: judges and answers every order in one place, whatever channel it came over.

A valid order goes to the order executor. An invalid one is recorded with the operator it names and
the reason, and with none of its content. Flooding a channel does not fill the journal: above a
number of refusals a minute, only their count is recorded.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from kiosk.domain.audit import Value
from kiosk.domain.errors import LintelError
from kiosk.domain.operators.encoding import reply
from kiosk.domain.operators.judgement import OperatorRules, OrderMemory, judge
from kiosk.domain.operators.orders import Order, OrderAnswer, OrderOutcome, RefusedOrder
from kiosk.domain.ports import Clock
from kiosk.domain.vision.frame import Instant
from kiosk.domain.walltime import milliseconds
from kiosk.door.wall_clock import TRUSTED, Wall
from kiosk.journal.recorder import JOURNAL_ERRORS

EVENT = "operator"
MOST_WRITTEN = 20
"""Most refusals in a minute that are recorded one by one."""
MINUTE = 60.0

Note = Callable[[str, dict[str, Value]], None]
"""Writes an event and its details to the journal."""


class OrderGate:
    """Judges orders. May be used by any number of threads.

    Args:
        rules: the operators whose orders are valid.
        clock: the system clock; orders issued before this gate was created are invalid.
        wall: checks if that clock is reliable.
        obey: executes an order: records it first, then takes effect within 2 s. Its answer goes
            back to the operator, and so does the problem of a `LintelError`.
        note: records refusals.
    """

    def __init__(
        self,
        rules: OperatorRules,
        clock: Clock,
        obey: Callable[[Order], OrderAnswer],
        note: Note,
        wall: Wall = TRUSTED,
    ) -> None:
        self._rules = rules
        self._clock = clock
        self._obey = obey
        self._refusals = _Refusals(note, clock.monotonic())
        self._wall = wall
        self._memory = OrderMemory(max(milliseconds(clock.utc()), wall.latest_ms()))
        self._alone = threading.Lock()

    def hear(self, sent: bytes, channel: str) -> bytes:
        """Judge and execute an order; never raises a `LintelError`.

        Args:
            sent: the order as received.
            channel: the channel it came over.

        Returns:
            The encoded answer.
        """
        found = self._judge(sent, channel)
        if isinstance(found, RefusedOrder):
            return reply(found.id, OrderAnswer(OrderOutcome.REFUSED, found.reason.value))
        try:
            answer = self._obey(found)
        except LintelError as error:
            answer = OrderAnswer(OrderOutcome.FAILED, error.problem)
        return reply(found.id, answer)

    def _judge(self, sent: bytes, channel: str) -> Order | RefusedOrder:
        """Judge one order at a time, so that none is accepted twice; execution is not awaited."""
        with self._alone:
            now = milliseconds(self._clock.utc())
            trusted = self._wall.problem() is None
            found, self._memory = judge(sent, now, self._memory, self._rules, trusted=trusted)
            if isinstance(found, RefusedOrder):
                self._refusals.write(found, channel, self._clock.monotonic())
        return found


class _Refusals:
    """Records refusals, a bounded number a minute."""

    def __init__(self, note: Note, now: Instant) -> None:
        self._note = note
        self._since = now
        self._count = 0

    def write(self, refused: RefusedOrder, channel: str, now: Instant) -> None:
        if now - self._since >= MINUTE:
            unwritten, self._count, self._since = self._count - MOST_WRITTEN, 0, now
            if unwritten > 0:
                self._try({"outcome": "refused", "reason": "too_many", "unwritten": unwritten})
        self._count += 1
        if self._count <= MOST_WRITTEN:
            self._try(refused_details(refused, channel))

    def _try(self, details: dict[str, Value]) -> None:
        """Record details. A failure is reported elsewhere, and lets no order through."""
        try:
            self._note(EVENT, details)
        except JOURNAL_ERRORS:
            return


def refused_details(refused: RefusedOrder, channel: str) -> dict[str, Value]:
    """The journal details of an invalid order."""
    return {
        "outcome": OrderOutcome.REFUSED.value,
        "reason": refused.reason.value,
        "operator": refused.operator,
        "id": refused.id,
        "channel": channel,
    }


def order_details(order: Order) -> dict[str, Value]:
    """The journal details of a valid order, recorded before it takes effect."""
    arguments: Mapping[str, Value] = {"seconds": order.seconds, "subject": order.subject}
    return {
        "outcome": "accepted",
        "verb": order.verb.value,
        "operator": order.operator,
        "id": order.id,
        "issued_at": order.issued_at,
        **{name: value for name, value in arguments.items() if value is not None},
    }
