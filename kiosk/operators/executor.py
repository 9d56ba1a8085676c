"""Carrying an operator's order out: written down, then done, in the thread that owns the door.

Whoever ordered waits for two seconds and no longer. A release that was not begun by then, or that
has expired in the queue, is never done; a lockdown that comes late still comes.
"""

from __future__ import annotations

import contextlib

from kiosk.domain.access.policy import Hold
from kiosk.domain.access.states import Reason
from kiosk.domain.audit import Value
from kiosk.domain.errors import DoorError
from kiosk.domain.operators import Order, OrderAnswer, OrderOutcome, OrderRefusal, Verb
from kiosk.domain.ports import Clock
from kiosk.door.calls import DoorThread, call_in_door_thread
from kiosk.door.subsystem import DoorSubsystem
from kiosk.journal.recorder import JOURNAL_ERRORS
from kiosk.operators.gate import EVENT, order_details

PATIENCE_SECONDS = 2.0
"""What an operator orders takes effect within that time, or they hear that it did not (R81)."""

MILLISECONDS = 1000

CLOSING = frozenset({Verb.DENY, Verb.LOCKDOWN, Verb.PAUSE, Verb.SECURE})
"""What keeps people out is done even where it cannot be written down; nothing else is."""


class OrderExecutor:
    """Obeys orders that were judged. May be called by any thread.

    Args:
        kiosk: whose door is meant.
        clock: tells whether an order has expired.
        patience_seconds: how long whoever ordered waits.
    """

    def __init__(
        self, kiosk: DoorThread, clock: Clock, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self._kiosk = kiosk
        self._clock = clock
        self._patience_seconds = patience_seconds

    def obey(self, order: Order) -> OrderAnswer:
        """Have it done, and say what became of it.

        Raises:
            LintelError: see `carry_out`; or the door did not answer in time.
        """
        releases = order.verb is Verb.RELEASE

        def work(end: DoorSubsystem) -> OrderAnswer:
            if releases and self._expired(order):
                return OrderAnswer(OrderOutcome.REFUSED, OrderRefusal.EXPIRED.value)
            return carry_out(order, end)

        return call_in_door_thread(self._kiosk, work, self._patience_seconds, late=not releases)

    def _expired(self, order: Order) -> bool:
        return self._clock.utc().timestamp() * MILLISECONDS >= order.expires_at


def carry_out(order: Order, end: DoorSubsystem) -> OrderAnswer:
    """Write it down, do it, and say what the door is then.

    Raises:
        LintelError: it could not be written down, so that nothing was done but what keeps people
            out; or the door did not obey.
    """
    if order.verb is not Verb.STATUS:
        _write(order, end)
    reason = _do(order, end)
    outcome = OrderOutcome.DONE if reason is None else OrderOutcome.REFUSED
    with contextlib.suppress(DoorError):  # whoever tends the door will say so
        end.controller.hear()
    return OrderAnswer(outcome, "" if reason is None else reason.value, state_of(end))


def _write(order: Order, end: DoorSubsystem) -> None:
    try:
        end.recorder.note(EVENT, order_details(order))
    except JOURNAL_ERRORS:
        if order.verb in CLOSING:
            _do(order, end)
        raise


def _do(order: Order, end: DoorSubsystem) -> Reason | None:
    match order.verb:
        case Verb.RELEASE:
            return end.release(order.seconds)
        case Verb.DENY:
            end.deny()
        case Verb.LOCKDOWN:
            end.begin(Hold.LOCKED_DOWN)
        case Verb.LIFT:
            end.end(Hold.LOCKED_DOWN)
        case Verb.PAUSE:
            end.begin(Hold.PAUSED)
        case Verb.RESUME:
            end.end(Hold.PAUSED)
        case Verb.SECURE:
            end.secure()
        case Verb.RESET_PASSBACK:
            end.reset_passback(order.subject)
        case _:
            pass
    return None


def state_of(end: DoorSubsystem) -> dict[str, Value]:
    """What an operator is told of the door."""
    reading, hold = end.controller.reading, end.authorizer.hold
    return {
        "condition": end.controller.condition.value,
        "lock": None if reading is None else reading.lock.value,
        "leaf": None if reading is None else reading.leaf.value,
        "hold": None if hold is None else hold.value,
    }
