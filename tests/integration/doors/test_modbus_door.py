"""What is special about Modbus: relays that lie, numbers that are wrong, lines that are late."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
import tty
from collections.abc import Callable, Iterator

import pytest
from door_rig import PATIENCE_SECONDS, RULES, Fault, eventually, order
from modbus_board import STEADY
from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU
from pymodbus.pdu.bit_message import ReadCoilsResponse
from rig_modbus import (
    FLASH_COIL,
    FLASH_REGISTER,
    LOCK,
    OPERATOR,
    PLAIN,
    ModbusRig,
    ModbusSerialRig,
    ModbusTcpRig,
)
from scripted_modbus import ScriptedModbus

from hardware.door.contacts import Contact, Contacts
from hardware.door.modbus.config import ModbusConfig
from hardware.door.modbus.door import ModbusDoor
from hardware.door.modbus.line import TcpLine
from kiosk.domain.door.protocol import DoorRules, Leaf, Lock
from kiosk.domain.errors import DoorRefused, DoorTimeout, DoorUnusable, SettingsError
from kiosk.pipeline.clock import SystemClock

Make = Callable[[], ModbusRig]
TCP: dict[str, Make] = {
    "coil": lambda: ModbusTcpRig(**PLAIN),
    "flash-coil": lambda: ModbusTcpRig(**FLASH_COIL),
    "flash-register": lambda: ModbusTcpRig(**FLASH_REGISTER),
}


@pytest.fixture(params=TCP)
def rig(request: pytest.FixtureRequest) -> Iterator[ModbusRig]:
    made = TCP[request.param]()
    yield made
    made.close()


@pytest.fixture
def plain() -> Iterator[ModbusRig]:
    made = TCP["coil"]()
    yield made
    made.close()


@pytest.fixture
def flash() -> Iterator[ModbusRig]:
    made = TCP["flash-coil"]()
    yield made
    made.close()


@pytest.fixture
def serial() -> Iterator[ModbusSerialRig]:
    made = ModbusSerialRig(**FLASH_REGISTER)
    yield made
    made.close()


# -- the relay -----------------------------------------------------------------------------------


def test_a_relay_that_does_not_move_is_a_liar(rig: ModbusRig) -> None:
    rig.board.stuck[LOCK] = True
    with pytest.raises(DoorUnusable, match="still reads off") as error:
        rig.door.release(order())
    assert "door.modbus.coil" in error.value.remedy


def test_a_relay_that_sticks_released_is_a_liar(rig: ModbusRig) -> None:
    rig.door.status()
    rig.board.until[LOCK] = STEADY
    rig.board.stuck[LOCK] = True
    with pytest.raises(DoorUnusable, match="still reads on"):
        rig.door.secure()
    assert rig.door.status().lock is Lock.RELEASED


def test_a_liar_is_told_to_lock_before_it_is_called_one(plain: ModbusRig) -> None:
    """It may follow later what it did not follow at once."""
    assert plain.door.status().lock is Lock.SECURED
    plain.board.stuck[LOCK] = True
    with pytest.raises(DoorUnusable):
        plain.door.release(order())
    plain.board.stuck[LOCK] = False
    assert not eventually(lambda: plain.unlocked, within=0.6)


@pytest.mark.parametrize(
    ("wire", "named"),
    [
        ({**PLAIN, "coil": 9}, "door.modbus.coil"),
        ({**FLASH_COIL, "flash_address": 0x20A}, "door.modbus.flash_address"),
        ({**FLASH_REGISTER, "flash_address": 0x30A}, "door.modbus.flash_address"),
        ({**FLASH_COIL, "operator_flash_address": 0x20A}, "door.modbus.operator_flash_address"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_number_that_the_device_lacks_names_its_setting(
    flash: ModbusRig, wire: dict[str, object], named: str
) -> None:
    door = flash.another_door(**wire)
    with pytest.raises(DoorUnusable) as error:
        door.release(order(push_seconds=1.0))
    assert named in error.value.problem
    assert named in error.value.remedy
    door.close()


def test_an_operator_s_coil_that_the_device_lacks_names_its_setting(flash: ModbusRig) -> None:
    door = flash.another_door(**PLAIN, operator_coil=9)
    with pytest.raises(DoorUnusable, match=r"door\.modbus\.operator_coil"):
        door.secure()
    door.close()


def test_inputs_that_the_device_lacks_are_named(flash: ModbusRig) -> None:
    contacts = Contacts(leaf=Contact(12, "closed"))
    door = flash.another_door(**FLASH_COIL, contacts=contacts)
    with pytest.raises(DoorUnusable, match=r"inputs of door\.modbus"):
        door.status()
    door.close()


def test_a_device_that_is_busy_is_no_liar(rig: ModbusRig) -> None:
    rig.door.status()
    rig.board.fails = 1
    with pytest.raises(DoorTimeout, match="busy, or failed"):
        rig.door.release(order())
    rig.board.fails = 0
    assert rig.door.status().lock is Lock.SECURED
    assert rig.releases == 0


def test_the_operator_is_pushed_for_its_own_time(rig: ModbusRig) -> None:
    rig.door.release(order(5.0, push_seconds=0.5))
    assert rig.board.is_on(OPERATOR)
    assert eventually(lambda: not rig.board.is_on(OPERATOR))
    assert rig.unlocked
    assert rig.board.releases[OPERATOR] == 1


def test_locking_takes_the_push_back_too(rig: ModbusRig) -> None:
    rig.door.release(order(5.0, push_seconds=5.0))
    rig.door.secure()
    assert not rig.board.is_on(OPERATOR)


def test_an_operator_that_is_not_fitted_is_not_pushed(flash: ModbusRig) -> None:
    nothing = {"operator_coil": None, "operator_flash_address": None}
    door = flash.another_door(**{**FLASH_COIL, **nothing})
    door.release(order(5.0, push_seconds=5.0))
    assert flash.unlocked
    assert flash.board.releases[OPERATOR] == 0
    door.close()


def test_a_flash_is_never_longer_than_was_ordered(flash: ModbusRig) -> None:
    """A part of a unit is left out, and less than one is refused."""
    flash.door.release(order(0.79))
    assert flash.board.until[LOCK] <= time.monotonic() + 0.7
    with pytest.raises(DoorRefused, match="does not fit"):
        flash.door.release(order(0.09))
    assert flash.releases == 1


def test_a_push_that_does_not_fit_is_refused_before_the_lock_moves(flash: ModbusRig) -> None:
    with pytest.raises(DoorRefused, match="does not fit"):
        flash.door.release(order(5.0, push_seconds=0.01))
    assert flash.releases == 0


# -- inputs --------------------------------------------------------------------------------------


def test_every_contact_is_read_as_it_lies_at_rest(rig: ModbusRig) -> None:
    closed = rig.board.closed
    closed[0] = False
    assert rig.door.status().leaf is Leaf.OPEN
    closed[1] = False
    assert rig.door.status().tampered
    closed[2] = True
    assert rig.door.status().exit_asked
    closed[3] = False
    assert rig.door.status().fire
    closed[4] = False
    assert rig.door.status().neighbour_secured is False


# -- the kiosk times -----------------------------------------------------------------------------


def test_what_a_kiosk_before_this_one_left_released_is_locked(plain: ModbusRig) -> None:
    plain.door.close()
    plain.board.until[LOCK] = plain.board.until[OPERATOR] = STEADY
    door = plain.another_door(**PLAIN)
    assert eventually(lambda: not plain.unlocked and not plain.board.is_on(OPERATOR))
    door.close()


def test_a_wire_that_was_cut_over_the_end_of_a_release_is_locked_when_it_is_whole(
    plain: ModbusRig,
) -> None:
    plain.door.release(order(0.3))
    plain.break_(Fault.CUT)
    time.sleep(0.5)
    assert plain.unlocked  # a plain coil: nobody at the far end knows better
    plain.mend()
    assert eventually(lambda: not plain.unlocked)


def test_a_release_without_an_answer_is_ended_as_soon_as_the_device_is_heard(
    plain: ModbusRig,
) -> None:
    plain.door.status()
    plain.break_(Fault.LATE)
    with pytest.raises(DoorTimeout):
        plain.door.release(order(20.0))
    plain.mend()
    assert eventually(lambda: not plain.unlocked)


def test_a_timer_that_died_is_started_anew_and_still_locks(plain: ModbusRig) -> None:
    plain.door.release(order(0.3))
    plain.break_(Fault.THREAD)
    with pytest.raises(DoorTimeout, match="had stopped"):
        plain.door.status()
    assert eventually(lambda: not plain.unlocked)
    assert plain.door.release(order()) is None


def test_nothing_is_released_while_nobody_would_end_it(plain: ModbusRig) -> None:
    plain.break_(Fault.THREAD)
    with pytest.raises(DoorTimeout, match="had stopped"):
        plain.door.release(order())
    assert plain.releases == 0


# -- the line ------------------------------------------------------------------------------------


def test_a_board_that_was_restarted_is_reached_at_once(rig: ModbusRig) -> None:
    """By the first order: it must not go into the connection that is dead."""
    door = rig.another_door(PATIENCE_SECONDS)
    assert door.status().lock is Lock.SECURED
    rig.break_(Fault.KILL)
    rig.mend()
    assert door.release(order(20.0)) is None
    assert rig.unlocked
    door.close()


def test_another_unit_is_not_this_one(flash: ModbusRig) -> None:
    door = flash.another_door(**FLASH_COIL, unit=7)
    with pytest.raises(DoorTimeout) as error:
        door.release(order())
    assert "door.modbus.unit" in error.value.remedy
    assert flash.releases == 0
    door.close()


def test_a_port_where_nobody_listens_names_host_and_port(flash: ModbusRig) -> None:
    flash.break_(Fault.CUT)
    with pytest.raises(DoorTimeout, match="cannot be reached") as error:
        flash.door.status()
    assert "door.modbus.host" in error.value.remedy


def test_a_serial_port_that_is_absent_is_named(serial: ModbusSerialRig) -> None:
    door = serial.another_door(**FLASH_REGISTER, serial_port="/dev/ttyUSB-none")
    with pytest.raises(DoorTimeout, match=r"/dev/ttyUSB-none is absent") as error:
        door.status()
    assert "door.modbus.serial_port" in error.value.remedy
    door.close()


def test_a_serial_port_that_is_busy_is_named(serial: ModbusSerialRig) -> None:
    serial.door.status()
    door = serial.another_door(**FLASH_REGISTER)
    with pytest.raises(DoorTimeout, match="in use by another program") as error:
        door.status()
    assert "door.modbus.serial_port" in error.value.remedy
    door.close()


def test_a_late_answer_on_a_serial_line_is_never_taken_for_the_next(
    serial: ModbusSerialRig,
) -> None:
    serial.door.status()
    serial.break_(Fault.LATE)
    with pytest.raises(DoorTimeout):
        serial.door.status()
    serial.move_leaf(to_open=True)
    serial.mend()
    seen: list[Leaf] = []

    def heard() -> bool:
        try:
            seen.append(serial.door.status().leaf)
        except DoorTimeout:
            return False
        return True

    assert eventually(heard)
    assert seen == [Leaf.OPEN]


def test_a_serial_line_that_should_be_silent_is_told_to_lock_all_the_same(
    serial: ModbusSerialRig,
) -> None:
    serial.door.status()
    serial.break_(Fault.LATE)
    with pytest.raises(DoorTimeout):
        serial.door.release(order(20.0))
    assert serial.unlocked
    with pytest.raises(DoorTimeout, match="told to lock while"):
        serial.door.secure()
    assert eventually(lambda: not serial.unlocked)
    with pytest.raises(DoorTimeout, match="waited out"):
        serial.door.release(order())
    assert serial.releases == 1


def test_locking_is_not_kept_waiting_by_a_release_that_hangs(flash: ModbusRig) -> None:
    assert isinstance(flash, ModbusTcpRig)
    flash.door.status()
    flash.proxy.hang()
    hanging = threading.Thread(target=_refused_or_late, args=(flash.door,))
    hanging.start()
    began = time.monotonic()
    with pytest.raises(DoorTimeout):
        flash.door.secure()
    assert time.monotonic() - began < PATIENCE_SECONDS
    hanging.join()


def _refused_or_late(door: ModbusDoor) -> None:
    with pytest.raises((DoorRefused, DoorTimeout)):
        door.release(order())


def at_rest(door: ModbusDoor) -> bool:
    """Whether its timer has locked what a kiosk before this one may have left."""
    return door._timer is None or not door._timer._ends


class NoticedLock:
    """The lock of a door at rest, and says when somebody waits for it."""

    def __init__(self, lock: threading.Lock) -> None:
        self.waited_for = threading.Event()
        self._lock = lock

    def acquire(self, timeout: float = -1) -> bool:
        if self._lock.locked():
            self.waited_for.set()
        return self._lock.acquire(timeout=timeout)

    def release(self) -> None:
        self._lock.release()


def test_a_release_that_waited_for_its_turn_does_not_undo_a_later_order_to_lock(
    rig: ModbusRig,
) -> None:
    refused: list[DoorRefused] = []

    def release() -> None:
        with pytest.raises(DoorRefused, match="taken back") as error:
            rig.door.release(order())
        refused.append(error.value)

    assert eventually(lambda: at_rest(rig.door))
    turn = NoticedLock(rig.door._turn)
    turn.acquire()
    rig.door._turn = turn  # type: ignore[assignment] # stands for the lock
    waiting = threading.Thread(target=release)
    waiting.start()
    assert turn.waited_for.wait(5.0)
    rig.door._valid = object()  # what locking does before it waits for its turn too
    turn.release()
    waiting.join()
    assert len(refused) == 1
    assert rig.releases == 0


def test_a_door_that_was_closed_says_so(rig: ModbusRig) -> None:
    rig.door.close()
    for call in (lambda: rig.door.release(order()), rig.door.secure, rig.door.status):
        with pytest.raises((DoorRefused, DoorTimeout), match="is closed"):
            call()
    assert rig.releases == 0


# -- answers that are none -----------------------------------------------------------------------

ECHO_OF_A_READ = bytes([0, 0, 0, 4, 1, 1, 1, 1])


def _numbered(question: bytes, number: bytes) -> bytes:
    return number + question[2:]


WRONG: dict[str, Callable[[bytes], bytes]] = {
    "silence": lambda _question: b"",
    "another question's number": lambda question: _numbered(question, b"\xff\xff"),
    "no number": lambda question: _numbered(question, b"\0\0"),
    "another value": lambda question: question[:-1] + bytes([question[-1] ^ 1]),
    "another address": lambda question: question[:9] + b"\x01" + question[10:],
    "another function": lambda question: question[:2] + ECHO_OF_A_READ,
    "half an answer": lambda question: question[:9],
    "another protocol": lambda question: question[:2] + b"\x01\x01" + question[4:],
    "garbage": lambda _question: bytes(range(256)) * 8,
    "an empty message": lambda question: question[:4] + b"\x00\x01" + question[6:7],
    "a refusal of another question": lambda question: (
        question[:4] + b"\x00\x03" + question[6:7] + b"\x81\x02"
    ),
    "a refusal without a code": lambda question: (
        question[:4] + b"\x00\x02" + question[6:7] + bytes([question[7] | 0x80])
    ),
}


@pytest.mark.parametrize("answer", WRONG.values(), ids=WRONG)
def test_an_answer_that_does_not_fit_is_none(answer: Callable[[bytes], bytes]) -> None:
    peer = ScriptedModbus(answer)
    wire = ModbusConfig(
        mode="flash-coil", coil=0, flash_address=0x200, host="127.0.0.1", port=peer.port
    )
    door = ModbusDoor(wire, RULES, SystemClock(), 0.2)
    with pytest.raises(DoorTimeout):
        door.release(order())
    assert eventually(lambda: bool(peer.questions))  # the peer may hear it later than that
    assert len(peer.questions) == 1  # and nothing was said twice
    door.close()
    peer.close()


def test_a_gateway_that_answers_under_another_unit_is_named() -> None:
    """At once: its number says that it is the answer, so it is no late one of somebody else."""
    peer = ScriptedModbus(lambda question: question[:6] + b"\x07" + question[7:])
    wire = ModbusConfig(
        mode="flash-coil", coil=0, flash_address=0x200, host="127.0.0.1", port=peer.port
    )
    door = ModbusDoor(wire, RULES, SystemClock(), 10.0)
    try:
        with pytest.raises(DoorUnusable, match="answers as unit 7") as raised:
            door.release(order())
        assert "door.modbus.unit" in raised.value.remedy
        assert len(peer.questions) == 1
    finally:
        peer.answer = lambda question: question
        door.close()
        peer.close()


def test_a_device_of_another_unit_on_a_serial_line_is_named_once_the_time_is_over() -> None:
    """There answers have no number: it may have been a late one, and the right one may come."""
    ours, theirs = os.openpty()
    tty.setraw(ours)
    tty.setraw(theirs)
    framer = FramerRTU(DecodePDU(is_server=True))

    def answer() -> None:
        with contextlib.suppress(OSError):
            while question := os.read(ours, 256):
                del question
                said = ReadCoilsResponse(bits=[False] * 8, dev_id=9)
                os.write(ours, framer.buildFrame(said))

    threading.Thread(target=answer, daemon=True).start()
    wire = ModbusConfig(
        mode="flash-coil", coil=0, flash_address=0x200, serial_port=os.ttyname(theirs), unit=1
    )
    door = ModbusDoor(wire, RULES, SystemClock(), 1.0)
    try:
        with pytest.raises(DoorUnusable, match="answers as unit 9"):
            door.status()
    finally:
        door.close()
        os.close(theirs)
        os.close(ours)


def test_a_read_of_another_length_is_no_answer() -> None:
    def answer(question: bytes) -> bytes:
        if question[7] == 5:
            return question
        return question[:4] + b"\x00\x05" + question[6:8] + b"\x02\xff\xff"

    peer = ScriptedModbus(answer)
    wire = ModbusConfig(
        mode="flash-coil", coil=0, flash_address=0x200, host="127.0.0.1", port=peer.port
    )
    door = ModbusDoor(wire, RULES, SystemClock(), 0.2)
    with pytest.raises(DoorTimeout):
        door.release(order())
    door.close()
    peer.close()


def test_hanging_up_takes_back_what_was_not_delivered() -> None:
    """Else the system would deliver a release when the cable is back, minutes later."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = TcpLine("127.0.0.1", server.getsockname()[1])
        line.open(time.monotonic() + 5.0)
        peer, _ = server.accept()
        line.close()
        with peer, pytest.raises(ConnectionResetError):
            peer.recv(1)


# -- settings that do not fit --------------------------------------------------------------------


def test_a_release_that_the_device_s_timer_cannot_hold_stops_the_start() -> None:
    wire = ModbusConfig(
        mode="flash-coil", coil=0, flash_address=0x200, host="127.0.0.1", unit_ms=10
    )
    with pytest.raises(SettingsError) as error:
        ModbusDoor(wire, DoorRules(1.0, 400.0), SystemClock(), 1.0)
    assert "door.modbus.unit_ms" in error.value.remedy


def test_a_flash_without_an_address_stops_the_start() -> None:
    wire = ModbusConfig(mode="flash-coil", coil=0, host="127.0.0.1")
    with pytest.raises(SettingsError) as error:
        ModbusDoor(wire, RULES, SystemClock(), 1.0)
    assert "door.modbus.flash_address" in error.value.remedy
