"""`kiosk cloud policy`: the rights of each role, as IAM reads them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kiosk.cli import app


def policy(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["cloud", "policy", *arguments, "--home", str(home)])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    page = '[cloud]\nregion = "eu-west-1"\ncollection = "office"\nsearch = "faces"\n'
    (tmp_path / "config.toml").write_text(page, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("role", ["door", "enrolment", "admin"])
def test_it_is_for_the_collections_of_the_settings(home: Path, role: str) -> None:
    ended = policy(home, role, "--account", "123456789012")
    assert ended.exit_code == 0
    first = json.loads(ended.stdout)["Statement"][0]
    assert first["Resource"] == ["arn:aws:rekognition:eu-west-1:123456789012:collection/office-*"]
    assert "rekognition:SearchFacesByImage" in first["Action"]
    assert "rekognition:SearchUsersByImage" not in first["Action"]


def test_an_account_that_is_none_is_refused(home: Path) -> None:
    ended = policy(home, "door", "--account", "me")
    assert ended.exit_code == 2
    assert "twelve digits" in ended.output


def test_without_a_region_there_is_no_policy(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("", encoding="utf-8")
    ended = policy(tmp_path, "door", "--account", "123456789012")
    assert ended.exit_code == 2
    assert "cloud.region is not set" in ended.output
