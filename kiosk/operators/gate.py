"""The operators' desk: what comes over any channel is judged here, once, and answered.

An order that counts goes to whoever can obey it; one that does not is written down, with who is
named by it and why, and with nothing of what it says. Whoever floods a channel does not fill the
journal: past a number of refusals in a minute only how many there were is written.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from kiosk.domain.audit import Value
from kiosk.domain.errors import LintelError
from kiosk.domain.operators import (
    OperatorRules,
    Order,
    OrderAnswer,
    OrderMemory,
    OrderOutcome,
    RefusedOrder,
    judge,
    reply,
)
from kiosk.domain.ports import Clock
from kiosk.domain.vision.frame import Instant
from kiosk.domain.walltime import milliseconds
from kiosk.door.wall_clock import TRUSTED, Wall
from kiosk.journal.recorder import JOURNAL_ERRORS

EVENT = "operator"
MOST_WRITTEN = 20
"""Refusals that are written down one by one in a minute."""
MINUTE = 60.0

Note = Callable[[str, dict[str, Value]], None]
"""Writes an event and its details into the journal."""


class OrderGate:
    """Judges orders. May be used by any number of threads.

    Args:
        rules: whose orders count.
        clock: the machine's; nothing counts that was issued before this desk was made.
        wall: what is known of it beside what it shows.
        obey: carries an order out: writes it down first, then takes effect within 2 s; its answer
            goes back to the operator, and so does the problem of an error of ours.
        note: writes refusals down.
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
        """Judge an order and have it carried out; never raises an error of ours.

        Args:
            sent: as it came.
            channel: over which it came.

        Returns:
            The answer, as it goes back.
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
        """One at a time, so that no order counts twice; obeying is not waited for."""
        with self._alone:
            now = milliseconds(self._clock.utc())
            trusted = self._wall.problem() is None
            found, self._memory = judge(sent, now, self._memory, self._rules, trusted=trusted)
            if isinstance(found, RefusedOrder):
                self._refusals.write(found, channel, self._clock.monotonic())
        return found


class _Refusals:
    """Writes refusals down, a bounded number a minute."""

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
        """A journal that cannot be written lets nothing through; its fault is told elsewhere."""
        try:
            self._note(EVENT, details)
        except JOURNAL_ERRORS:
            return


def refused_details(refused: RefusedOrder, channel: str) -> dict[str, Value]:
    """What the journal says of an order that does not count."""
    return {
        "outcome": OrderOutcome.REFUSED.value,
        "reason": refused.reason.value,
        "operator": refused.operator,
        "id": refused.id,
        "channel": channel,
    }


def order_details(order: Order) -> dict[str, Value]:
    """What the journal says of an order that counts, before it takes effect."""
    arguments: Mapping[str, Value] = {"seconds": order.seconds, "subject": order.subject}
    return {
        "outcome": "accepted",
        "verb": order.verb.value,
        "operator": order.operator,
        "id": order.id,
        "issued_at": order.issued_at,
        **{name: value for name, value in arguments.items() if value is not None},
    }
