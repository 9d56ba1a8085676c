"""What is special about GPIO: lines that are absent, held or shorted, and who keeps the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from door_rig import RULES, Fault, eventually, order
from fake_gpio import plug_in
from gpiozero import Device
from rig_gpio import ANSWER_SECONDS, NAMES, GpioPiRig, GpioRig

from hardware.door.gpio.chip import GpioDoor
from hardware.door.gpio.config import GpioConfig
from hardware.door.gpio.pi import GpioPiDoor
from hardware.door.relay_door import RelayDoor
from hardware.door.relay_timer import KioskTimer
from kiosk.domain.door.protocol import DoorReading, Leaf, Lock
from kiosk.domain.errors import DoorTimeout, DoorUnusable, SettingsError
from kiosk.pipeline.clock import SystemClock


@pytest.fixture
def rig() -> Iterator[GpioRig]:
    made = GpioRig()
    yield made
    made.close()


@pytest.fixture
def header() -> Iterator[GpioPiRig]:
    made = GpioPiRig()
    yield made
    made.close()


def another(rig: GpioRig, **wire: object) -> GpioDoor:
    """A driver of the same chip, once the first has let it go."""
    rig.door.close()
    return GpioDoor(replace(rig.wire, **wire), RULES, SystemClock(), ANSWER_SECONDS)  # type: ignore[arg-type] # by name


def refusal(door: RelayDoor) -> DoorTimeout | DoorUnusable:
    with pytest.raises((DoorTimeout, DoorUnusable)) as error:
        door.release(order())
    door.close()
    return error.value


# -- lines ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["nowhere", 8, "relay "])
def test_a_line_that_the_chip_lacks_is_named(rig: GpioRig, line: str | int) -> None:
    error = refusal(another(rig, line=line))
    assert isinstance(error, DoorUnusable)
    assert str(line) in error.problem
    assert "door.gpio" in error.remedy


def test_one_line_under_two_names_is_refused(rig: GpioRig) -> None:
    error = refusal(another(rig, operator_line=0))
    assert isinstance(error, DoorUnusable)
    assert "named twice" in error.problem


def test_a_line_that_is_held_by_another_program_is_named(rig: GpioRig) -> None:
    rig.door.close()
    rig.chip.holders[2] = "somebody"
    door = GpioDoor(rig.wire, RULES, SystemClock(), ANSWER_SECONDS)
    with pytest.raises(DoorTimeout, match="held by another program") as error:
        door.release(order())
    assert "gpioinfo" in error.value.remedy
    rig.chip.holders.clear()
    assert door.release(order()) is None
    door.close()


@pytest.mark.parametrize("path", ["/dev/gpiochip-absent", "/dev/null"])
def test_a_chip_that_is_absent_is_named(path: str) -> None:
    """By the real libgpiod."""
    error = refusal(GpioDoor(GpioConfig(line=0, chip=path), RULES, SystemClock(), ANSWER_SECONDS))
    assert isinstance(error, DoorTimeout)
    assert path in error.problem
    assert "door.gpio.chip" in error.remedy


def test_a_line_by_its_number(rig: GpioRig) -> None:
    door = another(rig, line=0, operator_line=1)
    door.release(order())
    assert rig.unlocked
    door.close()
    assert not rig.unlocked


@pytest.mark.parametrize("active_low", [True, False])
def test_the_level_that_releases_is_the_one_that_is_set(*, active_low: bool) -> None:
    chip = plug_in("/dev/gpiochip-level", NAMES)
    wire = GpioConfig(line="relay", chip="/dev/gpiochip-level", active_low=active_low)
    door = GpioDoor(wire, RULES, SystemClock(), ANSWER_SECONDS)
    door.status()
    assert chip.levels[0] is active_low
    door.release(order())
    assert chip.levels[0] is not active_low
    door.close()
    assert chip.levels[0] is active_low


def test_a_line_that_is_shorted_is_a_liar(rig: GpioRig) -> None:
    rig.door.status()
    rig.chip.shorted.add(0)
    with pytest.raises(DoorUnusable, match="still reads off") as error:
        rig.door.release(order())
    assert "door.gpio.line" in error.value.remedy


def test_a_line_that_sticks_released_is_a_liar(rig: GpioRig) -> None:
    rig.door.release(order())
    rig.chip.shorted.add(0)
    with pytest.raises(DoorUnusable, match="still reads on"):
        rig.door.secure()
    assert rig.door.status().lock is Lock.RELEASED


def test_every_contact_is_read_as_it_lies_at_rest(rig: GpioRig) -> None:
    seen: list[DoorReading] = []
    for offset in (2, 3, 4, 5, 6):
        rig.chip.levels[offset] = not rig.chip.levels[offset]
        seen.append(rig.door.status())
    assert [reading.leaf for reading in seen] == [Leaf.OPEN] * 5
    assert [reading.tampered for reading in seen] == [False, *[True] * 4]
    assert [reading.exit_asked for reading in seen] == [False, False, *[True] * 3]
    assert [reading.fire for reading in seen] == [False, False, False, True, True]
    assert [reading.neighbour_secured for reading in seen] == [*[True] * 4, False]


def test_a_contact_that_closes_to_the_supply(rig: GpioRig) -> None:
    door = another(rig, closed_is="high", bias="pull-down")
    rig.chip.levels[2] = True
    assert door.status().leaf is Leaf.CLOSED
    rig.chip.levels[2] = False
    assert door.status().leaf is Leaf.OPEN
    door.close()


def test_the_operator_is_pushed_for_its_own_time(rig: GpioRig) -> None:
    rig.door.release(order(5.0, push_seconds=0.3))
    assert not rig.chip.levels[1]
    assert eventually(lambda: rig.chip.levels[1])
    assert rig.unlocked


# -- time ----------------------------------------------------------------------------------------


def test_a_start_locks_without_being_asked() -> None:
    """Whatever a kiosk that was killed left on the line."""
    chip = plug_in("/dev/gpiochip-start", NAMES)
    chip.levels[0] = True
    wire = GpioConfig(line="relay", chip="/dev/gpiochip-start")
    door = GpioDoor(wire, RULES, SystemClock(), ANSWER_SECONDS)
    assert eventually(lambda: not chip.levels[0])
    door.close()


def test_a_chip_that_was_unplugged_over_the_end_of_a_release_comes_back_locked(
    rig: GpioRig,
) -> None:
    rig.door.release(order(0.3))
    rig.break_(Fault.CUT)
    with pytest.raises(DoorTimeout, match=r"does not respond any more|absent"):
        rig.door.status()
    time.sleep(0.4)
    rig.mend()
    assert eventually(lambda: 0 in rig.chip.holders)
    assert not rig.unlocked
    assert rig.door.status().lock is Lock.SECURED
    assert rig.releases == 1


def test_a_timer_that_died_is_started_anew_and_still_locks(rig: GpioRig) -> None:
    rig.door.release(order(0.3))
    rig.break_(Fault.THREAD)
    with pytest.raises(DoorTimeout, match="had stopped"):
        rig.door.status()
    assert eventually(lambda: not rig.unlocked)


# -- a Raspberry Pi's header ---------------------------------------------------------------------


def pi(header: GpioPiRig, **wire: object) -> GpioPiDoor:
    header.door.close()
    return GpioPiDoor(replace(header.wire, **wire), RULES, SystemClock(), ANSWER_SECONDS)  # type: ignore[arg-type] # by name


def test_pins_go_by_any_name_of_the_header_s(header: GpioPiRig) -> None:
    door = pi(header, line="BOARD11", operator_line="GPIO27")
    door.release(order(push_seconds=5.0))
    assert header.unlocked
    assert header.factory.pin(27).state
    door.close()
    assert not header.unlocked


@pytest.mark.parametrize("line", ["BOARD1", "nowhere", 99])
def test_a_pin_that_the_header_lacks_is_named(header: GpioPiRig, line: str | int) -> None:
    error = refusal(pi(header, line=line))
    assert isinstance(error, DoorUnusable)
    assert str(line) in error.problem


def test_one_pin_under_two_names_is_refused(header: GpioPiRig) -> None:
    error = refusal(pi(header, operator_line="GPIO17"))
    assert isinstance(error, DoorUnusable)
    assert "named twice" in error.problem


def test_every_pin_is_let_go_where_one_is_refused(header: GpioPiRig) -> None:
    refusal(pi(header, line="nowhere"))
    door = pi(header)
    assert door.release(order()) is None
    door.close()


def test_every_contact_of_the_header_is_read_as_it_lies_at_rest(header: GpioPiRig) -> None:
    reading = header.door.status()
    assert (reading.leaf, reading.tampered, reading.exit_asked) == (Leaf.CLOSED, False, False)
    assert (reading.fire, reading.neighbour_secured) == (False, True)
    for number in (5, 6, 19, 26):
        header.factory.pin(number).drive_high()
    header.factory.pin(13).drive_low()
    reading = header.door.status()
    assert (reading.leaf, reading.tampered, reading.exit_asked) == (Leaf.OPEN, True, True)
    assert (reading.fire, reading.neighbour_secured) == (True, False)


@pytest.mark.parametrize("closed_is", ["low", "high"])
def test_a_pin_without_a_resistor_says_which_level_is_closed(
    header: GpioPiRig, closed_is: str
) -> None:
    door = pi(header, bias="disabled", closed_is=closed_is)
    door.status()
    header.factory.pin(5).drive_high()
    assert door.status().leaf is (Leaf.CLOSED if closed_is == "high" else Leaf.OPEN)
    door.close()


def test_an_active_low_relay_rests_high(header: GpioPiRig) -> None:
    door = pi(header, active_low=True)
    door.status()
    assert header.factory.pin(17).state
    door.release(order())
    assert not header.factory.pin(17).state
    door.close()


def test_a_drive_that_gpiozero_cannot_set_stops_the_start(header: GpioPiRig) -> None:
    with pytest.raises(SettingsError) as error:
        pi(header, drive="open-drain")
    assert "door.gpio" in error.value.remedy


def test_a_library_that_fails_over_the_end_of_a_release_is_a_lost_door_that_locks(
    header: GpioPiRig,
) -> None:
    """Nothing that a library raises ends what locks the door."""
    header.door.release(order(0.3))
    pin, thread = header.factory.pin(17), header.door._timer._thread  # type: ignore[union-attr] # has one
    pin.fails = True
    with pytest.raises(DoorTimeout, match="cannot be used"):
        header.door.secure()
    pin.fails = False
    assert eventually(lambda: not header.unlocked)
    assert header.door.status().lock is Lock.SECURED
    assert thread.is_alive()


def test_whatever_the_end_of_a_release_raises_it_is_tried_again() -> None:
    tries: list[int] = []

    def end(output: int) -> None:
        tries.append(output)
        if len(tries) == 1:
            raise RuntimeError("anything")
        timer.done(output)

    timer = KioskTimer(end, SystemClock(), (0,))
    timer.start()
    assert eventually(lambda: len(tries) == 2)
    timer.close(1.0)
    assert tries == [0, 0]


@pytest.mark.filterwarnings("ignore:Falling back")
def test_a_machine_that_is_no_raspberry_pi_is_told_so(
    header: GpioPiRig, make_no_pi: Callable[[], None]
) -> None:
    header.door.close()
    make_no_pi()
    error = refusal(GpioPiDoor(header.wire, RULES, SystemClock(), ANSWER_SECONDS))
    assert isinstance(error, DoorTimeout)
    assert "no Raspberry Pi" in error.problem


@pytest.fixture
def make_no_pi(header: GpioPiRig) -> Callable[[], None]:
    """Have gpiozero look for real pins, of which there are none."""
    assert Device.pin_factory is header.factory

    def forget() -> None:
        Device.pin_factory = None

    return forget
