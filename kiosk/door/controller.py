"""Keeps the door as its machine says: each order is sent once, and counts as the wire answered it.

What the door does by itself (a schedule, a fire, somebody leaving) and what an operator orders is
written down before it is sent; a grant was written down by whoever decided it. What cannot be
written is not done, but for those who leave: they are never held back.

Everything here belongs to one thread. No call waits longer than for two answers of the door.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from kiosk.domain.access.states import Reason
from kiosk.domain.audit import Value
from kiosk.domain.door.machine import (
    EGRESS,
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
    advance_door,
    begin,
    condition,
    silent,
)
from kiosk.domain.door.protocol import DoorReading, ReleaseOrder
from kiosk.domain.errors import DoorError, DoorRefused, LintelError
from kiosk.domain.ports import Clock, Door
from kiosk.domain.vision.frame import Instant
from kiosk.door.retry_delay import RetryDelay

MOST_UNWRITTEN = 256
"""Beginnings and ends that wait for a journal that cannot be written; the oldest go first."""

REWRITE_SECONDS = 1.0
"""How often that is tried."""

PEOPLE = frozenset({By.OPERATOR, By.INSTALLER})
"""Their releases are written down as such; a grant was, by whoever decided it."""

Writes = Callable[[str, dict[str, Value]], None]


class _Came(NamedTuple):
    """What came of an event: why somebody was refused, and what failed first."""

    reason: Reason | None = None
    error: LintelError | None = None


class DoorController:
    """The door's machine and its wire.

    Args:
        door: the wire.
        passage: what the machine goes by.
        clock: the machine's time.
        note: writes an entry, durable when it returns; raises a `LintelError` where it cannot.
        changed: is told of each new condition of the door.
        entered: is told when whoever was granted last has opened the leaf; where no leaf is seen,
            when they could have.
        tell: hears what begins and ends at the door as it happens, once, before it is written.
    """

    def __init__(
        self,
        door: Door,
        passage: PassageRules,
        clock: Clock,
        note: Writes,
        changed: Callable[[Condition], None] = lambda _: None,
        entered: Callable[[], None] = lambda: None,
        tell: Writes = lambda _event, _details: None,
    ) -> None:
        self._door = door
        self._rules = passage
        self._clock = clock
        self._note = note
        self._changed = changed
        self._entered = entered
        self._tell = tell
        self._state = begin(clock.monotonic())
        self._shown: Condition | None = None
        self._look_at = self._write_at = self._state.now
        self._securing, self._looking = RetryDelay(clock), RetryDelay(clock)
        self._unwritten: deque[Note] = deque(maxlen=MOST_UNWRITTEN)
        self._unsaid: LintelError | None = None
        self._said_door = self._said_other = False

    # -- orders ----------------------------------------------------------------------------------

    def release(self, order: ReleaseOrder, by: By) -> Reason | None:
        """Release the door for somebody; by grant, by an operator or by an installer.

        Returns:
            None once the door is released; why not, where it is not to be.

        Raises:
            DoorError: the door did not do as it was told; it is secured as soon as it can be.
            JournalUnwritable: a person's order could not be written down, and was not sent.
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
        """Carry out what an operator orders; what follows from it holds even if this raises.

        Raises:
            DoorError: the door did not acknowledge; it is told again until it does.
        """
        self._securing.forget()
        came = self._take(Commanded(self._clock.monotonic(), command))
        if came.error is not None:
            raise came.error

    def schedule(self, *, free: bool) -> None:
        """What the schedule says from now on; may be said again and again.

        Raises:
            DoorError, JournalUnwritable: as `tend` does.
        """
        if free is not self._state.free:
            self._raise_once(self._take(Scheduled(self._clock.monotonic(), free)).error)

    # -- keeping ---------------------------------------------------------------------------------

    def tend(self) -> None:
        """Hear what the door says, and keep it as it is to be. To be called ten times a second.

        Raises:
            DoorError: the door has just been lost. Said once; it is tried again at every call, and
                works again by itself.
            JournalUnwritable: something could not be written down. Said once, tried again.
        """
        try:
            error = self._keep()
        except DoorError as unheard:
            error = unheard if self.lost else None
        self._raise_once(error)

    def hear(self) -> None:
        """Ask the door now, whenever its turn would be.

        Raises:
            DoorError: it does not answer.
        """
        self._looking.forget()
        error = self._look()
        if isinstance(error, DoorError):
            raise error

    def recover(self) -> None:
        """Secure the door and hear from it, as soon as it may be tried again (`patience`).

        Raises:
            DoorError: it does not answer.
        """
        error = self._take(Suspected(self._clock.monotonic())).error
        if not isinstance(error, DoorError):
            error = self._look() or error
        if error is not None:
            raise error

    # -- what is true ----------------------------------------------------------------------------

    @property
    def condition(self) -> Condition:
        """What the door adds up to now."""
        return condition(self._state, self._clock.monotonic(), self._rules)

    @property
    def reading(self) -> DoorReading | None:
        """What the door said last; None before it was heard for the first time."""
        return self._state.reading

    @property
    def locked_down(self) -> bool:
        """Whether an operator has locked it down."""
        return self._state.locked_down

    @property
    def lost(self) -> bool:
        """Whether nothing is heard from it, or an order was not acknowledged."""
        return self._state.unanswered or silent(self._state, self._rules)

    # -- within ----------------------------------------------------------------------------------

    def _keep(self) -> LintelError | None:
        """Hear, then act; a door that was lost is secured before it is asked anything."""
        if not self.lost:
            return self._look_in_turn() or self._take(DoorTicked(self._clock.monotonic())).error
        error = self._take(DoorTicked(self._clock.monotonic())).error
        return error if isinstance(error, DoorError) else self._look_in_turn() or error

    def _look_in_turn(self) -> LintelError | None:
        return self._look() if self._clock.monotonic() >= self._look_at else None

    def _take(self, event: DoorEvent) -> _Came:
        """One event, and all that follows from it."""
        came, entered = _Came(), False
        events = deque([event])
        while events:
            step = advance_door(self._state, events.popleft(), self._rules)
            self._state = step.state
            for effect in step.effects:
                match effect:
                    case Note():
                        self._unwritten.append(effect)
                        self._tell("door", _details(effect))
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
        """The door has moved; now others may hear of it."""
        if self._clock.monotonic() >= self._write_at:
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
        """Write down, send once, and say what was answered."""
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
        """Ask the door what it reads; what failed of that which follows.

        The reading is as old as the question: it says nothing of what came after.

        Raises:
            DoorError: it did not answer.
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

    # -- writing down ----------------------------------------------------------------------------

    def _write_order(self, effect: OrderRelease) -> LintelError | None:
        """What a release rests on is durable before it is sent; why not, if it could not be."""
        error = self._write()
        if error is None and effect.by in PEOPLE:
            try:
                self._note("released", {"by": effect.by.value, "seconds": effect.order.seconds})
            except LintelError as unwritable:
                return unwritable
        return error

    def _write(self) -> LintelError | None:
        """What began and ended since, oldest first."""
        while self._unwritten:
            note = self._unwritten[0]
            try:
                self._note("door", _details(note))
            except LintelError as error:
                self._unsaid = error
                self._write_at = Instant(self._clock.monotonic() + REWRITE_SECONDS)
                return error
            self._unwritten.popleft()
        self._said_other, self._unsaid = False, None
        return None

    # -- saying what failed ----------------------------------------------------------------------

    def _raise_once(self, error: LintelError | None) -> None:
        """A loss is said when it begins, not at every try; the door's before the journal's."""
        if isinstance(error, DoorError):
            if not self._said_door:
                self._said_door = True
                raise error
            error = None
        unsaid = error or self._unsaid
        if unsaid is not None and not self._said_other:
            self._said_other = True
            raise unsaid


def _details(note: Note) -> dict[str, Value]:
    """What is told and written of it."""
    return {"state": note.alarm.value, "begins": note.begins}
