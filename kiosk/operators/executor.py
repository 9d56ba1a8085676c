"""The order executor: records an order, then carries it out in the thread that owns the door.

The caller waits for two seconds at most. A release that has not begun by then, or that has expired
in the queue, is never carried out; a late lockdown still is.
"""

from __future__ import annotations

import contextlib

from kiosk.domain.access.policy import Hold
from kiosk.domain.access.states import Reason
from kiosk.domain.audit import Value
from kiosk.domain.errors import DoorError
from kiosk.domain.operators.orders import Order, OrderAnswer, OrderOutcome, OrderRefusal, Verb
from kiosk.domain.ports import Clock
from kiosk.door.calls import DoorThread, call_in_door_thread
from kiosk.door.subsystem import DoorSubsystem
from kiosk.journal.recorder import JOURNAL_ERRORS
from kiosk.operators.gate import accepted

PATIENCE_SECONDS = 2.0
"""An order takes effect within this time, or the operator is informed that it did not (R81)."""

MILLISECONDS = 1000

CLOSING = frozenset({Verb.DENY, Verb.LOCKDOWN, Verb.PAUSE, Verb.SECURE})
"""Orders that keep people out are carried out even if they cannot be recorded; no others are."""


class OrderExecutor:
    """Executes judged orders. May be called by any thread.

    Args:
        door: leads to the thread of the door that is meant.
        clock: shows if an order has expired.
        patience_seconds: the longest wait for the result.
    """

    def __init__(
        self, door: DoorThread, clock: Clock, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self._door = door
        self._clock = clock
        self._patience_seconds = patience_seconds

    def obey(self, order: Order) -> OrderAnswer:
        """Execute an order, and return its outcome.

        Raises:
            LintelError: see `carry_out`; or the door did not answer in time.
        """
        releases = order.verb is Verb.RELEASE

        def work(subsystem: DoorSubsystem) -> OrderAnswer:
            if releases and self._expired(order):
                return OrderAnswer(OrderOutcome.REFUSED, OrderRefusal.EXPIRED.value)
            return carry_out(order, subsystem)

        return call_in_door_thread(self._door, work, self._patience_seconds, late=not releases)

    def _expired(self, order: Order) -> bool:
        return self._clock.utc().timestamp() * MILLISECONDS >= order.expires_at


def carry_out(order: Order, subsystem: DoorSubsystem) -> OrderAnswer:
    """Record an order, carry it out, and return the door's state after it.

    Raises:
        LintelError: the order could not be recorded, so that it was carried out only if it keeps
            people out; or the door did not obey.
    """
    if order.verb is not Verb.STATUS:
        _write(order, subsystem)
    reason = _do(order, subsystem)
    outcome = OrderOutcome.DONE if reason is None else OrderOutcome.REFUSED
    with contextlib.suppress(DoorError):  # the next poll of the door reports it
        subsystem.look()
    return OrderAnswer(outcome, "" if reason is None else reason.value, state_of(subsystem))


def _write(order: Order, subsystem: DoorSubsystem) -> None:
    try:
        subsystem.note(accepted(order))
    except JOURNAL_ERRORS:
        if order.verb in CLOSING:
            _do(order, subsystem)
        raise


def _do(order: Order, subsystem: DoorSubsystem) -> Reason | None:
    match order.verb:
        case Verb.RELEASE:
            return subsystem.release(order.seconds)
        case Verb.DENY:
            subsystem.deny()
        case Verb.LOCKDOWN:
            subsystem.begin(Hold.LOCKED_DOWN)
        case Verb.LIFT:
            subsystem.end(Hold.LOCKED_DOWN)
        case Verb.PAUSE:
            subsystem.begin(Hold.PAUSED)
        case Verb.RESUME:
            subsystem.end(Hold.PAUSED)
        case Verb.SECURE:
            subsystem.secure()
        case Verb.RESET_PASSBACK:
            subsystem.reset_passback(order.subject)
        case _:
            pass
    return None


def state_of(subsystem: DoorSubsystem) -> dict[str, Value]:
    """The door state as reported to an operator."""
    reading, hold = subsystem.reading, subsystem.hold
    return {
        "condition": subsystem.condition.value,
        "lock": None if reading is None else reading.lock.value,
        "leaf": None if reading is None else reading.leaf.value,
        "hold": None if hold is None else hold.value,
    }
