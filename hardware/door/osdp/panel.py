"""libosdp as the panel of one device: a session that is dropped on any inconsistency.

After a line break the library (3.2.9) waits five minutes, repeats unanswered commands, and uses the
wall clock. So a session is never repaired but discarded with all its state and created anew. A
command is submitted only when the line is free, so that it is sent at once or not at all.
"""

from __future__ import annotations

import ctypes
import math
import sys
import time
from enum import Enum
from typing import Any

from osdp import (
    Command,
    CompletionStatus,
    ControlPanel,
    Event,
    LibFlag,
    LogLevel,
    PDInfo,
)

from hardware.door.osdp.frames import BUSY, NAK
from hardware.door.osdp.line import SerialLine
from hardware.door.osdp.worker import Step

SILENCE_SECONDS = 0.6
_TURNS = 4  # library refreshes per turn: take a command, send it, receive, complete
_SETTLED_SECONDS = 0.1


class CommandOutcome(Enum):
    """Result of the last submitted command."""

    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"
    LOST = "lost"


LONGEST_SECONDS = 25.5
"""libosdp's Python binding cuts the 16-bit timer to 8 bits silently: 30 s would become 4.4 s."""


def tenths(seconds: float) -> int:
    """The duration in the device's unit of 0.1 s, rounded up; at most `LONGEST_SECONDS`."""
    if seconds > LONGEST_SECONDS:
        raise ValueError("longer than the timer's 8 bits")
    return math.ceil(round(seconds * 10, 6))


def output_command(number: int, seconds: float) -> Step:
    """Switch an output on for a time, by the device's own timer; 0 switches it off at once.

    Args:
        number: the output; 0 is the first.
        seconds: at most `LONGEST_SECONDS`.
    """
    return {
        "command": Command.Output,
        "output_no": number,
        "control_code": 5 if seconds else 1,
        "timer_count": tenths(seconds),
    }


class Panel:
    """One session with one device. For one thread.

    Args:
        line: open, without unread data.
        address: of the device.
        key: of the secure channel; None for a plain channel.
        enforce: True to accept only a secure channel with this key.
    """

    def __init__(
        self, line: SerialLine, address: int, key: bytes | None, *, enforce: bool = True
    ) -> None:
        flags = [LibFlag.EnforceSecure] if enforce and key is not None else []
        self.reports: list[tuple[int, bytes]] = []
        self.outcome = CommandOutcome.DONE
        self.was_secure = False
        self._line, self._address = line, address
        self._secure = key is not None
        self._began = time.monotonic()
        self._was_online = self._abandoned = False
        self._library = ControlPanel(
            [PDInfo(address, line, key, flags=flags)],
            log_level=LogLevel.Critical,
            command_completion_handler=self._completed,
        )

    @property
    def online(self) -> bool:
        """True if commands may be sent: over the secure channel, if there is a key."""
        context = self._library.ctx
        return bool(context.status()) and self.secure >= self._secure

    @property
    def secure(self) -> bool:
        """True if the channel is secure."""
        return bool(self._library.ctx.sc_status())

    @property
    def plain(self) -> bool:
        """True if the device communicates, but without a secure channel."""
        return bool(self._library.ctx.status()) and not self.secure

    @property
    def silent(self) -> bool:
        """True if the device has been silent for so long that the session is over."""
        heard = max(self._line.heard_at, self._began)
        return time.monotonic() - heard > SILENCE_SECONDS

    @property
    def refused(self) -> bool:
        """True if the device answered, and the library gave up on the secure channel."""
        heard = self._line.heard
        waiting = self._line.asking or heard is None or heard.code == BUSY
        if waiting or self.online or self._was_online or not self._secure:
            return False
        return time.monotonic() - self._line.heard_at > _SETTLED_SECONDS

    @property
    def over(self) -> bool:
        """True if the session has ended and must be replaced."""
        gone = self._was_online and not self.online
        return gone or self._abandoned or self.silent or self.refused or not self._line.is_open

    def count(self, capability: int) -> int:
        """Number of units of a capability, as reported by the device."""
        level, count = self._library.ctx.check_capability(0, capability)
        return int(count) if level else 0

    def able(self, capability: int) -> bool:
        """True if the device reports the capability."""
        level, _ = self._library.ctx.check_capability(0, capability)
        return bool(level)

    def submit(self, command: Step) -> bool:
        """Send a command now; False if it was not sent, and then it never will be."""
        before = self._line.written
        self._line.strict = True
        self.outcome = CommandOutcome.PENDING
        if self.online and not self._line.asking and self._library.ctx.submit_command(0, command):
            for _ in range(_TURNS):
                self._library.ctx.refresh()
                if self._line.written != before:
                    return True
        self._library.ctx.flush_commands(0)
        self.outcome = CommandOutcome.LOST
        return False

    def turn(self) -> None:
        """Run the library's pending work; then `outcome`, `reports` and the rest are current."""
        for _ in range(_TURNS):
            self._library.ctx.refresh()
            self.was_secure |= self.secure
        self._was_online |= self.online
        while (event := self._library.get_event(self._address, -1)) is not None:
            if event["event"] == Event.Status:
                self.reports.append((event["type"], event["report"]))
            _give_up(event)

    def abandon(self) -> None:
        """End the session, because the result of a command is unknown; this cancels the command."""
        self._abandoned = True

    def close(self) -> None:
        """Detach all callbacks: they form a reference cycle through C that is never collected."""
        context = self._library.ctx
        self._library.set_command_completion_handler(None)
        context.set_event_callback(_nobody)
        context.set_command_completion_callback(_nobody)

    def _completed(self, _address: int, _command: dict[str, Any], status: int) -> None:
        if status == CompletionStatus.Ok:
            self.outcome = CommandOutcome.DONE
            self._line.strict = False
            return
        heard = self._line.heard
        refused = not self._line.asking and heard is not None and heard.code == NAK
        self.outcome = CommandOutcome.REFUSED if refused else CommandOutcome.LOST


def _nobody(*_: object) -> int:
    return 0


def _references(thing: object) -> int:
    return sys.getrefcount(thing)


def _give_up(event: dict[str, Any]) -> None:
    """Release the library's leaked reference to an event; the leak would be gigabytes a year."""
    fresh: dict[str, Any] = {}
    if _references(event) > _references(fresh) + 1:
        ctypes.pythonapi.Py_DecRef(ctypes.py_object(event))
