"""The OSDP driver with a real device at the far end of a pty.

It can do everything a rig can: the device is killed by SIGKILL, its thread by an exception.
"""

from __future__ import annotations

import ctypes
import secrets
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

from door_rig import RULES, Fault, Rig, eventually
from osdp_device import RELEASES, Device
from osdp_tap import Tap

from hardware.door.contacts import Contact, Contacts
from hardware.door.osdp.config import OsdpConfig
from hardware.door.osdp.controller import OsdpDoor
from kiosk.pipeline.clock import SystemClock

ANSWER_SECONDS = 0.8
LEAF, EXIT, TAMPER, FIRE, NEIGHBOUR = range(5)
CONTACTS = Contacts(leaf=Contact(LEAF, "closed"), exit_button=Contact(EXIT, "open"))


class OsdpRig(Rig):
    """A device with two outputs, eight inputs, an LED and a buzzer.

    Args:
        changes: to the wire's settings.
    """

    faults = frozenset(Fault)

    def __init__(self, **changes: object) -> None:
        self.key = secrets.token_bytes(16)
        self._folder = tempfile.TemporaryDirectory()
        self.key_file = Path(self._folder.name) / "key"
        self.key_file.touch(0o600)
        self.key_file.write_text(self.key.hex() + "\n")
        self.tap, self.device = Tap(), Device()
        self.page = self.device.page
        self.page.set_contact(LEAF, active=True)
        self._device_key: bytes | None = self.key
        self._power_up()
        wire = OsdpConfig(
            port=self.tap.path, baud=115200, address=1, key_file=self.key_file, contacts=CONTACTS
        )
        self.wire = replace(wire, **changes)  # type: ignore[arg-type] # by name
        self.door: OsdpDoor = OsdpDoor(self.wire, RULES, SystemClock(), ANSWER_SECONDS)
        if not changes:
            assert eventually(self.answers)

    @property
    def unlocked(self) -> bool:
        return self.page.on(0)

    @property
    def releases(self) -> int:
        return self.page.counter(RELEASES)

    def move_leaf(self, *, to_open: bool) -> None:
        self.page.set_contact(LEAF, active=not to_open)

    def break_(self, fault: Fault) -> None:
        match fault:
            case Fault.KILL:
                self.device.kill()
            case Fault.CUT:
                self.tap.cut()
            case Fault.GARBAGE:
                self.tap.garble()
            case Fault.LATE:
                self.tap.delay(ANSWER_SECONDS + 0.2)
            case Fault.DUPLICATE:
                self.tap.duplicate()
            case Fault.WRONG_KEY:
                self._rekey(secrets.token_bytes(16))
            case Fault.REPLAY:
                self.tap.say(self.tap.said, to_kiosk=False)
            case Fault.THREAD:
                end_thread(self.door._worker._thread)

    def mend(self) -> None:
        self.tap.mend()
        if self._device_key != self.key:
            self._rekey(self.key)
        if not self.device.running:
            self._power_up()

    def close(self) -> None:
        self.door.close()
        self.device.close()
        self.tap.close()
        self._folder.cleanup()

    def _rekey(self, key: bytes) -> None:
        self.device.kill()
        self._device_key = key
        self._power_up()

    def _power_up(self) -> None:
        self.device.start(self.tap.plug(), key=self._device_key)


def end_thread(thread: threading.Thread | None) -> None:
    """Raise in a thread of another's, and wait until it is gone."""
    if thread is not None and thread.is_alive() and thread.ident is not None:
        fatal = ctypes.py_object(ThreadDeath)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), fatal)
        thread.join(5.0)


class ThreadDeath(Exception):
    """What ends a driver's thread in a test."""
