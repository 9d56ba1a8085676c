"""The order gate: judges and answers every order in one place, whatever channel it came over.

A valid order goes to the order executor. An invalid one is recorded with the operator it names and
the reason, and with none of its content. Flooding a channel does not fill the journal: above a
number of refusals a minute, only their count is recorded.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from kiosk.domain.errors import LintelError
from kiosk.domain.operators.encoding import reply
from kiosk.domain.operators.judgement import OperatorRules, OrderMemory, judge
from kiosk.domain.operators.orders import Order, OrderAnswer, OrderOutcome, RefusedOrder
from kiosk.domain.ports import Clock
from kiosk.domain.vision.frame import Instant
from kiosk.domain.walltime import milliseconds
from kiosk.door.wall_clock import TRUSTED, Wall
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.operators import OrderAccepted, OrderRefused, OrdersUnwritten
from kiosk.journal.recorder import JOURNAL_ERRORS, Writes

MOST_WRITTEN = 20
"""Most refusals in a minute that are recorded one by one."""
MINUTE = 60.0


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
        note: Writes,
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

    def __init__(self, note: Writes, now: Instant) -> None:
        self._note = note
        self._since = now
        self._count = 0

    def write(self, refused: RefusedOrder, channel: str, now: Instant) -> None:
        if now - self._since >= MINUTE:
            unwritten, self._count, self._since = self._count - MOST_WRITTEN, 0, now
            if unwritten > 0:
                self._try(OrdersUnwritten(unwritten))
        self._count += 1
        if self._count <= MOST_WRITTEN:
            self._try(OrderRefused(refused.reason, refused.operator, refused.id, channel))

    def _try(self, event: JournalEvent) -> None:
        """Record an event. A failure is reported elsewhere, and lets no order through."""
        try:
            self._note(event)
        except JOURNAL_ERRORS:
            return


def accepted(order: Order) -> OrderAccepted:
    """The event of a valid order, recorded before it takes effect."""
    return OrderAccepted(
        order.verb, order.operator, order.id, order.issued_at, order.seconds, order.subject
    )
