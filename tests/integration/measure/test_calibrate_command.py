"""`kiosk calibrate` as people and programs call it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import evaluation_data
import pytest
from typer.testing import CliRunner, Result

from kiosk.cli import app

pytestmark = [pytest.mark.data, pytest.mark.weights]

PEOPLE = 40


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which nothing is."""
    monkeypatch.setenv("KIOSK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "160")
    return tmp_path / "home"


def calibrate(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["calibrate", *map(str, arguments)])


def some(tmp_path: Path, people: int = PEOPLE) -> Path:
    """The first pictures of some people of LFW, where they lie."""
    folders = sorted(evaluation_data.data("lfw", "images").iterdir())[:people]
    for folder in folders:
        (tmp_path / "site" / folder.name).mkdir(parents=True)
        first, *_ = sorted(folder.iterdir())
        (tmp_path / "site" / folder.name / first.name).symlink_to(first)
    return tmp_path / "site"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return some(tmp_path)


def told(*arguments: str | Path) -> dict[str, Any]:
    result = calibrate(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    said: dict[str, Any] = json.loads(result.stdout)
    return said


@pytest.mark.long
def test_a_site_of_people_like_those_of_the_calibration_has_nothing_to_set(site: Path) -> None:
    said = told("--bona-fide", site)
    assert (said["people"], said["pairs_of_people"], said["references"]) == (PEOPLE, 780, 1)
    assert said["space"] == "sface-128/1"
    assert [point["score_here"] is not None for point in said["points"]] == [True] + [False] * 5
    assert sum(each["comparisons"] for each in said["histogram"]) == 780
    assert said["threshold_proposed"] >= said["threshold_shipped"]
    assert said["alike"] == []
    result = calibrate("--bona-fide", site)
    assert "Proposed:" in result.stdout
    assert "too few people" in result.stdout


@pytest.mark.long
def test_a_person_in_two_folders_is_named_and_raises_what_is_proposed(site: Path) -> None:
    before = told("--bona-fide", site)
    for number, folder in enumerate(sorted(site.iterdir())[:12]):
        (site / f"again-{number}").mkdir()
        (site / f"again-{number}" / "1.jpg").symlink_to(next(iter(folder.iterdir())).resolve())
    said = told("--bona-fide", site)
    assert said["site_shift"] > before["site_shift"]
    assert said["threshold_proposed"] >= said["threshold_shipped"]
    assert len(said["alike"]) == 12
    assert "See whether they are." in calibrate("--bona-fide", site).stdout


def test_what_is_proposed_is_a_setting_that_raises_the_threshold(site: Path, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text("[match]\nsite_shift = 0.05\n")
    said = told("--bona-fide", site)
    assert said["threshold_proposed"] >= said["threshold_shipped"]
    (home / "config.toml").write_text("[match]\nsite_shift = -0.05\n")
    assert calibrate("--bona-fide", site).exit_code == 2


def test_too_few_people_prove_nothing() -> None:
    webcam = evaluation_data.data("webcam", "bona_fide", "person_0001").parent
    people = sorted(webcam.iterdir())[:1]
    result = calibrate("--bona-fide", people[0] / next(iter(people[0].iterdir())).name)
    assert result.exit_code == 2
    assert "1 people make 0 pairs" in result.stderr
    assert "25 people or more" in result.stderr
    assert result.stdout == ""


def test_folders_that_are_not_there_or_empty_are_refused(tmp_path: Path) -> None:
    assert "does not exist" in calibrate("--bona-fide", tmp_path / "nowhere").stderr
    assert "holds no images" in calibrate("--bona-fide", tmp_path).stderr
    assert calibrate().exit_code == 2
