"""`kiosk invite`, as an admin and as another program calls it (R91, R93)."""

from __future__ import annotations

import json
import stat
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from kept_files import lines
from typer.testing import CliRunner, Result

from hardware.camera.codes import ZxingReader
from kiosk.cli import app
from kiosk.domain.enrolment.invitation import Invitation, InvitationRefusal
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.people.invitations import InvitationService
from kiosk.store.home import Home
from kiosk.store.open_home import OpenHome
from kiosk.ui.strings import languages

DONE, WRONG_USE = 0, 2


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("KIOSK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "160")
    return Home(tmp_path / "home")


def invite(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["invite", *map(str, arguments)])


def _presented(home: Home, text: str) -> Invitation | InvitationRefusal | None:
    with OpenHome.open(home.path) as open_home:
        return InvitationService(open_home).present(text)


def _codes(picture: Path) -> Sequence[str]:
    pixels = cv2.imread(str(picture))
    assert pixels is not None
    return ZxingReader().read(Frame(np.asarray(pixels, np.uint8), Instant(0.0), 0))


def test_an_invitation_for_another_program(home: Home) -> None:
    """It creates its home, and prints one object."""
    result = invite("--subject", "s-1", "--group", "staff", "--valid-until", "2027-01-31", "--json")
    assert result.exit_code == DONE
    said = json.loads(result.stdout)
    assert said.keys() == {"subject", "expires", "code"}
    assert said["subject"] == "s-1"
    assert len(said["code"]) <= 200
    shown = _presented(home, said["code"])
    assert isinstance(shown, Invitation)
    assert shown.groups == ("staff",)
    assert str(shown.valid_until) == "2027-01-31"


def test_the_picture_is_the_code_and_its_owners_alone(home: Home, tmp_path: Path) -> None:
    picture = tmp_path / "code.png"
    result = invite("--subject", "s-1", "--png", picture, "--json")
    assert _codes(picture) == (json.loads(result.stdout)["code"],)
    assert stat.S_IMODE(picture.stat().st_mode) == 0o600
    assert json.loads(result.stdout)["code"] not in "".join(lines(home.journal))


@pytest.mark.parametrize("language", languages())
def test_a_sheet_in_every_language(tmp_path: Path, language: str) -> None:
    paper = tmp_path / "sheet.pdf"
    result = invite("--subject", "s-1", "--language", language, "--sheet", paper)
    assert result.exit_code == DONE, result.output
    content = paper.read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.count(b"/Subtype /Image") >= 3
    assert b"s-1" not in content


def test_invitations_are_listed_and_revoked(home: Home) -> None:
    code = json.loads(invite("--subject", "s-1", "--json").stdout)["code"]
    (one,) = json.loads(invite("list", "--json").stdout)["invitations"]
    assert (one["subject"], one["state"]) == ("s-1", "open")
    assert code not in invite("list").stdout
    revoked = json.loads(invite("revoke", one["id"], "--json").stdout)
    assert revoked["state"] == "revoked"
    assert _presented(home, code) is InvitationRefusal.REVOKED
    assert invite("revoke", one["id"]).exit_code == WRONG_USE


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "Nobody is named"),
        (("--subject", "Grace Hopper"), "cannot be a subject's id"),
        (("--subject", "s-1", "--language", "tlh"), "no words for the language"),
        (("--subject", "s-1", "--days", "0"), "--days"),
        (("--subject", "s-1", "--group", "not a group"), "cannot be a group"),
        (("--subject", "s-1", "--valid-until", "soon"), "is no day"),
        (("--subject", "s-1", "--reference", "/nowhere.jpg"), "nowhere.jpg"),
        (("revoke", "1234"), "There is no"),
    ],
)
def test_mistakes_are_named_and_make_nothing(arguments: tuple[str, ...], problem: str) -> None:
    result = invite(*arguments)
    assert result.exit_code == WRONG_USE
    assert problem in " ".join(result.output.split())
    listed = invite("list", "--json")
    assert listed.exit_code == WRONG_USE or json.loads(listed.stdout)["invitations"] == []


def test_a_file_that_is_there_is_kept_and_nobody_is_invited(tmp_path: Path) -> None:
    paper = tmp_path / "sheet.pdf"
    paper.write_text("something else")
    assert invite("--subject", "s-1", "--sheet", paper).exit_code == WRONG_USE
    assert paper.read_text() == "something else"
    assert invite("list").exit_code == WRONG_USE


def test_a_sheet_that_cannot_be_written_ends_its_invitation(tmp_path: Path) -> None:
    assert invite("--subject", "s-1", "--png", tmp_path / "no" / "c.png").exit_code == WRONG_USE
    (one,) = json.loads(invite("list", "--json").stdout)["invitations"]
    assert one["state"] == "revoked"


def test_a_photograph_is_sealed_with_the_invitation(home: Home, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    cv2.imwrite(str(photo), np.full((64, 64, 3), 90, np.uint8))
    invite("--subject", "s-1", "--reference", photo)
    (one,) = json.loads(invite("list", "--json").stdout)["invitations"]
    assert one["has_reference"]
    kept = b"".join(file.read_bytes() for file in home.path.rglob("*") if file.is_file())
    assert photo.read_bytes() not in kept
