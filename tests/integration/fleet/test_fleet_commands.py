"""The commands of a fleet, as other programs meet them: what they print, and how they end."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from kiosk_process import Ended, environment, kiosk
from small_fleet import SmallFleet, everything, gone, person

from kiosk.fleet.cleaning.memory import CleaningMemory, save_memory
from kiosk.fleet.stores.folder import FolderStore
from kiosk.fleet.stores.port import ANYTHING

HEX = 32
WIDE = environment(COLUMNS="200")
HALVES = {" ": (0, 0), "\u2580": (1, 0), "\u2584": (0, 1), "\u2588": (1, 1)}


@dataclass
class Commands:
    """A fleet in a folder, by its commands."""

    folder: Path

    @property
    def store(self) -> str:
        return f"folder:{self.folder / 'store'}"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    def run(self, *words: str | Path) -> Ended:
        return kiosk(*words, env=WIDE)

    def fleet(self, *words: str | Path) -> Ended:
        return self.run("fleet", *words, "--store", self.store, "--keys", self.keys)

    def enrol(self, home: str) -> Ended:
        root = ("--store", self.store, "--root", self.keys / "root.json")
        return self.run("device", "enrol", "--home", self.folder / home, *root, "--json")

    def sync(self, home: str, *words: str) -> Ended:
        return self.run("sync", "--home", self.folder / home, "--once", *words)


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fleet of one scope."""
    folder = tmp_path_factory.mktemp("fleet")
    commands = Commands(folder / "made")
    assert commands.fleet("init").code == 0
    assert commands.fleet("scope", "add", "harbour", "--door", "front").code == 0
    return commands.folder


@pytest.fixture
def commands(founded: Path, tmp_path: Path) -> Commands:
    """A copy of it."""
    shutil.copytree(founded, tmp_path / "fleet")
    return Commands(tmp_path / "fleet")


# -- the life of a fleet -------------------------------------------------------------------------


def test_founding_a_fleet_makes_keys_for_their_owner_alone(tmp_path: Path) -> None:
    fleet = Commands(tmp_path / "fleet")
    founded = fleet.fleet("init", "--json")
    assert founded.said == {"admins": 3, "threshold": 2, "root": str(fleet.keys / "root.json")}
    assert "3 admins' keys" in founded.err
    names = {"admin-1.key", "admin-2.key", "admin-3.key", "publisher.key", "root.json"}
    names |= {"seen.json", "seen.json.lock"}
    assert {path.name for path in fleet.keys.iterdir()} == names
    assert {path.stat().st_mode & 0o077 for path in fleet.keys.glob("*.key")} == {0}
    added = fleet.fleet("scope", "add", "harbour", "--door", "front", "--json")
    assert added.said == {"scope": "harbour", "doors": ["front"]}


def test_a_device_from_its_enrolment_to_its_end(commands: Commands) -> None:
    asked = commands.enrol("home")
    assert [*asked.said] == ["fingerprint"]
    device = asked.said["fingerprint"]
    assert len(device) == HEX
    assert commands.enrol("home").said == asked.said
    commands.sync("home").refused(3, f"Device {device} is not approved")
    approved = commands.fleet("approve", device, "--scope", "harbour", "--json")
    assert approved.said == {"device": device, "scopes": ["harbour"], "door": "front"}
    synced = commands.sync("home", "--json").said
    assert 0 <= synced.pop("age_seconds") < 600
    assert synced.pop("bytes") > 1000
    assert synced.pop("requests") > 3
    assert synced == {"version": 2, "people": 0, "erased": 0}
    dropped = commands.fleet("revoke", device, "--json")
    assert dropped.said == {"device": device, "scopes": ["harbour"]}
    commands.sync("home").refused(3, "This device was dropped from its fleet")
    commands.fleet("revoke", device).refused(2, f"There is no device {device}")


def test_what_is_published_and_what_is_not_safe(commands: Commands) -> None:
    said = commands.fleet("publish", "--json").said
    assert said == {"version": 2, "published": {}, "review": []}
    told = commands.fleet("status", "--json").said
    assert told.pop("published_at").endswith("+00:00")
    harbour = {"scope": "harbour", "doors": ["front"], "devices": [], "people": 0, "waiting": 0}
    assert told == {
        "version": 2,
        "admins": 3,
        "threshold": 2,
        "scopes": [harbour],
        "pending": 0,
        "devices": [],
        "warnings": [f"3 admins' keys in {commands.keys} have no passphrase."],
    }


def test_whoever_was_erased_is_not_counted_and_no_number_is_made_up(commands: Commands) -> None:
    with SmallFleet.there(commands.folder) as fleet:
        fleet.told(person("anna"), person("boris"))
        fleet.told(gone("boris"))
    assert commands.fleet("status", "--json").said["scopes"][0]["people"] == 1
    assert "Scope harbour: 1 people, 0 devices" in commands.fleet("status").out
    for key in commands.keys.glob("admin-*.key"):
        key.unlink()
    assert commands.fleet("status", "--json").said["scopes"][0]["people"] is None
    assert "people unknown without an admin's key" in commands.fleet("status").out


def test_a_publisher_cleans_once_a_day_and_a_damaged_memory_stops_no_publishing(
    commands: Commands,
) -> None:
    assert commands.fleet("publish").code == 0
    memory = commands.keys / "cleaning.json"
    cleaned_at = json.loads(memory.read_bytes())["cleaned_at"]
    assert commands.fleet("publish").err == ""
    assert json.loads(memory.read_bytes())["cleaned_at"] == cleaned_at
    memory.write_text("[", encoding="utf-8")
    published = commands.fleet("publish")
    assert (published.code, published.out.startswith("Version ")) == (0, True)
    assert "remembers what is to go" in published.err


def test_a_person_reads_sentences(commands: Commands) -> None:
    asked = commands.run(
        *("device", "enrol", "--home", commands.folder / "home", "--store", commands.store),
        *("--root", commands.keys / "root.json"),
    )
    shown = asked.out.splitlines()[0].partition(": ")[2]
    assert [len(group) for group in shown.split(" ")] == [4] * 8
    approved = commands.fleet("approve", shown.upper(), "--scope", "harbour")
    device = shown.replace(" ", "")
    assert approved.out == f"Device {device} is approved for harbour.\n"
    assert commands.sync("home").out.endswith(": 0 people, 0 new or changed, 0 erased.\n")
    status = commands.fleet("status")
    assert "Scope harbour: 0 people, 1 devices, 0 statements wait.\n" in status.out
    assert f"Device {device} (front): It has never reported.\n" in status.out
    assert "have no passphrase" in status.err


def test_who_has_confirmed_an_erasure(commands: Commands) -> None:
    """Nobody has before they sync; the exit code says when nobody is awaited any more."""
    device = commands.enrol("home").said["fingerprint"]
    commands.fleet("approve", device, "--scope", "harbour")
    commands.fleet("erasure", "s-17").refused(2, "Nothing was ever published about s-17")
    with SmallFleet.there(commands.folder) as fleet:
        fleet.told(person("s-17"))
    waiting = commands.fleet("erasure", "s-17")
    assert (waiting.code, waiting.out) == (
        1,
        "s-17 is known in scope harbour, and not erased there.\n",
    )
    of_fleet = ("--store", commands.store, "--keys", commands.keys)
    erased = commands.run("people", "erase", "s-17", "--yes", *of_fleet)
    assert erased.out.endswith(f"Yet to confirm: device {device}.\n")
    told = commands.fleet("erasure", "s-17", "--json")
    assert (told.code, told.said["confirmed"]) == (1, False)
    (said,) = told.said["scopes"][0]["devices"]
    assert (said["device"], said["state"], said["at"]) == (device, "not_yet", None)
    assert commands.sync("home").code == 0
    told = commands.fleet("erasure", "s-17", "--json")
    assert (told.code, told.said["confirmed"]) == (0, True)
    shown = commands.fleet("erasure", "s-17").out
    assert f"Scope harbour, device {device} (front): confirmed, at " in shown


# -- passphrases ---------------------------------------------------------------------------------


def test_keys_with_a_passphrase_are_used_with_it_alone(tmp_path: Path) -> None:
    fleet, phrase, wrong = Commands(tmp_path / "fleet"), tmp_path / "phrase", tmp_path / "wrong"
    phrase.write_text("a long walk\nanother line\n", encoding="utf-8")
    wrong.write_text("a short walk\n", encoding="utf-8")
    one = ("--admins", "1", "--threshold", "1")
    founded = fleet.fleet("init", *one, "--passphrase-file", phrase)
    assert (founded.code, founded.err) == (0, "")
    add = ("scope", "add", "harbour", "--door", "front")
    fleet.fleet(*add).refused(4, "has a passphrase")
    fleet.fleet(*add, "--passphrase-file", wrong).refused(4, "has another passphrase")
    fleet.fleet(*add, "--passphrase-file", tmp_path / "none").refused(2, "cannot be read")
    assert fleet.fleet(*add, "--passphrase-file", phrase).code == 0
    told = fleet.fleet("status", "--passphrase-file", phrase, "--json").said
    assert told["warnings"] == [
        "One admin alone can change everything: enough for one door, not for a fleet."
    ]


def test_an_empty_passphrase_file_makes_no_keys(tmp_path: Path) -> None:
    fleet, empty = Commands(tmp_path / "fleet"), tmp_path / "empty"
    empty.write_text("\n", encoding="utf-8")
    fleet.fleet("init", "--passphrase-file", empty).refused(2, "is empty")
    assert not fleet.keys.exists()


def test_keys_that_others_may_read_are_not_used(commands: Commands) -> None:
    (commands.keys / "admin-1.key").chmod(0o644)
    commands.fleet("scope", "add", "yard", "--door", "y").refused(4, "can be used by others")


# -- what is refused -----------------------------------------------------------------------------

REFUSED: dict[str, tuple[int, str, tuple[str, ...]]] = {
    "a fingerprint that nobody shows": (
        2,
        "No device with the fingerprint",
        ("approve", "0" * HEX, "--scope", "harbour"),
    ),
    "no fingerprint": (
        2,
        "No device with the fingerprint",
        ("approve", "nonsense", "--scope", "harbour"),
    ),
    "a device that there is not": (2, "There is no device", ("revoke", "0" * HEX)),
    "a scope that there is": (
        2,
        "There is a scope harbour already",
        ("scope", "add", "harbour", "--door", "front"),
    ),
    "a name that no scope has": (
        2,
        "is not a name for a scope",
        ("scope", "add", "Har bour", "--door", "front"),
    ),
    "a fleet that there is": (2, "holds a fleet already", ("init",)),
    "more to sign than there are": (2, "4 of 3 admins cannot sign", ("init", "--threshold", "4")),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused_and_nothing_is_written(commands: Commands, what: str) -> None:
    code, named, words = REFUSED[what]
    store = FolderStore(commands.folder / "store")
    before = everything(store)
    commands.fleet(*words).refused(code, named)
    assert everything(store) == before


def test_a_scope_that_there_is_not(commands: Commands) -> None:
    device = commands.enrol("home").said["fingerprint"]
    commands.fleet("approve", device, "--scope", "yard").refused(2, "There is no scope 'yard'")


def test_a_kiosk_of_no_fleet_and_a_root_that_is_none(commands: Commands) -> None:
    assert commands.run("init", "--home", commands.folder / "home").code in {0, 1}
    commands.sync("home").refused(2, "belongs to no fleet")
    (commands.keys / "root.json").write_text("{}", encoding="utf-8")
    commands.enrol("home").refused(2, "is no root of trust")
    (commands.keys / "root.json").unlink()
    commands.enrol("home").refused(2, "cannot be read")


def test_two_admins_have_to_sign(commands: Commands) -> None:
    store = FolderStore(commands.folder / "store")
    before = everything(store)
    for number in (2, 3):
        (commands.keys / f"admin-{number}.key").unlink()
    ended = commands.fleet("scope", "add", "yard", "--door", "y", "--json")
    assert (ended.said["signed"], ended.said["missing"]) == (["admin-1"], 1)
    assert everything(store).keys() - before.keys() == {f"pending/{ended.said['pending']}.json"}
    (commands.keys / "admin-1.key").unlink()
    ended = commands.fleet("scope", "add", "yard", "--door", "y")
    ended.refused(4, "2 admins have to sign", "the keys of 0")


def test_who_has_no_publishers_key_publishes_nothing(commands: Commands) -> None:
    (commands.keys / "publisher.key").unlink()
    commands.fleet("publish").refused(2, "There is no publisher's key")
    assert commands.fleet("scope", "add", "yard", "--door", "y").code == 0


def test_a_dry_run_counts_what_would_go_and_deletes_nothing(commands: Commands) -> None:
    store, now = FolderStore(commands.folder / "store"), datetime.now(UTC)
    for name in ("review/old", "review/new"):
        store.put(name, b"x", expected=ANYTHING)
    known = CleaningMemory(cleaned_at=now - timedelta(days=2))
    known.first_seen = {"review/old": now - timedelta(days=40)}
    memory = commands.keys / "cleaning.json"
    save_memory(memory, known)
    before = everything(store), memory.read_bytes()
    tried = commands.fleet("publish", "--dry-run")
    assert tried.err == "Would go from the store, over its time: leftover: 1.\n"
    assert (everything(store), memory.read_bytes()) == before
    gone = commands.fleet("publish")
    assert gone.err == "Gone from the store, over its time: leftover: 1.\n"
    assert [*everything(store, "review/")] == ["review/new"]
    assert commands.fleet("publish", "--dry-run").err == ""


# -- a store that is not there -------------------------------------------------------------------

AWAY: tuple[Callable[[Commands], Ended], ...] = (
    lambda fleet: fleet.fleet("status"),
    lambda fleet: fleet.fleet("publish"),
    lambda fleet: fleet.fleet("scope", "add", "yard", "--door", "y"),
    lambda fleet: fleet.sync("home"),
)


def test_a_store_that_is_away_is_out_of_service_and_good_again(commands: Commands) -> None:
    commands.enrol("home")
    store, away = commands.folder / "store", commands.folder / "away"
    store.rename(away)
    for act in AWAY:
        act(commands).refused(4)
    away.rename(store)
    assert commands.fleet("status").code == 0


def test_where_there_is_nothing_to_look_at(commands: Commands) -> None:
    assert commands.fleet("review").out == "There is nothing to look at.\n"
    cleared = commands.run(
        "people", "reviewed", "eve", "--store", commands.store, "--keys", commands.keys
    )
    cleared.refused(2, "Nobody with the id eve")


def test_a_dry_run_of_who_invites_writes_nothing(commands: Commands) -> None:
    key, sheet = commands.folder / "desk.key", commands.folder / "sheet.pdf"
    named = ("inviter", "add", "desk", "--scope", "harbour", "--key", key)
    assert commands.fleet(*named, "--dry-run", "--json").said["dry_run"] is True
    assert not key.exists()
    assert commands.fleet(*named).code == 0
    commands.fleet(*named, "--dry-run").refused(2, "is there already")
    before = everything(FolderStore(commands.folder / "store"))

    def invite(*words: str) -> Ended:
        desk = ("--key", key, "--root", commands.keys / "root.json", "--store", commands.store)
        wish = ("--subject", "s-17", "--sheet", sheet, "--dry-run", "--json")
        return commands.run("fleet", "invite", *wish, *desk, *words)

    assert invite("--scope", "harbour").said.keys() == {"subject", "expires", "dry_run"}
    invite("--scope", "yard").refused(2, "may not invite into scope 'yard'")
    dropped = commands.fleet("inviter", "drop", "desk", "--dry-run", "--json").said
    assert dropped == {"inviter": "desk", "ended": 0, "dry_run": True}
    assert not sheet.exists()
    assert everything(FolderStore(commands.folder / "store")) == before


def test_what_fails_a_check_is_named_and_set_aside(commands: Commands) -> None:
    store = FolderStore(commands.folder / "store")
    waiting = commands.folder / "store" / "changes" / "harbour"
    waiting.mkdir(parents=True, exist_ok=True)
    (waiting / "bad").write_text("rubbish\n", encoding="utf-8")
    told = commands.fleet("publish", "--json").said
    (line,) = told["review"]
    assert line.startswith("changes/harbour/bad: A file in the fleet's store holds something")
    assert [*everything(store, "review/")] == ["review/changes/harbour/bad"]
    seen = commands.fleet("review", "--json").said
    assert seen == {
        "set_aside": ["review/changes/harbour/bad"],
        "outdated": [],
        "void": [],
        "reports": [],
        "twice": [],
    }
    assert "Set aside in the store: review/changes/harbour/bad" in commands.fleet("review").out
    assert not [*waiting.iterdir()]


def test_the_fingerprint_is_shown_in_groups_and_to_a_telephone(commands: Commands) -> None:
    fingerprint = str(commands.enrol("home").said["fingerprint"])
    where = ("--store", commands.store, "--root", commands.keys / "root.json")
    shown = commands.run("device", "enrol", "--home", commands.folder / "home", *where)
    assert shown.code == 0
    assert " ".join(fingerprint[at : at + 4] for at in range(0, HEX, 4)) in shown.out
    drawn = [line for line in shown.out.splitlines() if line and set(line) <= set(HALVES)]
    assert [each.text for each in zxingcpp.read_barcodes(photographed(drawn))] == [
        fingerprint.upper()
    ]


def photographed(lines: list[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The half blocks of a terminal, as a telephone sees them: light on dark."""
    rows = [[HALVES[letter][half] for letter in line] for line in lines for half in (0, 1)]
    return np.kron(np.array(rows, np.uint8) * 255, np.ones((4, 4), np.uint8))


def test_settings_of_a_kiosk_beside_that_are_refused_stop_no_admin(commands: Commands) -> None:
    home = commands.folder / "broken"
    home.mkdir()
    (home / "config.toml").write_text("[fleet]\npoll_seconds = 0\n")
    place = ("--store", commands.store, "--keys", commands.keys)
    env = environment(COLUMNS="200", KIOSK_HOME=str(home))
    published = kiosk("fleet", "publish", *place, "--json", env=env)
    assert published.code == 0
    assert published.said["version"] > 1
    assert "poll_seconds" in published.err
