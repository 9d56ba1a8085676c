"""The kiosk as an OSDP reader: what it says of a person, and what it takes for the panel's yes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from door_rig import RULES, eventually
from osdp_device import CARD_BITS, KEYED
from osdp_panel_peer import Answer
from rig_osdp_pd import ANSWER_SECONDS, PanelRig, grant

from hardware.door.osdp_frames import Frames, Way
from hardware.door.osdp_pd import OsdpPdDoor
from hardware.door.osdp_pd_wire import OsdpPdWire, card
from kiosk.domain.errors import DoorError, DoorRefused, DoorTimeout, DoorUnusable, SettingsError
from kiosk.domain.lock import Lock
from kiosk.domain.states import Reason
from kiosk.pipeline.clock import SystemClock

Make = Callable[..., PanelRig]


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[PanelRig] = []

    def rig(**changes: object) -> PanelRig:
        made.append(PanelRig(**changes))
        made[-1].power_up(with_key="allow_insecure" not in changes)
        assert made[-1].ready()
        return made[-1]

    yield rig
    for each in made:
        each.close()


def hears(rig: PanelRig, kind: type[DoorError], *words: str) -> bool:
    def said() -> bool:
        try:
            rig.door.status()
        except DoorError as error:
            return type(error) is kind and all(word in str(error) for word in words)
        return False

    return eventually(said)


# -- the panel's answer ----------------------------------------------------------------------------


def test_the_panel_says_yes(make: Make) -> None:
    rig = make()
    rig.will(Answer.GREEN)
    assert rig.door.status().lock is Lock.SECURED
    assert rig.door.release(grant()) is None
    assert rig.cards == 1
    assert rig.door.status().lock is Lock.RELEASED
    assert eventually(lambda: rig.door.status().lock is Lock.SECURED, within=2.0)


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
    rig = make(led=0)
    rig.will(answer)
    assert rig.door.release(grant()) is Reason.PANEL_SILENT
    assert rig.cards == 1


def test_a_yes_that_came_too_late_does_not_answer_the_next_person(make: Make) -> None:
    rig = make()
    rig.will(Answer.LATE_GREEN)
    assert rig.door.release(grant(1)) is Reason.PANEL_SILENT
    assert eventually(lambda: rig.door.status().lock is Lock.RELEASED)
    rig.will(Answer.NOTHING)
    assert rig.door.release(grant(2)) is Reason.PANEL_SILENT


def test_a_panel_that_answers_by_an_output(make: Make) -> None:
    rig = make(granted_by="output")
    rig.will(Answer.GREEN)
    assert rig.door.release(grant()) is Reason.PANEL_SILENT
    rig.will(Answer.OUTPUT)
    assert rig.door.release(grant()) is None
    rig.will(Answer.OUTPUT_OFF)
    assert rig.door.release(grant()) is Reason.PANEL_SILENT
    rig.will(Answer.RED)
    assert rig.door.release(grant()) is Reason.PANEL_DENIED


def test_red_says_nothing_where_the_settings_say_so(make: Make) -> None:
    rig = make(denied_by="nothing")
    rig.will(Answer.RED)
    assert rig.door.release(grant()) is Reason.PANEL_SILENT


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
    wire = replace(OsdpPdWire(port="/dev/x", facility_code=7), card_format=form)  # type: ignore[arg-type]
    shown = card(wire, number)
    assert shown is not None
    assert (shown.bits, shown.data.hex()) == (bits, data)
    assert data not in repr(shown)


@pytest.mark.parametrize("form", ["wiegand-26", "raw-32", "raw-64"])
@pytest.mark.parametrize("facility", [0, 7, 255])
def test_parity_is_even_before_and_odd_after(form: str, facility: int) -> None:
    wire = replace(OsdpPdWire(port="/dev/x", facility_code=facility), card_format=form)  # type: ignore[arg-type]
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
        rig.door.release(grant(age=2.0))
    assert not eventually(lambda: rig.cards > 0, within=0.3)


def test_a_number_that_the_panel_did_not_fetch_in_time_is_taken_back(make: Make) -> None:
    """Its line comes back while the person is long gone."""
    rig = make()
    rig.will(Answer.GREEN)
    rig.tap.cut()
    with pytest.raises(DoorTimeout):
        rig.door.release(grant())
    rig.tap.mend()
    assert not eventually(lambda: rig.cards > 0, within=2.0)
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


# -- who the panel is ------------------------------------------------------------------------------


def test_a_panel_with_another_key_is_told_apart_from_silence(make: Make) -> None:
    rig = make()
    rig.panel.kill()
    rig.power_up(key=bytes(range(16)))
    assert hears(rig, DoorUnusable, "door.osdp_pd.key_file")
    with pytest.raises(DoorError):
        rig.door.release(grant())
    assert rig.cards == 0


def test_a_panel_without_a_secure_channel_is_not_told_who_comes(make: Make) -> None:
    rig = make()
    rig.panel.kill()
    rig.power_up(with_key=False)
    assert eventually(lambda: not rig.answers())
    with pytest.raises(DoorError):
        rig.door.release(grant())
    assert rig.cards == 0


def test_without_a_secure_channel_where_that_was_asked_for(make: Make) -> None:
    rig = make(key_file=None, allow_insecure=True)
    rig.will(Answer.GREEN)
    assert rig.door.release(grant()) is None


def test_no_key_is_refused_unless_it_is_asked_for() -> None:
    with pytest.raises(SettingsError, match=r"door\.osdp_pd\.key_file is not set"):
        OsdpPdDoor(OsdpPdWire(port="/dev/nowhere"), RULES, SystemClock(), ANSWER_SECONDS)


def test_a_port_that_is_absent_is_named() -> None:
    rig = PanelRig(port="/dev/nowhere")
    try:
        assert hears(rig, DoorTimeout, "/dev/nowhere", "door.osdp_pd.port")
    finally:
        rig.close()


def test_the_panel_cannot_hand_us_a_key_that_we_would_forget(make: Make) -> None:
    """It would work until the next start, and then never again."""
    rig = make()
    rig.page.count(KEYED, 1)
    assert eventually(lambda: rig.page.counter(KEYED) == 2)
    assert eventually(lambda: rig.page.counter(KEYED) != 2, within=0.3) is False
    rig.panel.kill()
    rig.page.count(KEYED, 0)
    rig.power_up()
    assert rig.ready()
    rig.will(Answer.GREEN)
    assert rig.door.release(grant()) is None


def test_a_forged_yes_is_not_believed(make: Make) -> None:
    """A green light in a frame that claims to belong to a handshake, while a session runs."""
    rig = make()
    outcomes: list[Reason | None] = []
    waiting = threading.Thread(target=lambda: outcomes.append(rig.door.release(grant())))
    waiting.start()
    assert eventually(lambda: rig.cards == 1)
    rig.tap.cut()
    time.sleep(0.02)  # what is under way arrives
    last = Frames(1, Way.COMMANDS).feed(rig.tap.heard)[-1].sequence
    rig.tap.say(forged_green(last % 3 + 1), to_kiosk=True)
    waiting.join()
    assert outcomes == [Reason.PANEL_SILENT]


def forged_green(sequence: int) -> bytes:
    light = bytes([0x69, 0, 0, 2, 1, 0, 2, 0, 50, 0, 0, 0, 0, 0, 0])
    data = bytes([0x53, 0x01, 0, 0, 0x08 | sequence, 3, 0x11, 1]) + light
    data = data[:2] + (len(data) + 1).to_bytes(2, "little") + data[4:]
    return data + bytes([-sum(data) & 0xFF])


def test_only_the_lie_keeps_a_forged_yes_out() -> None:
    lie = forged_green(1)
    assert Frames(1, Way.COMMANDS).feed(lie) == []
    honest = lie[:8] + b"\x76" + lie[9:-1]
    honest += bytes([-sum(honest) & 0xFF])
    assert len(Frames(1, Way.COMMANDS).feed(honest)) == 1


# -- the line --------------------------------------------------------------------------------------


def test_a_panel_that_is_away_is_told_and_comes_back_by_itself(make: Make) -> None:
    rig = make()
    rig.panel.kill()
    assert hears(rig, DoorTimeout, "No panel asks", "door.osdp_pd.port")
    with pytest.raises(DoorTimeout):
        rig.door.release(grant())
    rig.power_up()
    assert rig.ready()
    rig.will(Answer.GREEN)
    assert rig.door.release(grant()) is None
    assert rig.cards == 1


def test_noise_on_the_line_is_survived(make: Make) -> None:
    rig = make()
    rig.will(Answer.GREEN)
    for _ in range(5):
        rig.tap.garble()
        assert eventually(lambda: granted(rig))


def granted(rig: PanelRig) -> bool:
    try:
        return rig.door.release(grant()) is None
    except DoorError:
        return False


def test_what_the_panel_said_before_opens_nothing_when_it_is_said_again(make: Make) -> None:
    rig = make()
    rig.will(Answer.GREEN)
    assert rig.door.release(grant()) is None
    old = rig.tap.heard
    rig.will(Answer.NOTHING)
    assert eventually(lambda: rig.door.status().lock is Lock.SECURED, within=2.0)
    rig.tap.say(old, to_kiosk=True)
    assert rig.ready()
    assert rig.door.status().lock is Lock.SECURED


def test_securing_is_nothing_and_gives_up_what_was_not_fetched(make: Make) -> None:
    rig = make()
    rig.door.secure()
    rig.will(Answer.GREEN)
    assert rig.door.release(grant()) is None
    rig.door.secure()
    assert rig.door.status().lock is Lock.RELEASED
    assert rig.door.two_stage


def test_the_door_that_was_let_go_says_so(make: Make) -> None:
    rig = make()
    rig.door.close()
    rig.door.close()
    for ask in (rig.door.status, lambda: rig.door.release(grant())):
        with pytest.raises(DoorTimeout, match="was let go"):
            ask()
