"""`kiosk enrol --add` and `--replace`, for somebody who is enrolled already (R34)."""

from __future__ import annotations

from pathlib import Path

import evaluation_data
import pytest
from kept_home import furnish
from kiosk_process import Ended, kiosk

pytestmark = [pytest.mark.data, pytest.mark.weights]

ANN, *_, BOB = evaluation_data.people()
PIN = "471180619253"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = furnish(tmp_path_factory.mktemp("again") / "home")
    _enrol(made, ANN, ANN, "--consent", "form 3")
    kiosk("people", "pin", ANN, "--stdin", "--home", made, typed=f"{PIN}\n")
    return made


def _enrol(home: Path, subject: str, shown: str, *options: str) -> Ended:
    pictures = evaluation_data.for_enrolment(shown)
    return kiosk("enrol", "--home", home, "--subject", subject, "--json", *options, *pictures)


def _person(home: Path, subject: str) -> dict[str, object]:
    shown: dict[str, object] = kiosk("people", "show", subject, "--json", "--home", home).said
    return shown


def test_more_references_of_the_same_person(home: Path) -> None:
    before = _person(home, ANN)
    said = _enrol(home, ANN, ANN, "--add").said
    assert said["references"] == 6 - int(str(before["references"]))
    assert "more_than_needed" in {r["reason"] for r in said["refused"]}
    after = _person(home, ANN)
    assert after == before | {"references": 6}


def test_other_references_of_the_same_person(home: Path) -> None:
    before = _person(home, ANN)
    said = _enrol(home, ANN, ANN, "--replace").said
    assert _person(home, ANN) == before | {"references": said["references"]}
    assert before["has_pin"] is True


@pytest.mark.parametrize("option", ["--add", "--replace"])
def test_another_persons_pictures_change_nothing(home: Path, option: str) -> None:
    before = _person(home, ANN)
    ended = _enrol(home, ANN, BOB, option)
    assert ended.code == 3
    assert {r["reason"] for r in ended.said["refused"]} >= {"another_person"}
    assert _person(home, ANN) == before


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ((), "consent"),
        (("--add", "--replace"), "--add"),
        (("--add", "--consent", "form 3"), "--consent"),
        (("--add",), "not enrolled"),
    ],
)
def test_mistakes_are_named_before_anybody_is_looked_at(
    home: Path, options: tuple[str, ...], problem: str
) -> None:
    _enrol(home, "nobody-yet", BOB, *options).refused(2, problem)
