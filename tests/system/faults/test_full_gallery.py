"""One person too many: whoever was enrolled in time goes on being let in, and everybody is told.

The gallery is as small as `match.target_fpir` makes it: 1.5e-6 leaves room for three people.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import evaluation_data
import pytest
from kept_home import Kept, verified
from kept_samples import AGREED, CHEN, template
from kiosk_process import Ended, Running, kiosk
from mjpeg_camera import MjpegCamera

from kiosk.store.open_home import OpenHome
from models.packs.installed import load_manifest

pytestmark = [pytest.mark.weights, pytest.mark.data]

FIRST, SECOND = evaluation_data.people()[:2]
SMALL = "[match]\ntarget_fpir = 1.5e-6\n[access]\ngranted_hold_seconds = 1\nretry_seconds = 1\n"


@pytest.fixture
def home(tmp_path: Path, furnished: Callable[[Path], Path]) -> Path:
    """Two of nobody's face, and the first person with five views: three of three."""
    home = furnished(tmp_path / "home")
    (home / "config.toml").write_text(SMALL)
    return home


def crowd(home: Path, people: int = 1) -> None:
    """More people than there is room for, as a copied database or another program would bring."""
    pack = load_manifest().pack("standard")
    dimensions = pack.file("embedding").dimensions or 0
    with OpenHome.open(home) as open_home:
        for number in range(people):
            made = [template(number * 5 + seed, pack.space, dimensions) for seed in range(5)]
            open_home.references.enrol(type(CHEN)(f"late-{number}"), made, AGREED)


def walk_up(home: Path, person: str) -> Ended:
    walk = next(iter(evaluation_data.walks(person).values()))
    source = f"images:{walk[0].parent}?fps=15"
    return kiosk("run", "--home", home, "--source", source, "--headless", "--json")


def enrol(home: Path, person: str) -> Ended:
    pictures = evaluation_data.for_enrolment(person)
    return kiosk("enrol", "--home", home, "--subject", person, "--consent", "form 3", *pictures)


def test_whoever_does_not_fit_is_refused_before_any_photograph_is_looked_at(home: Path) -> None:
    before = Kept.of(home)
    ended = enrol(home, SECOND)
    ended.refused(3, "3 people are enrolled", "beyond the 3", "raise match.target_fpir")
    assert before.untouched()
    assert verified(home).sealed


def test_whoever_enrols_is_warned_before_it_is_full(home: Path) -> None:
    (home / "config.toml").write_text("[match]\ntarget_fpir = 2.5e-6\n")
    ended = enrol(home, SECOND)
    assert ended.code == 0
    assert "4 people are enrolled, of at most 5" in ended.err
    assert "1 more can be" in ended.err


def test_whoever_was_enrolled_in_time_is_let_in_though_the_gallery_is_too_large(
    home: Path,
) -> None:
    crowd(home, 2)
    ended = walk_up(home, FIRST)
    (decision,) = ended.of("decision")[:1]
    assert (decision["outcome"], decision["subject"]) == ("granted", FIRST)
    assert ended.code == 0
    assert "People enrolled last who are not recognised: 2." in ended.err
    assert "raise match.target_fpir" in ended.err
    noted = [
        json.loads(line)["event"] for line in (home / "journal.jsonl").read_text().splitlines()
    ]
    assert noted.count("gallery_full") == 1


def test_whoever_came_last_is_not_let_in_by_a_looser_threshold(home: Path) -> None:
    (home / "config.toml").write_text("[match]\ntarget_fpir = 2.5e-6\n")
    assert enrol(home, SECOND).code == 0
    (home / "config.toml").write_text(SMALL)
    ended = walk_up(home, SECOND)
    assert ended.of("summary")[0]["door_releases"] == 0
    assert {decision["outcome"] for decision in ended.of("decision")} == {"refused"}


def test_a_kiosk_that_runs_goes_on(home: Path, camera: MjpegCamera) -> None:
    arguments = ("--home", home, "--source", camera.url, "--headless", "--json")
    with Running("run", *arguments) as running:
        running.wait_for("decision", outcome="granted")
        crowd(home)
        for _ in range(2):  # the gallery is read again within a second: the next are after it
            running.wait_for("decision", outcome="granted", subject=FIRST)
        ended = running.end()
    assert ended.code == 0
    assert ended.of("fault") == []
    assert "People enrolled last who are not recognised: 1." in ended.err


def test_the_doctor_shows_what_is_left(home: Path) -> None:
    (home / "config.toml").write_text(SMALL + '[camera]\nsource = "file:/dev/null"\n')
    found = json.loads(kiosk("doctor", "--json", "--home", home).out)["findings"]
    (room,) = [each for each in found if each["name"] == "room"]
    assert room["health"] == "warn"
    assert room["text"].startswith("3 people are enrolled, of at most 3")
