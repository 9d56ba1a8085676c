"""Where a running kiosk meets those who look after it: orders come in, calls and alarms go out.

Nothing here can hold the door up, and a channel that fails is written down and changes nothing
else: a broker that is gone shuts nobody out.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from kiosk.domain.audit import Value
from kiosk.domain.door.model import Alarm
from kiosk.domain.operators import OperatorRules
from kiosk.domain.ports import Clock
from kiosk.door.calls import DoorThread
from kiosk.door.subsystem import CLOCK
from kiosk.door.wall_clock import TRUSTED, Wall
from kiosk.journal.recorder import JOURNAL_ERRORS, JournalRecorder
from kiosk.operators.executor import OrderExecutor
from kiosk.operators.gate import OrderGate

CALL_SECONDS = 2.0
"""Whoever calls for help hears by then whether anybody was told."""

AT_ONCE = frozenset({"duress", "guessing", "lockout"})
"""What people do at the door that operators are told of as it happens."""
CLOCK_EVENTS = frozenset({"fault", "recovered"})
ALARMS = frozenset(
    alarm.value
    for alarm in (Alarm.FIRE, Alarm.FORCED, Alarm.STUCK, Alarm.TAMPERED, Alarm.HELD_OPEN)
)
"""What operators are told of a door as it happens; the rest is in the journal."""

Hear = Callable[[bytes], bytes]
Changed = Callable[[str, str | None], None]


class Channel(Protocol):
    """A way in, with threads of its own."""

    def close(self) -> None:
        """End; may be called twice."""
        ...


class Announcer(Channel, Protocol):
    """A way in that is a way out too."""

    def call_help(self, seconds: float) -> bool:
        """Whether somebody was told within so many seconds that help is called for."""
        ...

    def alarm(self, name: str, *, begins: bool) -> None:
        """Say what is wrong at the door, or that it is over; never waits."""
        ...


class OperatorService:
    """The desk and its channels. May be used by any number of threads.

    Args:
        kiosk: whose door is meant.
        rules: whose orders count.
        clock: the machine's.
        recorder: of no other thread's; writes refusals down, and what becomes of channels.
        wall: whether the clock is to be relied on.
    """

    def __init__(
        self,
        kiosk: DoorThread,
        rules: OperatorRules,
        clock: Clock,
        recorder: JournalRecorder,
        wall: Wall = TRUSTED,
    ) -> None:
        self._recorder = recorder
        self._gate = OrderGate(rules, clock, OrderExecutor(kiosk, clock).obey, recorder.note, wall)
        self._channels: list[Channel] = []
        self._announcer: Announcer | None = None

    def listen(self, open_channel: Callable[[Hear, Changed], Channel], name: str) -> None:
        """Hear operators over one more channel."""
        self._channels.append(open_channel(self._hearing(name), self._changed))

    def announce(self, open_channel: Callable[[Hear, Changed], Announcer], name: str) -> None:
        """The same, with a channel that takes calls and alarms out."""
        self._announcer = open_channel(self._hearing(name), self._changed)
        self._channels.append(self._announcer)

    def call_help(self, told: Callable[[bool], None]) -> None:
        """Somebody at the door calls; returns at once.

        Args:
            told: hears whether anybody was reached; called by another thread.
        """
        calling = threading.Thread(target=self._call, args=(told,), name="help", daemon=True)
        calling.start()

    def noted(self, event: str, details: Mapping[str, Value]) -> None:
        """Something happened, written down or not; operators hear of what cannot wait."""
        if self._announcer is None:
            return
        if event in CLOCK_EVENTS and details.get("part") == CLOCK:
            self._announcer.alarm(CLOCK, begins=event == "fault")
        elif event in AT_ONCE:
            self._announcer.alarm(event, begins=bool(details.get("begins", True)))
        elif event == "door" and details["state"] in ALARMS:
            self._announcer.alarm(str(details["state"]), begins=bool(details["begins"]))

    def close(self) -> None:
        """Hear nobody any more; may be called twice."""
        for channel in self._channels:
            channel.close()

    def _hearing(self, name: str) -> Hear:
        return lambda sent: self._gate.hear(sent, name)

    def _call(self, told: Callable[[bool], None]) -> None:
        self._note("help", {})
        told(self._announcer is not None and self._announcer.call_help(CALL_SECONDS))

    def _changed(self, channel: str, problem: str | None) -> None:
        details: dict[str, Value] = {"channel": channel, "works": problem is None}
        self._note("channel", details if problem is None else {**details, "problem": problem})

    def _note(self, event: str, details: dict[str, Value]) -> None:
        """A journal that cannot be written is told of at the door; it keeps no help away."""
        with contextlib.suppress(*JOURNAL_ERRORS):
            self._recorder.note(event, details)
