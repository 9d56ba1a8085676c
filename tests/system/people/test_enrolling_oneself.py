"""People enrol themselves before a recording's camera, and are let in afterwards (R25, R73)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import evaluation_data
import pytest
from enrolment_films import Film, enrolling, frames_of
from kept_home import furnish
from kiosk_process import Ended, kiosk

from kiosk.store.home import Home

pytestmark = [pytest.mark.data, pytest.mark.weights]

GRACE, *_, OTHER = evaluation_data.people()
STILL = "[enrolment]\nposes_required = 1\n"
"""The people of the recordings hardly turn their heads."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = furnish(tmp_path / "home")
    with (made / "config.toml").open("a") as config:
        config.write(STILL)
    return made


def invite(home: Path, subject: str = "s-1", *options: str | Path) -> str:
    said = kiosk("invite", "--home", home, "--subject", subject, "--json", *options).said
    return str(said["code"])


def run(home: Path, film: Film) -> Ended:
    ended = kiosk("run", "--home", home, "--source", film.source, "--headless", "--json")
    assert (ended.code, ended.err) == (0, "")
    return ended


def steps(ended: Ended) -> list[tuple[str, str | None]]:
    return [(said["step"], said["reason"]) for said in ended.of("enrolment")]


def people(home: Path) -> list[dict[str, Any]]:
    """Who has enrolled themselves; two others are in every such home."""
    listed = kiosk("people", "list", "--json", "--home", home).said["people"]
    return [person for person in listed if person["subject"] == "s-1"]


def test_somebody_enrols_by_camera_alone_and_is_let_in_and_withdraws(
    home: Path, tmp_path: Path
) -> None:
    film = enrolling(Film(tmp_path / "film", frames_of(GRACE)), invite(home))
    ended = run(home, film)
    assert [step for step, _ in steps(ended)] == ["invited", "consented", "captured", "enrolled"]
    assert {said["subject"] for said in ended.of("enrolment")} == {"s-1"}
    (one,) = people(home)
    assert one["references"] >= 2
    walk = next(iter(evaluation_data.walks(GRACE).values()))[0].parent
    door = kiosk("run", "--home", home, "--source", f"images:{walk}?fps=15", "--headless", "--json")
    assert [d["subject"] for d in door.of("decision")][:1] == ["s-1"]


def test_whoever_says_no_leaves_no_trace(home: Path, tmp_path: Path) -> None:
    film = Film(tmp_path / "film", frames_of(GRACE))
    ended = run(home, enrolling(film, invite(home), answer="LINTEL-NO", posing=4.0))
    assert steps(ended) == [("invited", None), ("declined", "said_no")]
    assert people(home) == []


@pytest.mark.long
def test_a_used_invitation_opens_no_more_than_their_data(home: Path, tmp_path: Path) -> None:
    code = invite(home)
    run(home, enrolling(Film(tmp_path / "first", frames_of(GRACE)), code))
    again = run(home, enrolling(Film(tmp_path / "second", frames_of(OTHER)), code, posing=2.0))
    assert steps(again) == [("failed", "code_used")]
    assert len(people(home)) == 1


@pytest.mark.long
def test_somebody_who_steps_in_after_the_consent_is_not_enrolled(
    home: Path, tmp_path: Path
) -> None:
    film = Film(tmp_path / "film", frames_of(GRACE))
    film.show(0.5).show(1.5, invite(home)).show(13.5).show(1.0, "LINTEL-YES").show(2.0)
    ended = run(home, film.cut_to(frames_of(OTHER)).show(25.0))
    assert steps(ended)[-1][0] in {"failed", "abandoned"}
    assert people(home) == []


@pytest.mark.long
def test_a_printed_photograph_is_not_enrolled(home: Path, tmp_path: Path) -> None:
    film = Film(tmp_path / "film", frames_of(GRACE, "print"))
    ended = run(home, enrolling(film, invite(home)))
    assert steps(ended)[-1][0] == "failed"
    assert people(home) == []


@pytest.mark.long
def test_an_invitation_of_another_kiosk_begins_nothing(home: Path, tmp_path: Path) -> None:
    foreign = invite(tmp_path / "elsewhere")
    film = Film(tmp_path / "film", frames_of(GRACE)).show(0.5).show(1.5, foreign).show(2.0)
    assert steps(run(home, film)) == [("failed", "code_elsewhere")]
    assert people(home) == []


@pytest.mark.long
def test_walking_away_keeps_nothing(home: Path, tmp_path: Path) -> None:
    film = Film(tmp_path / "film", frames_of(GRACE))
    film.show(0.5).show(1.5, invite(home)).show(13.5).show(1.0, "LINTEL-YES").show(2.0).leave(8.0)
    ended = run(home, film)
    assert steps(ended)[-1] == ("abandoned", "left")
    assert people(home) == []
    told = [json.loads(line) for line in Home(home).journal.read_text().splitlines()][-20:]
    assert not {"enrolment", "enrolled", "enrolment_step"} & {entry["event"] for entry in told}
