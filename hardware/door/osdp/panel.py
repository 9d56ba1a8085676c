"""libosdp as the panel of one device: a session that ends at the first doubt.

The library (3.2.9) waits five minutes after a line was cut, sends again what nobody answered, and
times by the wall clock. So it is not mended but thrown away with all that it holds, and made anew.
A command is submitted when the line is free, so that it goes out at once or not at all.
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
_TURNS = 4  # of the library for each of ours: take a command, send it, hear, be done
_SETTLED_SECONDS = 0.1


class CommandOutcome(Enum):
    """What became of the command that was submitted last."""

    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"
    LOST = "lost"


LONGEST_SECONDS = 25.5
"""libosdp's Python cuts the 16 bits of the timer to 8 without a word: 30 s would become 4.4 s."""


def tenths(seconds: float) -> int:
    """As the device counts, rounded up; at most `LONGEST_SECONDS`."""
    if seconds > LONGEST_SECONDS:
        raise ValueError("longer than the timer's 8 bits")
    return math.ceil(round(seconds * 10, 6))


def output_command(number: int, seconds: float) -> Step:
    """Switch an output on for a time that the device keeps itself; 0 switches it off at once.

    Args:
        number: the output, 0 the first.
        seconds: at most `LONGEST_SECONDS`.
    """
    return {
        "command": Command.Output,
        "output_no": number,
        "control_code": 5 if seconds else 1,
        "timer_count": tenths(seconds),
    }


class Panel:
    """One session with one device. Of one thread.

    Args:
        line: open, and quiet.
        address: of the device.
        key: of the secure channel; None for a channel that is not secure.
        enforce: whether nothing but a channel with that very key will do.
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
        """Whether commands may be sent: over the secure channel, where there is a key."""
        context = self._library.ctx
        return bool(context.status()) and self.secure >= self._secure

    @property
    def secure(self) -> bool:
        """Whether the channel is secure."""
        return bool(self._library.ctx.sc_status())

    @property
    def plain(self) -> bool:
        """Whether the device would talk, but over no secure channel."""
        return bool(self._library.ctx.status()) and not self.secure

    @property
    def silent(self) -> bool:
        """Whether nothing was heard for so long that the session is over."""
        heard = max(self._line.heard_at, self._began)
        return time.monotonic() - heard > SILENCE_SECONDS

    @property
    def refused(self) -> bool:
        """Whether the device answered, and the library gave up on the secure channel."""
        heard = self._line.heard
        waiting = self._line.asking or heard is None or heard.code == BUSY
        if waiting or self.online or self._was_online or not self._secure:
            return False
        return time.monotonic() - self._line.heard_at > _SETTLED_SECONDS

    @property
    def over(self) -> bool:
        """Whether nothing more can come of this session."""
        gone = self._was_online and not self.online
        return gone or self._abandoned or self.silent or self.refused or not self._line.is_open

    def count(self, capability: int) -> int:
        """How many of something the device says it has."""
        level, count = self._library.ctx.check_capability(0, capability)
        return int(count) if level else 0

    def able(self, capability: int) -> bool:
        """Whether the device says it knows something."""
        level, _ = self._library.ctx.check_capability(0, capability)
        return bool(level)

    def submit(self, command: Step) -> bool:
        """Send a command now; False if it did not go out, and then it never does."""
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
        """Let the library do what is due; then `outcome`, `reports` and the rest tell."""
        for _ in range(_TURNS):
            self._library.ctx.refresh()
            self.was_secure |= self.secure
        self._was_online |= self.online
        while (event := self._library.get_event(self._address, -1)) is not None:
            if event["event"] == Event.Status:
                self.reports.append((event["type"], event["report"]))
            _give_up(event)

    def abandon(self) -> None:
        """Nobody can tell what became of a command: end the session, and the command with it."""
        self._abandoned = True

    def close(self) -> None:
        """Forget the session and all that it holds; it is in a ring that C cannot take apart."""
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
    """The library never gives up its own hold on an event: that is gigabytes in a year."""
    fresh: dict[str, Any] = {}
    if _references(event) > _references(fresh) + 1:
        ctypes.pythonapi.Py_DecRef(ctypes.py_object(event))
