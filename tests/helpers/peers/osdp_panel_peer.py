"""A real panel in a process of its own: libosdp as controller, that answers a card as it is told.

Run as a program it is the panel; a test starts it with `osdp_device.Device(PROGRAM)` and says
through the page's ANSWER what it does when it has fetched a card.
"""

from __future__ import annotations

import os
import select
import socket
import sys
import time
from enum import IntEnum
from typing import Any

import osdp
from osdp_device import ACTED, ANSWER, CARD_BITS, CARDS, KEYED, SAY, Page, SocketChannel

PROGRAM = __file__
_PATIENCE_SECONDS = 0.6
_LATE_SECONDS = 1.4
"""When nobody waits for the answer any more."""


class Answer(IntEnum):
    """What the panel does about a card."""

    NOTHING = 0
    GREEN = 1
    RED = 2
    OUTPUT = 3
    OTHER_GREEN = 4
    AMBER = 5
    LATE_GREEN = 6
    OUTPUT_OFF = 7
    QUENCHED_GREEN = 8
    STEADY_GREEN = 9


def light(colour: int, *, led: int = 0, code: int = 2) -> dict[str, Any]:
    return {
        "command": osdp.Command.LED,
        "reader": 0,
        "led_number": led,
        "temporary": True,
        "control_code": code,
        "on_count": 1,
        "off_count": 0,
        "on_color": colour,
        "off_color": 0,
        "timer_count": 5,
    }


def switch(code: int) -> dict[str, Any]:
    return {
        "command": osdp.Command.Output,
        "output_no": 0,
        "control_code": code,
        "timer_count": 5,
    }


GREEN = osdp.CommandLEDColor.Green
ACTS: dict[Answer, dict[str, Any]] = {
    Answer.GREEN: light(GREEN),
    Answer.RED: light(osdp.CommandLEDColor.Red),
    Answer.OUTPUT: switch(5),
    Answer.OUTPUT_OFF: switch(1),
    Answer.OTHER_GREEN: light(GREEN, led=1),
    Answer.AMBER: light(osdp.CommandLEDColor.Amber),
    Answer.LATE_GREEN: light(GREEN),
    Answer.QUENCHED_GREEN: light(GREEN, code=1),
    Answer.STEADY_GREEN: light(GREEN, code=1) | {"temporary": False},
}


class Panel:
    """A controller with one reader, which begins anew when that is away."""

    def __init__(self, page: Page, line: socket.socket, address: int, key: bytes | None) -> None:
        self._page, self._line, self._address, self._key = page, line, address, key
        self._channel = SocketChannel(line)
        self._late = float("inf")

    def serve(self) -> None:
        while True:
            self._session()

    def _session(self) -> None:
        flags = [osdp.LibFlag.EnforceSecure] if self._key else []
        self._drain()
        library = osdp.ControlPanel(
            [osdp.PDInfo(self._address, self._channel, self._key, flags=flags)],
            log_level=osdp.LogLevel.Critical,
            command_completion_handler=self._carried_out,
        )
        seen = time.monotonic()
        while time.monotonic() - seen < _PATIENCE_SECONDS:
            select.select([self._line], [], [], 0.005)
            library.ctx.refresh()
            if library.ctx.status():
                seen = time.monotonic()
            while (event := library.get_event(self._address, -1)) is not None:
                if event["event"] == osdp.Event.CardRead:
                    self._fetched(library, event)
            if time.monotonic() > self._late:
                self._late = float("inf")
                library.ctx.submit_command(0, ACTS[Answer.LATE_GREEN])
            self._say(library)
            self._hand_out_a_key(library)

    def _carried_out(self, _address: int, _command: dict[str, Any], status: int) -> None:
        if status == osdp.CompletionStatus.Ok:
            self._page.count(ACTED, self._page.counter(ACTED) + 1)

    def _drain(self) -> None:
        """A new session hears nothing of the old one."""
        while self._channel.read(4096):
            pass

    def _fetched(self, library: Any, event: dict[str, Any]) -> None:  # noqa: ANN401 - no types
        self._page.set_card(event["data"])
        self._page.count(CARD_BITS, event["length"])
        answer = Answer(self._page.counter(ANSWER))
        if answer is Answer.LATE_GREEN:
            self._late = time.monotonic() + _LATE_SECONDS
        elif answer is not Answer.NOTHING:
            library.ctx.submit_command(0, ACTS[answer])
        self._page.count(CARDS, self._page.counter(CARDS) + 1)

    def _say(self, library: Any) -> None:  # noqa: ANN401 - no types
        """Where the test says so, at last, by SAY."""
        answer = Answer(self._page.counter(SAY))
        if answer is not Answer.NOTHING and library.ctx.submit_command(0, ACTS[answer]):
            self._page.count(SAY, Answer.NOTHING)

    def _hand_out_a_key(self, library: Any) -> None:  # noqa: ANN401 - no types
        """Where the test asks for it by KEYED = 1; 2 says that it was sent."""
        if self._page.counter(KEYED) == 1:
            key = {"command": osdp.Command.Keyset, "type": 1, "data": b"a new key for us"}
            if library.ctx.submit_command(0, key):
                self._page.count(KEYED, 2)


def main() -> None:
    line, page, address, key = sys.argv[1:]
    end = socket.socket(fileno=int(line))
    os.write(1, b"up\n")
    known = None if key == "install" else bytes.fromhex(key)
    Panel(Page(int(page)), end, int(address), known).serve()


if __name__ == "__main__":
    main()
