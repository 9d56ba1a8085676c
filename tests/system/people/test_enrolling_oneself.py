"""People enrol themselves before a recording's camera, and are let in afterwards (R25, R73)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import evaluation_data
import numpy as np
import pytest
from enrolment_films import Film, enrolling, enrolling_turned, frames_of
from kept_home import NAME, furnish
from kiosk_process import Ended, kiosk

from kiosk.store.home import Home

pytestmark = [pytest.mark.data, pytest.mark.weights]

GRACE, *_, OTHER = evaluation_data.people()
PICTURES = (b"\xff\xd8\xff\xe0\x00\x10JFIF", b"\x89PNG\r\n", b"WEBPVP8")
"""How pictures begin."""
PIECE, ROWS = 24, range(100, 400, 20)
"""So many bytes of these rows of a frame are no accident, where they are not all alike."""
FPS = 5
"""Slower than a camera, so that a recording costs little; a head moves little in that time."""
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


def nothing_left(home: Path, film: Film) -> None:
    """No picture is kept, as a file or as pixels, and no name, in whatever the home holds (R32)."""
    frames = [evaluation_data.picture(path) for path in sorted(film.folder.iterdir())[::8]]
    views = [view for pixels in frames for view in (pixels, pixels[:, :, ::-1], pixels[:, :, 1])]
    rows = [np.ascontiguousarray(view[row, 280:304]).tobytes() for view in views for row in ROWS]
    pieces = {row[:PIECE] for row in rows if len(set(row[:PIECE])) > PIECE // 3}
    assert len(pieces) > 100
    for path in home.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert not any(mark in content for mark in PICTURES), path
        assert not any(piece in content for piece in pieces), path
        assert NAME.encode() not in content, path


def people(home: Path) -> list[dict[str, Any]]:
    """Who has enrolled themselves; two others are in every such home."""
    listed = kiosk("people", "list", "--json", "--home", home).said["people"]
    return [person for person in listed if person["subject"] == "s-1"]


def at_the_door(home: Path) -> list[tuple[str, str | None]]:
    """What the door decides on the same person, in a recording that the enrolment has not seen."""
    walk = next(iter(evaluation_data.walks(GRACE).values()))[0].parent
    door = kiosk("run", "--home", home, "--source", f"images:{walk}?fps=15", "--headless", "--json")
    return [(said["outcome"], said["subject"]) for said in door.of("decision")]


def test_somebody_enrols_by_camera_alone_and_is_let_in_until_they_withdraw(tmp_path: Path) -> None:
    """With the settings as they come: three directions of five, of a head that turns."""
    home, film = furnish(tmp_path / "home"), Film(tmp_path / "film", frames_of(GRACE), FPS)
    ended = run(home, enrolling_turned(film, invite(home)))
    assert [step for step, _ in steps(ended)] == ["invited", "consented", "captured", "enrolled"]
    assert {said["subject"] for said in ended.of("enrolment")} == {"s-1"}
    assert ended.of("summary")[0]["door_releases"] == 0, "no enrolment releases the door"
    assert ended.of("enrolment")[-1]["at_seconds"] <= 40.0
    (one,) = people(home)
    assert one["references"] >= 3
    nothing_left(home, film)
    assert at_the_door(home)[0] == ("granted", "s-1")
    assert kiosk("people", "withdraw", "s-1", "--home", home, "--json").said["receipt"]
    assert {outcome for outcome, _ in at_the_door(home)} == {"refused"}


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
