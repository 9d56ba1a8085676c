"""The kiosk as an OSDP reader: what it says of a person, and what it takes for the panel's yes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from door_rig import PATIENCE_SECONDS, RULES, eventually
from osdp import Command, CommandLEDColor
from osdp_device import ACTED, CARD_BITS
from osdp_panel_peer import Answer, light, switch
from rig_osdp_pd import SOON, Make, PanelRig, grant, rigs, tries_until_granted

from hardware.door.osdp.peripheral_config import OsdpPdConfig, card
from hardware.door.osdp.reader import denies, permits
from hardware.door.osdp.worker import LineJob
from kiosk.domain.access.states import Reason
from kiosk.domain.door.protocol import Lock
from kiosk.domain.errors import DoorError, DoorRefused, DoorTimeout

pytestmark = pytest.mark.usefixtures("real_time")


@pytest.fixture
def make() -> Iterator[Make]:
    yield from rigs()


# -- the panel's answer ----------------------------------------------------------------------------


def test_the_panel_says_yes(make: Make) -> None:
    rig = make()
    rig.will(Answer.GREEN)
    assert rig.door.status().lock is Lock.SECURED
    assert rig.door.release(grant()) is None
    assert rig.cards == 1
    assert rig.door.status().lock is Lock.RELEASED
    assert eventually(lambda: rig.door.status().lock is Lock.SECURED)


def test_the_panel_says_no(make: Make) -> None:
    rig = make()
    rig.will(Answer.RED)
    assert rig.door.release(grant()) is Reason.PANEL_DENIED
    assert rig.cards == 1
    assert rig.door.status().lock is Lock.SECURED


@pytest.mark.parametrize(
    "answer",
    [
        Answer.NOTHING,
        Answer.OTHER_GREEN,
        Answer.AMBER,
        Answer.OUTPUT_OFF,
        Answer.LATE_GREEN,
        Answer.QUENCHED_GREEN,
    ],
)
def test_whatever_is_not_the_agreed_yes_is_none(make: Make, answer: Answer) -> None:
    rig = make(panel_seconds=SOON, led=0)
    rig.will(answer)

    def asked() -> bool:
        """A number that the panel did not fetch in time is none, and taken back."""
        assert rig.door.release(grant()) is Reason.PANEL_SILENT
        return rig.cards == 1

    assert eventually(asked)


def test_a_yes_that_came_too_late_does_not_answer_the_next_person(make: Make) -> None:
    rig = make(panel_seconds=SOON)
    rig.will(Answer.LATE_GREEN)
    assert rig.door.release(grant(1)) is Reason.PANEL_SILENT
    acted = rig.page.counter(ACTED)
    assert eventually(lambda: rig.page.counter(ACTED) > acted)
    assert rig.door.status().lock is Lock.SECURED
    rig.will(Answer.NOTHING)
    assert rig.door.release(grant(2)) is Reason.PANEL_SILENT


def test_a_panel_that_answers_by_an_output(make: Make) -> None:
    rig = make(panel_seconds=SOON, granted_by="output")
    rig.will(Answer.GREEN)
    assert rig.door.release(grant()) is Reason.PANEL_SILENT
    rig.will(Answer.OUTPUT)
    assert tries_until_granted(rig)
    rig.will(Answer.OUTPUT_OFF)
    assert rig.door.release(grant()) is Reason.PANEL_SILENT
    rig.will(Answer.RED)
    assert rig.door.release(grant()) is Reason.PANEL_DENIED


def test_red_says_nothing_where_the_settings_say_so(make: Make) -> None:
    rig = make(panel_seconds=SOON, denied_by="nothing")
    rig.will(Answer.RED)
    assert rig.door.release(grant()) is Reason.PANEL_SILENT


GREEN, RED, AMBER = CommandLEDColor.Green, CommandLEDColor.Red, CommandLEDColor.Amber
WIRE = OsdpPdConfig(port="/dev/x")
FOR_GOOD = {"temporary": False, "control_code": 1}


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        ({}, 0.5),
        (FOR_GOOD, float("inf")),
        (FOR_GOOD | {"control_code": 0}, None),
        ({"control_code": 0}, None),
        ({"control_code": 1}, 0.0),
        ({"on_count": 0, "off_count": 1}, 0.0),
        ({"on_color": AMBER}, 0.0),
        ({"on_color": RED}, 0.0),
        ({"timer_count": 0}, 0.0),
        ({"led_number": 1}, None),
        ({"reader": 1}, None),
    ],
)
def test_which_light_is_a_yes_and_for_how_long(
    changes: dict[str, Any], seconds: float | None
) -> None:
    assert permits(WIRE, light(GREEN) | changes) == seconds
    assert denies(WIRE, light(GREEN) | changes) is (
        "on_color" in changes and RED in changes.values()
    )


@pytest.mark.parametrize(
    ("code", "seconds"), [(0, None), (1, 0.0), (2, float("inf")), (3, 0.0), (5, 0.5), (6, 0.0)]
)
def test_which_output_is_a_yes_and_for_how_long(code: int, seconds: float | None) -> None:
    wire = replace(WIRE, granted_by="output")
    assert permits(wire, switch(code)) == seconds
    assert permits(wire, switch(code) | {"output_no": 1}) is None
    assert permits(wire, light(GREEN)) is None
    assert permits(WIRE, switch(code)) is None
    assert not denies(wire, switch(code))


def test_a_light_that_is_left_as_it_is_says_no_to_nobody() -> None:
    red = light(RED)
    assert denies(WIRE, red)
    assert not denies(WIRE, red | {"control_code": 0})
    assert not denies(WIRE, red | {"control_code": 1})
    assert not denies(WIRE, {"command": Command.Buzzer})


# -- what is sent ----------------------------------------------------------------------------------


def test_the_panel_gets_the_number_and_nothing_else(make: Make) -> None:
    rig = make()
    rig.will(Answer.GREEN)
    rig.door.release(grant(12345))
    assert rig.page.counter(CARD_BITS) == 26
    bits = int.from_bytes(rig.page.card[:4], "big") >> 6
    assert (bits >> 17 & 0xFF, bits >> 1 & 0xFFFF) == (7, 12345)


@pytest.mark.parametrize(
    ("form", "number", "bits", "data"),
    [
        ("wiegand-26", 0, 26, "83800040"),
        ("wiegand-26", 1, 26, "83800080"),
        ("wiegand-26", 0xFFFF, 26, "83ffffc0"),
        ("raw-32", 0x01020304, 32, "01020304"),
        ("raw-64", 1, 64, "0000000000000001"),
    ],
)
def test_how_a_number_is_put_on_the_wire(form: str, number: int, bits: int, data: str) -> None:
    wire = replace(OsdpPdConfig(port="/dev/x", facility_code=7), card_format=form)  # type: ignore[arg-type]
    shown = card(wire, number)
    assert shown is not None
    assert (shown.bits, shown.data.hex()) == (bits, data)
    assert data not in repr(shown)


@pytest.mark.parametrize("form", ["wiegand-26", "raw-32", "raw-64"])
@pytest.mark.parametrize("facility", [0, 7, 255])
def test_parity_is_even_before_and_odd_after(form: str, facility: int) -> None:
    wire = replace(OsdpPdConfig(port="/dev/x", facility_code=facility), card_format=form)  # type: ignore[arg-type]
    for number in range(0, 65536, 257):
        shown = card(wire, number)
        assert shown is not None
        value = int.from_bytes(shown.data, "big") >> len(shown.data) * 8 - shown.bits
        if form != "wiegand-26":
            assert value == number
            continue
        assert (value >> 13).bit_count() % 2 == 0
        assert (value & 0x1FFF).bit_count() % 2 == 1


@pytest.mark.parametrize(
    ("form", "number"), [("wiegand-26", 65536), ("raw-32", 1 << 32), ("raw-64", 1 << 64)]
)
def test_a_number_that_does_not_fit_is_never_cut_into_somebody_elses(
    make: Make, form: str, number: int
) -> None:
    rig = make(card_format=form)
    rig.will(Answer.GREEN)
    with pytest.raises(DoorRefused, match=r"door\.osdp_pd\.card_format") as refused:
        rig.door.release(grant(number))
    assert str(number) not in str(refused.value)
    assert rig.cards == 0


def test_who_has_no_number_is_denied_without_a_word_to_the_panel(make: Make) -> None:
    rig = make()
    rig.will(Answer.GREEN)
    assert rig.door.release(grant(None)) is Reason.PANEL_DENIED
    assert rig.cards == 0


def test_stale_evidence_is_not_sent(make: Make) -> None:
    rig = make()
    with pytest.raises(DoorRefused):
        rig.door.release(grant(age=RULES.max_age_seconds + 1.0))
    assert not eventually(lambda: rig.cards > 0, within=0.3)


def test_a_number_that_the_panel_did_not_fetch_in_time_is_taken_back(make: Make) -> None:
    """Its line comes back while the person is long gone."""
    rig = make(panel_seconds=PATIENCE_SECONDS)
    rig.will(Answer.GREEN)
    rig.tap.cut()
    with pytest.raises(DoorTimeout):
        rig.door.release(grant())
    rig.tap.mend()
    assert rig.ready()
    assert not eventually(lambda: rig.cards > 0, within=1.0)
    rig.door._answer_seconds = PATIENCE_SECONDS
    assert rig.door.release(grant()) is None
    assert rig.cards == 1


def test_evidence_that_ages_while_the_panel_is_away_is_not_sent() -> None:
    rig = PanelRig()
    try:
        rig.power_up()
        assert rig.ready()
        rig.tap.cut()
        with pytest.raises(DoorRefused, match="evidence"):
            rig.door.release(grant(age=RULES.max_age_seconds - 0.1))
    finally:
        rig.close()


# -- what is not ours ------------------------------------------------------------------------------


def test_securing_ends_what_we_say_of_the_lock_though_not_the_lock(make: Make) -> None:
    rig = make()
    rig.door.secure()
    rig.will(Answer.GREEN)
    assert rig.door.release(grant()) is None
    assert rig.door.status().lock is Lock.RELEASED
    rig.door.secure()
    assert rig.door.status().lock is Lock.SECURED


def test_the_door_that_was_let_go_says_so(make: Make) -> None:
    rig = make()
    rig.door.close()
    rig.door.close()
    for ask in (rig.door.status, lambda: rig.door.release(grant())):
        with pytest.raises(DoorTimeout, match="is closed"):
            ask()


def test_a_green_light_that_nobody_asked_for_says_nothing_of_our_door(make: Make) -> None:
    """The panel lets somebody in at another reader, or its door is free all day."""
    rig = make(panel_seconds=SOON)
    rig.will(Answer.LATE_GREEN)
    assert rig.door.release(grant()) is Reason.PANEL_SILENT
    assert eventually(lambda: rig.page.counter(ACTED) == 1)
    assert rig.door.status().lock is Lock.SECURED


def test_a_yes_counts_no_longer_than_the_order(make: Make) -> None:
    """A light that stays green for good is no lock that stays released for good."""
    rig = make()
    rig.will(Answer.STEADY_GREEN)
    order = replace(grant(), seconds=1.0)
    assert rig.door.release(order) is None
    assert rig.door.status().lock is Lock.RELEASED
    assert eventually(lambda: rig.door.status().lock is Lock.SECURED)


def test_a_yes_ends_when_the_panel_ends_it(make: Make) -> None:
    rig = make()
    rig.will(Answer.STEADY_GREEN)
    assert rig.door.release(replace(grant(), seconds=30.0)) is None
    assert rig.door.status().lock is Lock.RELEASED
    rig.says(Answer.AMBER)
    assert eventually(lambda: rig.door.status().lock is Lock.SECURED)


def test_a_door_that_is_secured_sends_no_number_that_waits(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lockdown comes from another thread while the panel is slow to fetch."""
    rig = make()
    rig.will(Answer.GREEN)
    rig.tap.cut()
    errors: list[Exception] = []
    taken, next_job = threading.Event(), rig.door._worker.next_job

    def told_of() -> LineJob | None:
        if (job := next_job()) is not None:
            taken.set()
        return job

    monkeypatch.setattr(rig.door._worker, "next_job", told_of)

    def grants() -> None:
        try:
            rig.door.release(grant())
        except DoorError as error:
            errors.append(error)

    waiting = threading.Thread(target=grants)
    waiting.start()
    assert taken.wait(PATIENCE_SECONDS)
    rig.door.secure()
    rig.tap.mend()
    waiting.join()
    assert [type(error) for error in errors] == [DoorRefused]
    assert "the door was secured" in str(errors[0])
    assert not eventually(lambda: rig.cards > 0, within=1.0)
    assert rig.ready()
    tries = tries_until_granted(rig)
    assert 1 <= rig.cards <= tries
