"""Drives the door as its state machine demands: each order is sent once, and counts as answered.

Automatic actions (schedule, fire, egress) and operator orders are recorded in the journal before
they are sent; a grant was recorded by the authorizer. An action that cannot be recorded is not
carried out. Egress is the exception: it is never held back.

Everything here belongs to one thread. No call waits longer than for two answers of the door.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from kiosk.domain.access.states import Reason
from kiosk.domain.door.machine import EGRESS, advance_door, begin
from kiosk.domain.door.model import (
    By,
    Commanded,
    Condition,
    Declined,
    DoorEvent,
    DoorTicked,
    Entered,
    Heard,
    Lost,
    Note,
    Obeyed,
    OperatorCommand,
    OrderRelease,
    OrderSecure,
    PassageRules,
    Refuse,
    ReleaseWanted,
    Scheduled,
    Secured,
    Suspected,
)
from kiosk.domain.door.protocol import DoorReading, ReleaseOrder
from kiosk.domain.door.status import condition, silent
from kiosk.domain.errors import DoorError, DoorRefused, LintelError
from kiosk.domain.ports import Clock, Door
from kiosk.domain.vision.frame import Instant
from kiosk.door.alarm_entries import AlarmEntries
from kiosk.door.retry_delay import RetryDelay
from kiosk.journal.events.door import DoorReleased
from kiosk.journal.recorder import Writes

PEOPLE = frozenset({By.OPERATOR, By.INSTALLER})
"""Releases by these people are recorded here; a grant was recorded by the authorizer."""


class _Came(NamedTuple):
    """The result of an event: the reason of a refusal, and the first failure."""

    reason: Reason | None = None
    error: LintelError | None = None


class DoorController:
    """The door's state machine and its driver.

    Args:
        door: the driver.
        passage: the rules of the door model.
        clock: the state machine's time.
        note: writes a journal entry, durable on return; raises a `LintelError` where it cannot.
        changed: called with each new door status.
        entered: called when the person granted last has opened the door leaf; without a leaf
            contact, when they could have.
        tell: receives the begin and end of each alarm as it happens, once, before it is written.
    """

    def __init__(
        self,
        door: Door,
        passage: PassageRules,
        clock: Clock,
        note: Writes,
        changed: Callable[[Condition], None] = lambda _: None,
        entered: Callable[[], None] = lambda: None,
        tell: Writes = lambda _: None,
    ) -> None:
        self._door = door
        self._rules = passage
        self._clock = clock
        self._note = note
        self._changed = changed
        self._entered = entered
        self._state = begin(clock.monotonic())
        self._shown: Condition | None = None
        self._look_at = self._state.now
        self._securing, self._looking = RetryDelay(clock), RetryDelay(clock)
        self._entries = AlarmEntries(clock, note, tell)
        self._said_door = self._said_other = False

    # -- orders ----------------------------------------------------------------------------------

    def release(self, order: ReleaseOrder, by: By) -> Reason | None:
        """Release the door by a grant, an operator or an installer.

        Returns:
            None once the door is released; else the reason why not.

        Raises:
            DoorError: the door did not obey; it is secured as soon as possible.
            JournalUnwritable: a person's order could not be recorded, and was not sent.
        """
        self._securing.forget()
        if self._rules.interlock:
            self._looking.forget()
            self._look()
        came = self._take(ReleaseWanted(self._clock.monotonic(), by, order))
        if came.reason is None and came.error is not None:
            raise came.error
        return came.reason

    def tell(self, command: OperatorCommand) -> None:
        """Carry out an operator command; its consequences apply even if this raises.

        Raises:
            DoorError: the door did not acknowledge; the command is repeated until it does.
        """
        self._securing.forget()
        came = self._take(Commanded(self._clock.monotonic(), command))
        if came.error is not None:
            raise came.error

    def schedule(self, *, free: bool) -> None:
        """Set the state that the schedule demands from now on. Idempotent.

        Raises:
            DoorError, JournalUnwritable: as `tend` does.
        """
        if free is not self._state.free:
            self._raise_once(self._take(Scheduled(self._clock.monotonic(), free)).error)

    # -- polling ---------------------------------------------------------------------------------

    def tend(self) -> None:
        """Poll the door and keep it in its intended state. Called ten times a second.

        Raises:
            DoorError: the door has just been lost. Raised once; each further call retries, and the
                door recovers by itself.
            JournalUnwritable: an entry could not be written. Raised once, then retried.
        """
        try:
            error = self._keep()
        except DoorError as unheard:
            error = unheard if self.lost else None
        self._raise_once(error)

    def hear(self) -> None:
        """Read the door's status now, without waiting for the next poll.

        Raises:
            DoorError: the door does not answer.
        """
        self._looking.forget()
        error = self._look()
        if isinstance(error, DoorError):
            raise error

    def recover(self) -> None:
        """Secure the door and read its status, once the retry delay allows (`RetryDelay`).

        Raises:
            DoorError: the door does not answer.
        """
        error = self._take(Suspected(self._clock.monotonic())).error
        if not isinstance(error, DoorError):
            error = self._look() or error
        if error is not None:
            raise error

    # -- state -----------------------------------------------------------------------------------

    @property
    def condition(self) -> Condition:
        """The current door status."""
        return condition(self._state, self._clock.monotonic(), self._rules)

    @property
    def reading(self) -> DoorReading | None:
        """The last reading of the door; None before the first one."""
        return self._state.reading

    @property
    def locked_down(self) -> bool:
        """True if an operator has locked the door down."""
        return self._state.locked_down

    @property
    def lost(self) -> bool:
        """True if the door is silent, or an order was not acknowledged."""
        return self._state.unanswered or silent(self._state, self._rules)

    # -- internals -------------------------------------------------------------------------------

    def _keep(self) -> LintelError | None:
        """Poll, then act; a lost door is secured before its status is read."""
        if not self.lost:
            return self._look_in_turn() or self._take(DoorTicked(self._clock.monotonic())).error
        error = self._take(DoorTicked(self._clock.monotonic())).error
        return error if isinstance(error, DoorError) else self._look_in_turn() or error

    def _look_in_turn(self) -> LintelError | None:
        return self._look() if self._clock.monotonic() >= self._look_at else None

    def _take(self, event: DoorEvent) -> _Came:
        """Process one event and all that follows from it."""
        came, entered = _Came(), False
        events = deque([event])
        while events:
            step = advance_door(self._state, events.popleft(), self._rules)
            self._state = step.state
            for effect in step.effects:
                match effect:
                    case Note():
                        self._entries.add(effect)
                    case Refuse(reason=reason):
                        came = _Came(reason, came.error)
                    case OrderRelease():
                        answer, came = self._order(effect)
                        events.append(answer)
                    case OrderSecure():
                        answer, error = self._secure()
                        events.append(answer)
                        came = _Came(came.reason, came.error or error)
                    case Entered():
                        entered = True
        self._finish(entered=entered)
        return came

    def _finish(self, *, entered: bool) -> None:
        """Notify the listeners after the door was moved."""
        if self._entries.due:
            self._write()
        if not self.lost:
            self._said_door = False
        now = condition(self._state, self._state.now, self._rules)
        if now is not self._shown:
            self._shown = now
            self._changed(now)
        if entered:
            self._entered()

    def _order(self, effect: OrderRelease) -> tuple[DoorEvent, _Came]:
        """Record an order, send it once, and return the answer as an event."""
        unwritten = None if effect.by is By.GRANT else self._write_order(effect)
        if unwritten is not None and effect.by not in EGRESS:
            return Declined(self._clock.monotonic()), _Came(error=unwritten)
        self._look_at = self._state.now
        try:
            reason = self._door.release(effect.order)
        except DoorRefused as error:
            return Declined(self._clock.monotonic()), _Came(error=error)
        except DoorError as error:
            return Lost(self._clock.monotonic()), _Came(error=error)
        now = self._clock.monotonic()
        return (Obeyed(now) if reason is None else Declined(now)), _Came(reason)

    def _secure(self) -> tuple[DoorEvent, DoorError | None]:
        try:
            self._securing.refuse()
        except DoorError as error:
            return Lost(self._clock.monotonic()), error
        try:
            self._door.secure()
        except DoorError as error:
            self._securing.failed(error)
            return Lost(self._clock.monotonic()), error
        self._securing.forget()
        return Secured(self._clock.monotonic()), None

    def _look(self) -> LintelError | None:
        """Read the door's status; returns the error of any action that followed from it.

        The reading is stamped with the time of the request: it proves nothing about later events.

        Raises:
            DoorError: the door did not answer.
        """
        asked_at = self._clock.monotonic()
        self._look_at = Instant(asked_at + self._rules.poll_seconds)
        try:
            reading = self._read()
        except DoorError:
            self._take(DoorTicked(self._clock.monotonic()))
            raise
        return self._take(Heard(asked_at, reading)).error

    def _read(self) -> DoorReading:
        self._looking.refuse()
        try:
            reading = self._door.status()
        except DoorError as error:
            self._looking.failed(error)
            raise
        self._looking.forget()
        return reading

    # -- recording -------------------------------------------------------------------------------

    def _write_order(self, effect: OrderRelease) -> LintelError | None:
        """Record what a release rests on before it is sent; returns the error if that failed."""
        error = self._write()
        if error is None and effect.by in PEOPLE:
            try:
                self._note(DoorReleased(effect.by, effect.order.seconds))
            except LintelError as unwritable:
                return unwritable
        return error

    def _write(self) -> LintelError | None:
        """Write the waiting entries; once that works, its next failure is raised again."""
        error = self._entries.write()
        self._said_other = self._said_other and error is not None
        return error

    # -- raising failures ------------------------------------------------------------------------

    def _raise_once(self, error: LintelError | None) -> None:
        """Raise a loss when it begins, not at every retry; door errors before journal errors."""
        if isinstance(error, DoorError):
            if not self._said_door:
                self._said_door = True
                raise error
            error = None
        unsaid = error or self._entries.error
        if unsaid is not None and not self._said_other:
            self._said_other = True
            raise unsaid
