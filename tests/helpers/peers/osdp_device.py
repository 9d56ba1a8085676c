"""A real OSDP device in its own process: libosdp as peripheral, and a relay that times itself.

Run as a program it is the device; imported, it is the test's view of it. What it did is told
through a shared page, which outlives it: the relay's timer is hardware, and runs on when the
device's processor died.
"""

from __future__ import annotations

import mmap
import os
import select
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import osdp

PAGE = 256
OUTPUTS, INPUTS = 2, 8
RELEASES, PUSHES, BEEPS, COLOUR, KEYED, CARDS, CARD_BITS, ANSWER = range(8)  # 32 bits each
RELAYS = 32  # one moment for each output, until which it is on
CONTACTS = 64  # one byte for each input
HOUSING = 80
KEY = 96
CARD = 112
ACTED, SAY = 32, 33  # of a panel: commands that were carried out, and what it is to say now


class Page:
    """The shared page, from either side."""

    def __init__(self, descriptor: int) -> None:
        self._map = mmap.mmap(descriptor, PAGE)

    def counter(self, which: int) -> int:
        return int(struct.unpack_from("<I", self._map, 4 * which)[0])

    def count(self, which: int, value: int) -> None:
        struct.pack_into("<I", self._map, 4 * which, value)

    def on(self, output: int) -> bool:
        return time.monotonic() < struct.unpack_from("<d", self._map, RELAYS + 8 * output)[0]

    def switch(self, output: int, until: float) -> None:
        struct.pack_into("<d", self._map, RELAYS + 8 * output, until)

    @property
    def contacts(self) -> bytes:
        return self._map[CONTACTS : CONTACTS + INPUTS]

    def set_contact(self, number: int, *, active: bool) -> None:
        self._map[CONTACTS + number] = active

    @property
    def housing_open(self) -> bool:
        return bool(self._map[HOUSING])

    def open_housing(self, *, to_open: bool) -> None:
        self._map[HOUSING] = to_open

    @property
    def key(self) -> bytes:
        return self._map[KEY : KEY + 16]

    def set_key(self, key: bytes) -> None:
        self._map[KEY : KEY + 16] = key

    @property
    def card(self) -> bytes:
        return self._map[CARD : CARD + 8]

    def set_card(self, data: bytes) -> None:
        self._map[CARD : CARD + 8] = data.ljust(8, b"\0")

    def close(self) -> None:
        self._map.close()


class Device:
    """The test's hands on the device's process and page.

    Args:
        program: what runs there; a device by default.
    """

    def __init__(self, program: str = __file__) -> None:
        self._program = program
        self._memory = os.memfd_create("page")  # no file: a busy disk would hold up who writes
        os.truncate(self._memory, PAGE)
        self.page = Page(self._memory)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, line: socket.socket, *, key: bytes | None, address: int = 1) -> None:
        """Power it up at its end of a line; without a key it is in install mode."""
        assert self._process is None
        held = (line.fileno(), self._memory)
        words = [*map(str, held), str(address), key.hex() if key else "install"]
        self._process = subprocess.Popen(
            [sys.executable, self._program, *words],
            pass_fds=held,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        )
        line.close()
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"up\n"

    def kill(self) -> None:
        """Cut its power: SIGKILL."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    @property
    def running(self) -> bool:
        return self._process is not None

    @property
    def ended(self) -> bool:
        """True once its process has ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def close(self) -> None:
        self.kill()
        self.page.close()
        os.close(self._memory)


# -- the device itself ---------------------------------------------------------------------------


class SocketChannel(osdp.Channel):  # type: ignore[misc]
    """libosdp's channel over a socket."""

    def __init__(self, line: socket.socket) -> None:
        super().__init__()
        self._line = line
        line.setblocking(False)  # noqa: FBT003 - the standard library's own

    def read(self, max_bytes: int) -> bytes:
        try:
            return self._line.recv(max_bytes)
        except BlockingIOError:
            return b""

    def write(self, buf: bytes) -> int:
        return self._line.send(buf)

    @property
    def over(self) -> bool:
        """True once the far end was closed: whoever held it is gone, however it ended."""
        try:
            return not self._line.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False

    def flush(self) -> None:
        pass


CAPABILITIES = [
    (osdp.Capability.OutputControl, 1, OUTPUTS),
    (osdp.Capability.ContactStatusMonitoring, 1, INPUTS),
    (osdp.Capability.LEDControl, 1, 1),
    (osdp.Capability.AudibleControl, 1, 1),
]


class Peripheral:
    """A reader with two relays."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._kept: list[object] = []  # libosdp gives up one hold too many on what it is returned

    def serve(self, line: socket.socket, address: int, key: bytes | None) -> None:
        """Until the line is gone; reports a change of its inputs by itself, as readers do."""
        flags = [osdp.LibFlag.EnforceSecure] if key else []
        channel = SocketChannel(line)
        device = osdp.PeripheralDevice(
            osdp.PDInfo(address, channel, key, flags=flags),
            osdp.PDCapabilities(CAPABILITIES),
            log_level=osdp.LogLevel.Critical,
            command_handler=self._obey,
        )
        contacts = self._page.contacts
        while not channel.over:
            select.select([line], [], [], 0.005)
            device.ctx.refresh()
            while device.get_command(-1) is not None:
                pass
            if self._page.contacts != contacts:
                contacts = self._page.contacts
                report = {"type": osdp.StatusReportType.Input, "report": contacts}
                device.ctx.submit_event({"event": osdp.Event.Status, **report})

    def _obey(self, command: dict[str, Any]) -> tuple[int, dict[str, Any] | None]:
        page = self._page
        match command["command"]:
            case osdp.Command.Status:
                return 0, self._report(command["type"])
            case osdp.Command.Output:
                self._switch(command)
            case osdp.Command.LED:
                page.count(COLOUR, command["on_color"])
            case osdp.Command.Buzzer:
                page.count(BEEPS, page.counter(BEEPS) + 1)
            case osdp.Command.Keyset:
                page.set_key(command["data"])
                page.count(KEYED, page.counter(KEYED) + 1)
        return 0, None

    def _report(self, kind: int) -> dict[str, Any]:
        """Its Python cannot fill in a report; a key lies in the same memory, and it can."""
        said = bytes([self._page.housing_open, 0])
        if kind == osdp.StatusReportType.Output:
            said = bytes(self._page.on(number) for number in range(OUTPUTS))
        if kind == osdp.StatusReportType.Input:
            said = self._page.contacts
        data = b"\0\0" + len(said).to_bytes(4, "little") + said
        answer = {"command": osdp.Command.Keyset, "type": 0, "data": data}
        self._kept.append(answer)
        return answer

    def _switch(self, command: dict[str, Any]) -> None:
        number, timed = command["output_no"], command["control_code"] == 5
        self._page.switch(number, time.monotonic() + command["timer_count"] / 10 if timed else 0.0)
        if timed:
            which = (RELEASES, PUSHES)[number]
            self._page.count(which, self._page.counter(which) + 1)


def main() -> None:
    line, page, address, key = sys.argv[1:]
    end = socket.socket(fileno=int(line))
    os.write(1, b"up\n")
    known = None if key == "install" else bytes.fromhex(key)
    Peripheral(Page(int(page))).serve(end, int(address), known)


if __name__ == "__main__":
    main()
