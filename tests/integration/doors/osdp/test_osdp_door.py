"""The kiosk as OSDP controller: what the settings get wrong, and what the line does to an order."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from child_process import run
from door_rig import RULES, Fault, eventually, hears, order
from osdp_device import BEEPS, COLOUR, PUSHES
from rig_osdp import ANSWER_SECONDS, EXIT, FIRE, LEAF, NEIGHBOUR, TAMPER, OsdpRig

from hardware.door.contacts import Contact, Contacts
from hardware.door.osdp.config import OsdpConfig
from hardware.door.osdp.controller import OsdpDoor
from hardware.door.osdp.frames import Frames, OsdpFrame, Way
from hardware.door.osdp.key import PUBLIC_KEY
from kiosk.domain.door.protocol import Leaf, Lock
from kiosk.domain.errors import DoorRefused, DoorTimeout, DoorUnusable, SettingsError
from kiosk.pipeline.clock import SystemClock

pytestmark = pytest.mark.usefixtures("real_time")

GREEN, RED = 2, 1
CHALLENGE = 0x76
ALL = Contacts(
    leaf=Contact(LEAF, "closed"),
    exit_button=Contact(EXIT, "open"),
    tamper=Contact(TAMPER, "open"),
    fire=Contact(FIRE, "open"),
    neighbour=Contact(NEIGHBOUR, "open"),
)

Make = Callable[..., OsdpRig]


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[OsdpRig] = []

    def rig(**changes: object) -> OsdpRig:
        made.append(OsdpRig(**changes))
        return made[-1]

    yield rig
    for each in made:
        each.close()


def of(wire: OsdpConfig) -> OsdpDoor:
    return OsdpDoor(wire, RULES, SystemClock(), ANSWER_SECONDS)


# -- bad input -----------------------------------------------------------------------------------


def test_a_port_that_is_absent_is_named(make: Make) -> None:
    assert hears(make(port="/dev/nowhere"), DoorTimeout, "/dev/nowhere", "door.osdp.port")


def test_a_port_that_is_busy_is_named(make: Make) -> None:
    rig = make()
    second = of(rig.wire)
    with pytest.raises(DoorTimeout, match=r"another program may hold it.*door\.osdp\.port"):
        assert eventually(lambda: second.status() is None)
    second.close()
    assert rig.answers()


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ("00" * 15, "holds 30 hex digits instead of 32"),
        ("00" * 17, "holds 34 hex digits instead of 32"),
        ("zz" * 16, "something else than hex digits"),
        ("\xe9" * 32, "something else than hex digits"),
        (PUBLIC_KEY.hex(), "SCBK-D"),
        (PUBLIC_KEY.hex().upper(), "SCBK-D"),
        ("", "too short"),
    ],
)
def test_a_key_that_is_none_is_refused_at_the_start(tmp_path: Path, held: str, said: str) -> None:
    file = tmp_path / "key"
    file.touch(0o600)
    file.write_text(held, encoding="latin-1")
    with pytest.raises(SettingsError, match=said) as refused:
        of(OsdpConfig(port="/dev/nowhere", key_file=file))
    assert "door.osdp.key_file" in str(refused.value)
    assert not held or held not in str(refused.value)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("5a" * 16)
    file.chmod(0o644)
    with pytest.raises(SettingsError, match="can be used by others"):
        of(OsdpConfig(port="/dev/nowhere", key_file=file))


def test_no_key_is_refused_unless_it_is_asked_for() -> None:
    with pytest.raises(SettingsError, match=r"door\.osdp\.key_file is not set"):
        of(OsdpConfig(port="/dev/nowhere"))


def test_an_output_that_the_device_lacks_is_named(make: Make) -> None:
    rig = make(output=2)
    assert hears(rig, DoorUnusable, "has 2 outputs", "door.osdp.output names number 2")
    with pytest.raises(DoorUnusable):
        rig.door.release(order())


def test_an_operator_output_that_the_device_lacks_is_named(make: Make) -> None:
    assert hears(make(operator_output=5), DoorUnusable, "door.osdp.operator_output")


def test_an_input_that_the_device_lacks_is_named(make: Make) -> None:
    contacts = Contacts(leaf=Contact(8, "closed"))
    assert hears(make(contacts=contacts), DoorUnusable, "has 8 inputs", "door.osdp.leaf")


def test_another_key_is_told_apart_from_silence(make: Make) -> None:
    rig = make()
    rig.break_(Fault.WRONG_KEY)
    assert hears(rig, DoorUnusable, "does not take the key", "door.osdp.key_file")
    with pytest.raises(DoorUnusable):
        rig.door.release(order())
    assert rig.releases == 0
    rig.device.kill()
    assert hears(rig, DoorTimeout, "does not answer", "door.osdp.port")


def test_a_release_longer_than_the_devices_timer_is_refused(make: Make) -> None:
    """The library would cut its 16 bits to 8: 25.6 s would become none at all."""
    rig = make()
    with pytest.raises(DoorRefused, match=r"times 25\.5 s at most"):
        rig.door.release(order(25.6))
    with pytest.raises(DoorRefused, match=r"times 25\.5 s at most"):
        rig.door.release(order(5.0, push_seconds=25.6))
    assert rig.releases == 0
    rig.door.release(order(25.5))
    assert rig.unlocked


# -- what the device can do ----------------------------------------------------------------------


def test_every_input_has_its_meaning(make: Make) -> None:
    rig = make(contacts=ALL)
    assert eventually(rig.answers)
    for number in (LEAF, EXIT, TAMPER, FIRE, NEIGHBOUR):
        rig.page.set_contact(number, active=number != LEAF)
    assert eventually(lambda: rig.door.status().fire)
    reading = rig.door.status()
    assert reading.leaf is Leaf.OPEN
    assert (reading.exit_asked, reading.tampered, reading.neighbour_secured) == (True, True, False)
    for number in (LEAF, EXIT, TAMPER, FIRE, NEIGHBOUR):
        rig.page.set_contact(number, active=number == LEAF)
    assert eventually(lambda: not rig.door.status().fire)
    assert eventually(lambda: rig.door.status().neighbour_secured is True)


def test_a_button_pressed_for_a_moment_between_two_questions_is_seen(make: Make) -> None:
    """The device reports it by itself; nobody asks at that moment."""
    rig = make()
    rig.door.status()
    rig.page.set_contact(EXIT, active=True)
    assert eventually(lambda: len(rig.door._pushed) == 1)
    rig.page.set_contact(EXIT, active=False)
    assert eventually(lambda: len(rig.door._pushed) == 2)
    assert rig.door.status().exit_asked
    assert not rig.door.status().exit_asked


def test_an_opened_housing_is_seen_where_it_is_watched(make: Make) -> None:
    watched = make()
    watched.page.open_housing(to_open=True)
    assert watched.door.status().tampered
    unwatched = make(housing=False)
    unwatched.page.open_housing(to_open=True)
    assert eventually(unwatched.answers)
    assert not unwatched.door.status().tampered


def test_the_operator_is_pulsed_with_the_release_and_ended_with_it(make: Make) -> None:
    rig = make(operator_output=1)
    assert eventually(rig.answers)
    rig.door.release(order(20.0, push_seconds=10.0))
    assert rig.page.counter(PUSHES) == 1
    assert rig.page.on(1)
    rig.door.secure()
    assert not rig.page.on(1)
    rig.door.release(order(5.0))
    assert rig.page.counter(PUSHES) == 1


def test_a_push_is_ignored_where_there_is_no_operator(make: Make) -> None:
    rig = make()
    rig.door.release(order(5.0, push_seconds=1.0))
    assert rig.unlocked
    assert rig.page.counter(PUSHES) == 0


def test_the_reader_is_green_and_beeps_while_released_and_red_after(make: Make) -> None:
    rig = make(led=0, buzzer=True)
    assert eventually(rig.answers)
    rig.door.release(order(20.0))
    assert eventually(lambda: rig.page.counter(COLOUR) == GREEN)
    assert eventually(lambda: rig.page.counter(BEEPS) == 1)
    rig.door.secure()
    assert eventually(lambda: rig.page.counter(COLOUR) == RED)
    assert rig.page.counter(BEEPS) == 1


def test_a_light_that_the_device_lacks_does_not_disturb_the_door(make: Make) -> None:
    rig = make(led=3)
    assert eventually(rig.answers)
    rig.door.release(order(20.0))
    rig.door.secure()
    rig.door.release(order(20.0))
    assert rig.door.status().lock is Lock.RELEASED


def test_without_a_secure_channel_where_that_was_asked_for(make: Make) -> None:
    rig = make(key_file=None, allow_insecure=True)
    rig.device.kill()
    rig.device.start(rig.tap.plug(), key=None)
    assert eventually(rig.answers)
    rig.door.release(order())
    assert rig.unlocked


# -- what a line does to an order ----------------------------------------------------------------


def test_a_release_into_a_cut_line_is_never_sent_later(make: Make) -> None:
    rig = make()
    rig.break_(Fault.CUT)
    for _ in range(3):
        with pytest.raises(DoorTimeout):
            rig.door.release(order())
    rig.mend()
    assert eventually(rig.answers)
    assert not eventually(lambda: rig.releases > 0, within=1.5)


def test_a_release_whose_acknowledgement_is_late_is_not_sent_again(make: Make) -> None:
    """The library would send it again a second later, when the line is whole once more."""
    rig = make()
    rig.break_(Fault.LATE)
    with pytest.raises(DoorTimeout):
        rig.door.release(order())
    rig.mend()
    assert eventually(rig.answers)
    assert not eventually(lambda: rig.releases > 1, within=1.5)


def test_the_line_itself_refuses_to_say_an_order_twice(make: Make) -> None:
    """Whatever made the driver late: nothing but the line stands between the library and us."""
    rig = make()
    line = rig.door._line
    rig.door.close()
    line.open()
    command = bytes.fromhex("ff53010e0006") + bytes(9)
    assert line.write(command) == len(command)
    assert line.write(command) == len(command)
    line.strict = True
    assert line.write(command) == -1
    line.let_go()


def test_what_the_kiosk_said_before_moves_nothing_when_it_is_said_again(make: Make) -> None:
    rig = make()
    rig.door.release(order(0.3))
    assert eventually(lambda: not rig.unlocked)
    for _ in range(3):
        rig.break_(Fault.REPLAY)
        assert eventually(rig.answers)
    assert rig.releases == 1


def test_a_forged_acknowledgement_is_not_believed(make: Make) -> None:
    """It claims to belong to a handshake, so the library itself would ask for no signature."""
    rig = make()
    rig.break_(Fault.CUT)
    answers = threading.Thread(target=_forge_acknowledgements, args=(rig,))
    answers.start()
    with pytest.raises(DoorTimeout):
        rig.door.release(order())
    rig.tap.mend()
    answers.join()
    assert rig.releases == 0


def _forge_acknowledgements(rig: OsdpRig) -> None:
    end = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < end:
        for sequence in (1, 2, 3):
            rig.tap.say(forged(sequence), to_kiosk=True)
        time.sleep(0.005)


def forged(sequence: int) -> bytes:
    """An acknowledgement in a frame of a handshake; its check fits."""
    data = bytes([0x53, 0x81, 0x0A, 0, 0x08 | sequence, 3, 0x12, 1, 0x40])
    return data + bytes([-sum(data) & 0xFF])


def test_a_forged_frame_is_whole_and_only_its_lie_keeps_it_out() -> None:
    honest = bytearray(forged(1)[:-1])
    honest[-1] = CHALLENGE
    honest += bytes([-sum(honest) & 0xFF])
    assert Frames(1, Way.REPLIES).feed(bytes(honest)) == [OsdpFrame(bytes(honest))]
    assert Frames(1, Way.REPLIES).feed(forged(1)) == []


def test_who_secures_does_not_wait_behind_a_release(make: Make) -> None:
    """A release that nobody has begun is given up for it."""
    rig = make()
    rig.break_(Fault.KILL)
    assert hears(rig, DoorTimeout)
    ended: list[str] = []

    def release() -> None:
        with pytest.raises(DoorRefused) as refused:
            rig.door.release(order())
        ended.append(refused.value.problem)

    waiting = threading.Thread(target=release)
    waiting.start()
    assert eventually(lambda: len(rig.door._worker._jobs) == 1)
    with pytest.raises(DoorTimeout):
        rig.door.secure()
    waiting.join()
    assert "the door was secured" in ended[0]


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.KILL, Fault.WRONG_KEY])
def test_the_door_answers_again_by_itself(make: Make, fault: Fault) -> None:
    rig = make()
    rig.break_(fault)
    assert hears(rig, DoorUnusable if fault is Fault.WRONG_KEY else DoorTimeout)
    rig.mend()
    assert eventually(rig.answers)
    rig.door.release(order())
    assert rig.releases == 1


def test_a_thread_that_died_is_started_anew(make: Make) -> None:
    rig = make()
    rig.break_(Fault.THREAD)
    assert eventually(rig.answers)
    rig.door.release(order())
    assert rig.releases == 1


def test_a_door_that_was_closed_says_so(make: Make) -> None:
    rig = make()
    rig.door.close()
    for ask in (rig.door.status, rig.door.secure, lambda: rig.door.release(order())):
        with pytest.raises(DoorTimeout, match="is closed"):
            ask()


# -- the library -------------------------------------------------------------------------------


def test_a_challenge_cannot_be_foreseen(make: Make) -> None:
    """Though C's chance begins anew at the same place, as it does in every new process."""
    rig, libc, said = make(), ctypes.CDLL(None), set()
    for _ in range(4):
        libc.srand(1)
        rig.break_(Fault.KILL)
        assert hears(rig, DoorTimeout)
        rig.mend()
        assert eventually(rig.answers)
        frames = Frames(1, Way.COMMANDS).feed(rig.tap.said)
        said |= {frame.bytes[9:17] for frame in frames if frame.code == CHALLENGE}
    assert len(said) >= 5
    assert len({challenge[:2] for challenge in said}) > 1


def test_c_begins_at_the_same_place_in_every_process_unless_it_is_stirred() -> None:
    draw = "import ctypes; print([ctypes.CDLL(None).rand() for _ in range(8)])"
    stirred = "from hardware.door.osdp.challenges import stir; stir(); " + draw
    assert run(draw) == run(draw)
    assert run(stirred) != run(stirred)


def test_asking_a_hundred_times_leaves_nothing_behind(make: Make) -> None:
    """The library keeps every report for ever; asked five times a second that is gigabytes."""
    rig = make()

    def ask(times: int) -> None:
        for _ in range(times):
            assert eventually(lambda: _answers(rig))

    ask(50)
    before = _blocks()
    ask(300)
    assert _blocks() - before < 300


def _answers(rig: OsdpRig) -> bool:
    try:
        rig.door.status()
    except DoorTimeout:  # a busy machine
        return False
    return True


def _blocks() -> int:
    """What Python holds, without what it only keeps at hand for the next object."""
    gc.collect()
    return sys.getallocatedblocks()


def test_the_wire_shows_no_key(make: Make) -> None:
    rig = make()
    assert rig.key.hex() not in repr(rig.wire)
    assert rig.key.hex() not in repr(vars(rig.door))
    assert replace(rig.wire, key_file=None).key_file is None
