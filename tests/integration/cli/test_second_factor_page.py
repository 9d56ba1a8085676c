"""The page on the second factor can be followed as it stands, and its numbers are the program's."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from kept_samples import AGREED, ANNA, template
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.domain.access import factors
from kiosk.domain.people.rules import PersonRules
from kiosk.store.open_home import OpenHome
from kiosk.store.secrets import admin_pin as admin

PAGE = (Path(__file__).parents[3] / "docs" / "second-factor.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ kiosk (.+)$", PAGE, re.MULTILINE)
TYPED = {"pin": "471180\n", "--duress": "806147\n"}


def test_every_command_of_the_page_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("KIOSK_HOME", str(home))
    monkeypatch.chdir(tmp_path)
    with OpenHome.open(home) as open_home:
        open_home.references.enrol(ANNA, [template(1)], AGREED)
    assert len(COMMANDS) > 8
    for command in COMMANDS:
        words = shlex.split(command)
        asks = words[1] == "pin" and "--remove" not in words
        typed = next((text for word, text in reversed(TYPED.items()) if word in words), None)
        done = CliRunner().invoke(app, words + ["--stdin"] * asks, input=typed)
        assert done.exit_code == 0, (command, done.output)
    with OpenHome.open(home) as open_home:
        profile = open_home.references.show(ANNA).profile
    assert profile.rules == PersonRules(needs_longer=True)
    assert profile.factors == factors.Factors()


def test_what_the_page_promises_is_what_rules() -> None:
    pins, admins = factors.PIN_DIGITS, factors.ADMIN_PIN_DIGITS
    said = " ".join(PAGE.split())
    assert f"{pins.start} to {pins.stop - 1} digits. Refused" in said
    assert f"{admins.start} to {admins.stop - 1} digits. After five wrong" in said
    assert f"N = {factors.PIN_ROUNDS}" in said
    assert admin.ATTEMPTS == 5
    assert f"waits {admin.WAIT_SECONDS:g} s" in said
    assert admin.LONGEST_WAIT_SECONDS == 3600
    assert [f"`{factor.value}` |" in PAGE for factor in factors.Factor] == [True] * 4
