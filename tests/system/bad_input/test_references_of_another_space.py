"""A home whose people were enrolled with other models: nothing is lost, and it is said what to do.

Until SFace became the default, MobileFaceNet was, which is the pack `light` now.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import evaluation_data
import older_home
import pytest
from chosen import few_first
from kept_home import Kept, furnish, rows
from kept_samples import AGREED, ANNA, BORIS, CHEN, template
from kiosk_process import kiosk
from video_files import write_folder

from kiosk.store.home import Home
from kiosk.store.open_home import OpenHome
from kiosk.store.people import records
from models.packs.installed import load_manifest

pytestmark = pytest.mark.weights

LIGHT = '[models]\npack = "light"\n'
HOW = ("mobilefacenet-192/1", 'models.pack = "light"', "kiosk models install light", "enrol")
OLDER = load_manifest().pack("light").space


def light(path: Path) -> Path:
    return furnish(path, pack_name="light")


def untied(path: Path) -> Path:
    """As the program before the ties left it, too."""
    older_home.age(Home(light(path)))
    return path


@pytest.fixture(params=few_first([light, untied], 1))
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    make: Callable[[Path], Path] = request.param
    return make(tmp_path / "home")


def references(home: Path) -> list[tuple[object, ...]]:
    return rows(home)["refs"]


def test_the_kiosk_does_not_start_and_says_how_to_go_on(home: Path, tmp_path: Path) -> None:
    before = references(home)
    frames = write_folder(tmp_path / "frames", 2)
    ended = kiosk("run", "--home", home, "--source", f"images:{frames}", "--headless")
    ended.refused(4, "2 of the people enrolled", "Nothing is lost", *HOW)
    assert references(home) == before


@pytest.mark.parametrize("option", [(), ("--different-person",)])
def test_nobody_is_enrolled_beside_them(home: Path, tmp_path: Path, option: tuple[str]) -> None:
    before = references(home)
    frames = write_folder(tmp_path / "frames", 1)
    arguments = ("--subject", "s-1", "--consent", "form 3", *option, frames)
    kiosk("enrol", "--home", home, *arguments).refused(4, *HOW)
    assert references(home) == before


def test_people_are_listed_and_shown_with_the_same_sentence(home: Path) -> None:
    listed = kiosk("people", "list", "--json", "--home", home)
    assert [person["subject"] for person in listed.said["people"]] == [ANNA, BORIS]
    shown = kiosk("people", "show", ANNA, "--json", "--home", home)
    assert shown.said["spaces"] == OLDER
    for ended in (listed, shown):
        assert ended.code == 0
        assert all(word in ended.err for word in HOW)


def test_the_doctor_says_it(home: Path) -> None:
    (home / "config.toml").write_text('[camera]\nsource = "file:/dev/null"\n')
    found = json.loads(kiosk("doctor", "--json", "--home", home).out)["findings"]
    (room,) = [each for each in found if each["name"] == "room"]
    assert room["health"] == "bad"
    assert all(word in room["text"] + room["remedy"] for word in HOW)


def test_whoever_erases_them_can_enrol_anew(home: Path) -> None:
    for subject in (ANNA, BORIS):
        assert kiosk("people", "erase", subject, "--yes", "--home", home).code == 0
    person = evaluation_data.people()[0]
    pictures = evaluation_data.for_enrolment(person)
    options = ("--subject", person, "--consent", "form 3", *pictures)
    assert kiosk("enrol", "--home", home, *options).code == 0
    assert kiosk("people", "list", "--home", home).err == ""


@pytest.mark.data
def test_with_the_pack_that_made_them_everything_goes_on(home: Path) -> None:
    """Somebody enrolled with that pack is let in, and the strangers of it stay."""
    evaluation_data.pack("light")
    (home / "config.toml").write_text(LIGHT)
    person = evaluation_data.people()[0]
    options = ("--subject", person, "--consent", "form 3")
    pictures = evaluation_data.for_enrolment(person)
    assert kiosk("enrol", "--home", home, *options, *pictures).code == 0
    walk = next(iter(evaluation_data.walks(person).values()))
    source = f"images:{walk[0].parent}?fps=15"
    ended = kiosk("run", "--home", home, "--source", source, "--headless", "--json")
    (decision,) = ended.of("decision")[:1]
    assert (decision["outcome"], decision["subject"]) == ("granted", person)
    assert kiosk("people", "list", "--home", home).err == ""


def test_a_home_of_both_that_an_earlier_version_made_says_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Earlier versions let `--different-person` enrol somebody beside people of another space."""
    home = furnish(tmp_path / "home")
    with monkeypatch.context() as earlier, OpenHome.open(home) as open_home:
        earlier.setattr(records, "check_space", lambda *_: None)
        open_home.references.enrol(CHEN, [template(3, OLDER, 192)], AGREED)
    before = Kept.of(home)
    frames = write_folder(tmp_path / "frames", 2)
    ended = kiosk("run", "--home", home, "--source", f"images:{frames}", "--headless")
    ended.refused(4, "1 of the people enrolled", *HOW)
    assert before.added_to()
