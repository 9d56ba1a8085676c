"""The kiosk as an OSDP reader on a bad line, and before a panel that is not ours.

Whatever happens to line and panel: no credential goes out twice for one grant, none goes out late,
nobody reads one, and no forged or repeated word of the panel's is taken for its yes.
"""

from __future__ import annotations

import ctypes
import random
import threading
import time
from binascii import crc_hqx
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from door_rig import RULES, answers, eventually, hears
from osdp_device import KEYED
from osdp_panel_peer import Answer
from rig_osdp import end_thread
from rig_osdp_pd import (
    ANSWER_SECONDS,
    SOON,
    Make,
    PanelRig,
    grant,
    granted,
    rigs,
    tries_until_granted,
)

from hardware.door.osdp.frames import Frames, OsdpFrame, Way
from hardware.door.osdp.peripheral import OsdpPdDoor
from hardware.door.osdp.peripheral_config import OsdpPdConfig
from kiosk.domain.access.states import Reason
from kiosk.domain.door.protocol import Lock
from kiosk.domain.errors import DoorError, DoorTimeout, DoorUnusable, SettingsError
from kiosk.pipeline.clock import SystemClock

# A killed thread may die within the library of the line, which tells the last hook of Python;
# pytest-qt takes that for a fault of the test.
pytestmark = [pytest.mark.usefixtures("real_time"), pytest.mark.qt_no_exception_capture]

SEALED_WITH_DATA, LED, CRYPTOGRAM = 0x17, 0x69, 0x76
CRC_SEED = 0x1D0F
GREEN = bytes([LED, 0, 0, 2, 1, 0, 2, 0, 50, 0, 0, 0, 0, 0, 0])


def plain(said: bytes) -> bytes:
    """What a panel says that begins anew, in plain words."""
    data = b"\x53\x01" + (len(said) + 7).to_bytes(2, "little") + b"\x04" + said
    return data + crc_hqx(data, CRC_SEED).to_bytes(2, "little")


POLL = plain(b"\x60")


@pytest.fixture
def make() -> Iterator[Make]:
    yield from rigs()


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
    assert eventually(lambda: not answers(rig))
    with pytest.raises(DoorError):
        rig.door.release(grant())
    assert rig.cards == 0


@pytest.mark.parametrize(
    ("changes", "told"),
    [({}, False), ({"key_file": None, "allow_insecure": True}, True)],
    ids=["secure", "what a line is worth that is not"],
)
def test_whoever_cuts_in_with_plain_words_is_told_no_number(
    make: Make, changes: dict[str, object], *, told: bool
) -> None:
    """The panel's cable is taken over while a number waits to be fetched."""
    rig = make(card_format="raw-64", facility_code=None, panel_seconds=SOON, **changes)
    number = 0x1122334455667788
    rig.panel.kill()
    waiting = threading.Thread(target=lambda: swallow(rig, number))
    waiting.start()
    time.sleep(0.05)  # the number waits
    while waiting.is_alive():
        rig.tap.say(POLL, to_kiosk=True)
        waiting.join(0.02)
    assert (bytes.fromhex(f"{number:x}") in rig.tap.said) is told


def swallow(rig: PanelRig, number: int) -> None:
    with suppress(DoorError):
        rig.door.release(grant(number))


def test_without_a_secure_channel_where_that_was_asked_for(make: Make) -> None:
    rig = make(key_file=None, allow_insecure=True)
    rig.will(Answer.GREEN)
    assert rig.door.release(grant()) is None


def test_no_key_is_refused_unless_it_is_asked_for() -> None:
    with pytest.raises(SettingsError, match=r"door\.osdp_pd\.key_file is not set"):
        OsdpPdDoor(OsdpPdConfig(port="/dev/nowhere"), RULES, SystemClock(), ANSWER_SECONDS)


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
    rig = make(panel_seconds=SOON)
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
    data = bytes([0x53, 0x01, 0, 0, 0x08 | sequence, 3, 0x11, 1]) + GREEN
    data = data[:2] + (len(data) + 1).to_bytes(2, "little") + data[4:]
    return data + bytes([-sum(data) & 0xFF])


def test_only_the_lie_keeps_a_forged_yes_out() -> None:
    lie = forged_green(1)
    assert Frames(1, Way.COMMANDS).feed(lie) == []
    honest = lie[:8] + b"\x76" + lie[9:-1]
    honest += bytes([-sum(honest) & 0xFF])
    assert len(Frames(1, Way.COMMANDS).feed(honest)) == 1


def test_what_we_draw_for_a_handshake_cannot_be_foreseen(make: Make) -> None:
    """Though C's chance begins anew at the same place, as it does in every new process."""
    rig, libc = make(), ctypes.CDLL(None)
    for _ in range(3):
        libc.srand(1)
        rig.panel.kill()
        assert hears(rig, DoorTimeout)
        rig.power_up()
        assert rig.ready()
    drawn = [each.bytes[17:25] for each in replies(rig.tap.said) if each.code == CRYPTOGRAM]
    assert len(drawn) >= 4
    assert len(set(drawn)) == len(drawn)


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


def test_other_readers_on_the_line_are_none_of_our_business(make: Make) -> None:
    """Their panel is ours; what it has them do, and what they say, is not for us."""
    rig = make()
    rig.will(Answer.GREEN)
    said = rig.tap.said
    theirs = addressed(commands(rig)[-1].bytes, 2) + addressed(replies(said)[-1].bytes, 2 | 0x80)
    for _ in range(5):
        rig.tap.say(theirs, to_kiosk=True)
        assert granted(rig)
    assert rig.cards == 5


def replies(said: bytes) -> list[OsdpFrame]:
    return Frames(1, Way.REPLIES).feed(said)


def addressed(frame: bytes, address: int) -> bytes:
    """The same frame to or from another reader, whole."""
    data = frame[:1] + bytes([address]) + frame[2:-2]
    return data + crc_hqx(data, CRC_SEED).to_bytes(2, "little")


def test_what_the_panel_said_before_opens_nothing_when_it_is_said_again(make: Make) -> None:
    rig = make()
    rig.will(Answer.GREEN)
    assert rig.door.release(grant()) is None
    old = rig.tap.heard
    rig.will(Answer.NOTHING)
    assert eventually(lambda: rig.door.status().lock is Lock.SECURED)
    rig.tap.say(old, to_kiosk=True)
    assert rig.ready()
    assert rig.door.status().lock is Lock.SECURED


@pytest.mark.parametrize(
    ("changes", "answer"),
    [({}, Reason.PANEL_SILENT), ({"key_file": None, "allow_insecure": True}, None)],
    ids=["secure", "what a line is worth that is not"],
)
def test_a_yes_from_before_is_no_answer_to_the_next_person(
    make: Make, changes: dict[str, object], answer: Reason | None
) -> None:
    """Whoever recorded the line plays the green light again, at each place in the sequence."""
    rig = make(**changes, panel_seconds=SOON)
    rig.will(Answer.GREEN)
    assert tries_until_granted(rig)
    sent = commands(rig)
    greens = [each.bytes for each in sent if each.kind == SEALED_WITH_DATA or each.code == LED]
    assert greens
    rig.will(Answer.NOTHING)
    before = rig.cards
    outcomes: list[Reason | None] = []
    waiting = threading.Thread(target=lambda: outcomes.append(rig.door.release(grant())))
    waiting.start()
    assert eventually(lambda: rig.cards == before + 1)
    rig.tap.cut()
    for green in greens:
        for sequence in (1, 2, 3):
            rig.tap.say(numbered(green, sequence), to_kiosk=True)
    waiting.join()
    assert outcomes == [answer]


def commands(rig: PanelRig) -> list[OsdpFrame]:
    return Frames(1, Way.COMMANDS).feed(rig.tap.heard)


def numbered(frame: bytes, sequence: int) -> bytes:
    """A frame with another sequence number, and the check that belongs to it."""
    data = frame[:4] + bytes([frame[4] & ~3 | sequence]) + frame[5:]
    return data[:-2] + crc_hqx(data[:-2], CRC_SEED).to_bytes(2, "little")


def test_a_number_that_was_lost_on_the_line_is_not_said_again_when_it_is_back(make: Make) -> None:
    """The panel asks again what it asked before; who waited for the answer has gone."""
    rig = make(panel_seconds=SOON)
    rig.will(Answer.GREEN)
    rig.tap.mute()
    with suppress(DoorError):
        assert rig.door.release(grant()) is Reason.PANEL_SILENT
    rig.tap.mend()
    assert rig.ready()
    assert not eventually(lambda: rig.cards > 0, within=1.0)
    tries = tries_until_granted(rig)
    assert 1 <= rig.cards <= tries


def test_nobody_on_the_line_reads_who_comes(make: Make) -> None:
    rig = make(card_format="raw-64", facility_code=None)
    rig.will(Answer.GREEN)
    number = 0x1122334455667788
    assert rig.door.release(grant(number)) is None
    assert rig.page.card.hex() == f"{number:x}"
    assert bytes.fromhex(f"{number:x}") not in rig.tap.said


def test_a_yes_from_before_the_number_was_fetched_is_no_answer_to_it(make: Make) -> None:
    rig = make(panel_seconds=SOON, key_file=None, allow_insecure=True)
    rig.panel.kill()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(rig.door.release, grant())
        time.sleep(0.05)  # the number waits
        rig.tap.say(plain(GREEN), to_kiosk=True)
        time.sleep(0.05)
        rig.tap.say(POLL, to_kiosk=True)
    assert waiting.result() is Reason.PANEL_SILENT


def test_a_yes_that_comes_after_the_door_was_secured_does_not_count(make: Make) -> None:
    """It is told, since the panel said so; but nothing is released by our word any more."""
    rig = make(panel_seconds=60.0)
    outcomes: list[Reason | None] = []
    waiting = threading.Thread(target=lambda: outcomes.append(rig.door.release(grant())))
    waiting.start()
    assert eventually(lambda: rig.cards == 1)
    rig.door.secure()
    rig.says(Answer.STEADY_GREEN)
    waiting.join()
    assert outcomes == [None]
    assert rig.door.status().lock is Lock.SECURED


def test_whoever_else_asks_does_not_wait_for_the_panel(make: Make) -> None:
    rig = make(panel_seconds=60.0)
    outcomes: list[Reason | None] = []
    waiting = threading.Thread(target=lambda: outcomes.append(rig.door.release(grant())))
    waiting.start()
    assert eventually(lambda: rig.cards == 1)
    assert rig.door.status().lock is Lock.SECURED
    rig.door.secure()
    rig.door.close()
    waiting.join(5.0)
    assert outcomes == [Reason.PANEL_SILENT]


def test_a_driver_whose_thread_died_goes_on(make: Make) -> None:
    rig = make()
    rig.will(Answer.GREEN)
    end_thread(rig.door._worker._thread)
    tries = tries_until_granted(rig)
    assert 1 <= rig.cards <= tries


FAULTS = ("kill", "cut", "mute", "garble", "replay", "other key", "no key", "thread")


SEEDS = [0, 1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 12))]


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_nobody_is_announced_twice_or_late(make: Make, seed: int) -> None:
    """A fault at some time around each grant; the panel counts, and hears everybody once."""
    chance = random.Random(seed)  # noqa: S311 - chances, no secrets
    rig = make(panel_seconds=SOON)
    rig.will(Answer.GREEN)
    for _ in range(4):
        before, fault = rig.cards, chance.choice(FAULTS)
        trouble = threading.Timer(chance.uniform(0.0, 0.15), throw, (rig, fault))
        trouble.start()
        yes = granted(rig)
        trouble.join()
        mend(rig)
        assert yes <= rig.cards - before <= 1, fault
        after = rig.cards
        assert rig.ready(), fault
        assert rig.cards == after, fault
        assert eventually(lambda: granted(rig)), fault


def throw(rig: PanelRig, fault: str) -> None:
    match fault:
        case "kill":
            rig.panel.kill()
        case "cut":
            rig.tap.cut()
        case "mute":
            rig.tap.mute()
        case "garble":
            rig.tap.garble()
        case "replay":
            rig.tap.say(rig.tap.heard, to_kiosk=True)
            rig.tap.say(rig.tap.said, to_kiosk=False)
        case "other key":
            rig.panel.kill()
            rig.power_up(key=bytes(range(16)))
        case "no key":
            rig.panel.kill()
            rig.power_up(with_key=False)
        case _:
            end_thread(rig.door._worker._thread)


def mend(rig: PanelRig) -> None:
    rig.tap.mend()
    if not rig.panel_is_ours:
        rig.panel.kill()
        rig.power_up()
