"""PINs guessed at a kiosk that runs, short visits, and an alarm that a full disk does not stop."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import evaluation_data
import numpy as np
import pytest
from door_rig import eventually
from filmed_people import composed
from kiosk_process import STEERED, Running
from mjpeg_camera import MjpegCamera
from mosquitto_broker import MosquittoBroker
from mqtt_watcher import Watcher
from operated_kiosk import Anna, over
from real_kiosk import RealKiosk

from kiosk.domain.access.factors import SALT_BYTES, Factor, Factors
from kiosk.domain.vision.template import SubjectId, Template
from kiosk.store.open_home import OpenHome

Furnished = Callable[..., Path]

pytestmark = [pytest.mark.weights, pytest.mark.data]

EVERYBODY = evaluation_data.people()
PERSON = EVERYBODY[0]
PIN, DURESS, WRONG = "4927", "8153", "1397"
ALARM = "lintel/door/alarm"
PROBES, AWAY = 14, 14
"""Frames of a short visit, fewer than a refusal takes, and without anybody after it."""
VISITS = 6
ONE_REFUSAL = "failures_allowed = 1\nlockout_seconds = 600\n"


@pytest.fixture
def broker() -> Iterator[MosquittoBroker]:
    with closing(MosquittoBroker()) as broker:
        yield broker


@pytest.fixture
def watcher(broker: MosquittoBroker) -> Iterator[Watcher]:
    with closing(Watcher(broker)) as watcher:
        yield watcher


@pytest.fixture
def anna(tmp_path: Path, broker: MosquittoBroker, furnished: Furnished) -> Anna:
    """A kiosk that asks the one person who stands there for a PIN."""
    home = furnished(tmp_path / "home")
    factors = Factors().with_pin(PIN, secrets.token_bytes(SALT_BYTES))
    factors = factors.with_duress(DURESS, secrets.token_bytes(SALT_BYTES), SubjectId(PERSON))
    factors = replace(factors, required=Factor.PIN)
    with OpenHome.open(home) as open_home:
        open_home.references.amend(SubjectId(PERSON), lambda known: replace(known, factors=factors))
    return Anna(tmp_path, over(broker), home)


class Pad:
    """The PIN pad of a kiosk that runs."""

    def __init__(self, folder: Path) -> None:
        self.pipe = folder / "pad"
        os.mkfifo(self.pipe)

    def type(self, code: str) -> None:
        self.pipe.write_text(code + "\n", encoding="ascii")


@pytest.fixture
def pad(tmp_path: Path) -> Pad:
    return Pad(tmp_path)


def run(anna: Anna, camera: MjpegCamera, pad: Pad) -> Running:
    return anna.run(camera.url, STEERED, LINTEL_TEST_PAD=str(pad.pipe))


def alarms(watcher: Watcher) -> list[str]:
    """What operators were told of."""
    return [json.loads(s.body)["alarm"] for s in tuple(watcher.seen) if s.topic == ALARM]


def written(home: Path, event: str) -> list[dict[str, object]]:
    """The details of an event in the journal, whole lines only."""
    whole = (home / "journal.jsonl").read_text("ascii").rpartition("\n")[0]
    entries = map(json.loads, whole.splitlines())
    return [entry["details"] for entry in entries if entry["event"] == event]


def wrong(home: Path) -> int:
    """How many codes were looked at that did not work."""
    return len([said for said in written(home, "factor") if said["outcome"] == "wrong"])


def test_guessing_a_pin_is_slowed_down_told_and_not_begun_anew_by_a_restart(
    anna: Anna, camera: MjpegCamera, pad: Pad, watcher: Watcher
) -> None:
    """B7: three guesses, a power cut, and nobody is asked for a fourth."""
    with run(anna, camera, pad) as kiosk:
        kiosk.wait_for("view", prompt="enter_pin")
        for guess in range(1, 3):
            pad.type(WRONG)
            assert eventually(lambda count=guess: wrong(anna.home) == count, 20.0)
        pad.type(WRONG)
        assert kiosk.wait_for("decision")["reason"] == "factor_paused"
        assert eventually(lambda: alarms(watcher) == ["guessing"], 20.0)
    with run(anna, camera, pad) as kiosk:
        assert kiosk.wait_for("decision")["reason"] == "factor_paused"
        ended = kiosk.end()
    assert not [said for said in ended.of("view") if said["prompt"] == "enter_pin"]
    assert not [said for said in ended.of("decision") if said["outcome"] == "granted"]
    (told,) = written(anna.home, "guessing")
    assert told["subject"] == PERSON
    assert 25 <= told["wait_seconds"] <= 30, "the wait began with the guess, not with the note"


def test_a_lockout_of_the_door_is_told_and_outlives_a_power_cut(
    tmp_path: Path,
    furnished: Furnished,
    broker: MosquittoBroker,
    watcher: Watcher,
    camera: MjpegCamera,
) -> None:
    """B7: nobody is enrolled whose face this is."""
    home = furnished(tmp_path / "home", enrolled=False)
    anna = Anna(tmp_path, over(broker), home)
    settings = home / "config.toml"
    said = settings.read_text("utf-8").replace("[access]\n", "[access]\n" + ONE_REFUSAL)
    settings.write_text(said, encoding="utf-8")
    for _ in range(2):
        with anna.run(camera.url, STEERED) as kiosk:
            kiosk.wait_for("view", prompt="locked_out")
            decided = [said["event"] for said in kiosk.heard].count("decision")
            assert eventually(lambda: alarms(watcher) == ["lockout"], 20.0)
    assert decided == 0, "locked from the start"


@pytest.mark.parametrize("full", ["the journal alone", "everything"])
def test_a_duress_pin_is_told_to_operators_though_the_disk_is_full(
    anna: Anna, camera: MjpegCamera, pad: Pad, watcher: Watcher, full: str
) -> None:
    """B10: the alarm goes out, and the door stays shut because nothing can be written down."""
    with run(anna, camera, pad) as kiosk:
        kiosk.wait_for("view", prompt="enter_pin")
        journal = (anna.home / "journal.jsonl").stat().st_size
        kiosk.fill_disk(0 if full == "everything" else journal)
        pad.type(DURESS)
        assert eventually(lambda: alarms(watcher) == ["duress"], 20.0)
        kiosk.wait_for("view", prompt="out_of_service")
        heard = kiosk.heard
    assert "released" not in [said["what"] for said in heard if said["event"] == "door"]


def test_short_visits_lock_the_door_as_refusals_do(
    kiosk: RealKiosk, references: Mapping[str, Sequence[Template]]
) -> None:
    """B6: each is over before it is refused, and long enough for a grant."""
    kiosk.enrol(PERSON, references[PERSON])
    stranger = evaluation_data.pictures(next(iter(evaluation_data.walks(EVERYBODY[1]).values())))
    nobody = [np.full_like(stranger[0], 90 + number % 7) for number in range(AWAY)]
    own = evaluation_data.pictures(next(iter(evaluation_data.walks(PERSON).values())))
    shown = [*(list(stranger[:PROBES]) + nobody) * VISITS, *own[:30]]
    visit = kiosk.watch(composed("short visits", shown))
    assert visit.admitted == []
    events = [sealed.entry.event for sealed in visit.journal]
    assert events.count("lockout") == 1
    probes = [number for number in visit.decided("probes") if isinstance(number, int)]
    assert min(probes) >= 10, "the best run of each is kept, not an emptied one"
