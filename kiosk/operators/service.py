"""The operator service of a running kiosk: orders come in, help calls and alarms go out.

Nothing here can delay the door. A failed channel is recorded and has no other effect: a lost broker
shuts nobody out.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from kiosk.domain.door.model import Alarm
from kiosk.domain.operators.judgement import OperatorRules
from kiosk.domain.ports import Clock
from kiosk.door.calls import DoorThread
from kiosk.door.wall_clock import TRUSTED, Wall
from kiosk.journal.events.access import DuressTyped, LockoutChanged, PinGuessed
from kiosk.journal.events.door import DoorChanged
from kiosk.journal.events.enrolling import FeedbackNoted
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.operators import AdminPinGuessed, ChannelChanged, HelpCalled
from kiosk.journal.events.people import Enrolled
from kiosk.journal.events.running import CLOCK, PartFailed, PartRecovered
from kiosk.journal.recorder import JOURNAL_ERRORS, JournalRecorder
from kiosk.operators.executor import OrderExecutor
from kiosk.operators.gate import OrderGate

CALL_SECONDS = 2.0
"""A person who calls for help sees within this time if an operator was reached."""

ALARMS = frozenset({Alarm.FIRE, Alarm.FORCED, Alarm.STUCK, Alarm.TAMPERED, Alarm.HELD_OPEN})
"""Door alarms that operators are alerted to at once; all others are in the journal."""

Hear = Callable[[bytes], bytes]
Changed = Callable[[str, str | None], None]


class Channel(Protocol):
    """An inbound channel with threads of its own."""

    def close(self) -> None:
        """Close the channel. Idempotent."""
        ...


class Announcer(Channel, Protocol):
    """A channel that is outbound too."""

    def call_help(self, seconds: float) -> bool:
        """True if an operator was reached with a help call within that many seconds."""
        ...

    def alarm(self, name: str, *, begins: bool) -> None:
        """Send the begin or the end of an alarm; never waits."""
        ...


class OperatorService:
    """The order gate and its channels. May be used by any number of threads.

    Args:
        door: leads to the thread of the door that is meant.
        rules: the operators whose orders are valid.
        clock: the system clock.
        recorder: records refusals and the state of channels.
        wall: checks if the clock is reliable.
    """

    def __init__(
        self,
        door: DoorThread,
        rules: OperatorRules,
        clock: Clock,
        recorder: JournalRecorder,
        wall: Wall = TRUSTED,
    ) -> None:
        self._recorder = recorder
        self._gate = OrderGate(rules, clock, OrderExecutor(door, clock).obey, recorder.note, wall)
        self._channels: list[Channel] = []
        self._announcer: Announcer | None = None

    def listen(self, open_channel: Callable[[Hear, Changed], Channel], name: str) -> None:
        """Accept orders over one more channel."""
        self._channels.append(open_channel(self._hearing(name), self._changed))

    def announce(self, open_channel: Callable[[Hear, Changed], Announcer], name: str) -> None:
        """Accept orders over a channel that also carries help calls and alarms."""
        self._announcer = open_channel(self._hearing(name), self._changed)
        self._channels.append(self._announcer)

    def call_help(self, told: Callable[[bool], None]) -> None:
        """Call for help on behalf of a person at the door; returns at once.

        Args:
            told: receives True if an operator was reached; called by another thread.
        """
        calling = threading.Thread(target=self._call, args=(told,), name="help", daemon=True)
        calling.start()

    def noted(self, event: JournalEvent, _at: datetime) -> None:
        """Alert operators to an event that cannot wait, recorded or not."""
        if self._announcer is None:
            return
        match event:
            case PartFailed(part="clock") | PartRecovered(part="clock"):
                self._announcer.alarm(CLOCK, begins=isinstance(event, PartFailed))
            case DuressTyped() | PinGuessed() | AdminPinGuessed():
                self._announcer.alarm(event.name, begins=True)
            case FeedbackNoted() | Enrolled():
                self._announcer.alarm(event.name, begins=True)
            case LockoutChanged(begins=begins):
                self._announcer.alarm(event.name, begins=begins)
            case DoorChanged(state=state, begins=begins) if state in ALARMS:
                self._announcer.alarm(state.value, begins=begins)

    def close(self) -> None:
        """Close every channel. Idempotent."""
        for channel in self._channels:
            channel.close()

    def _hearing(self, name: str) -> Hear:
        return lambda sent: self._gate.hear(sent, name)

    def _call(self, told: Callable[[bool], None]) -> None:
        self._note(HelpCalled())
        told(self._announcer is not None and self._announcer.call_help(CALL_SECONDS))

    def _changed(self, channel: str, problem: str | None) -> None:
        self._note(ChannelChanged(channel, problem is None, problem))

    def _note(self, event: JournalEvent) -> None:
        """Record an event. The door reports a journal fault; it must not prevent a help call."""
        with contextlib.suppress(*JOURNAL_ERRORS):
            self._recorder.note(event)
