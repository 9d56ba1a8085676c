"""`--home`: a typo makes no kiosk. Only `run`, `enrol`, `init` and `restore` make one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import Result
from typer.main import get_command
from typer.testing import CliRunner

from kiosk.cli import app

MAKING = {"run", "enrol", "init", "device enrol", "restore"}
WITHOUT_A_HOME = {
    "demo",
    "fleet accept",
    "fleet approve",
    "fleet erasure",
    "fleet diff",
    "fleet init",
    "fleet keys",
    "fleet pending",
    "fleet invite",
    "fleet inviter",
    "fleet journal",
    "fleet offers",
    "fleet people",
    "fleet policy",
    "fleet publish",
    "fleet reject",
    "fleet halt",
    "fleet revoke",
    "fleet ring",
    "fleet rollout",
    "fleet scope",
    "fleet review",
    "fleet sign",
    "fleet status",
    "fleet verify",
    "operator key",
    "people move",
    "people resume",
    "people reviewed",
    "people suspend",
}
IMPORT = ("a.csv", "--photos", ".", "--scope", "s", "--store", "folder:s", "--keys", ".")
ORDER = ("--as", "anna", "--key", "anna.key")
ARGUMENTS: dict[str, Sequence[str]] = {
    "admin pin": ("--stdin",),
    "audit export": ("-",),
    "audit receipt": ("7K3M-9QPT-XW2A-B4CD",),
    "audit renew": ("--yes",),
    "audit accept": ("--yes",),
    "audit tail": (),
    "audit verify": (),
    "backup": ("--to", "b", "--passphrase-file", "p"),
    "bench": ("--quick",),
    "calibrate": ("--bona-fide", "."),
    "cloud alarms": (),
    "cloud dlq": ("list",),
    "cloud erase": ("p-1", "--yes"),
    "cloud index": ("a.csv", "--photos", "."),
    "cloud init": (),
    "cloud peer": (),
    "cloud plan": ("--images", "1", "--seconds", "1"),
    "cloud reconcile": (),
    "cloud reindex": ("a.csv", "--photos", "."),
    "cloud status": (),
    "cloud policy": ("door", "--account", "123456789012"),
    "device offer": ("--scope", "s", "--consent", "1"),
    "doctor": (),
    "door learn-key": (),
    "door release": (),
    "door secure": (),
    "door status": (),
    "door test": (),
    "evaluate pad": ("--bona-fide", ".", "--attack", "print=."),
    "evaluate recognition": ("--pairs", "pairs.csv", "--images", "."),
    "fleet import": IMPORT,
    "invite list": (),
    "invite revoke": ("00",),
    "keys rotate": (),
    "models install": (),
    "models list": (),
    "models verify": (),
    "operator deny": ORDER,
    "operator lift": ORDER,
    "operator lockdown": ORDER,
    "operator pause": ORDER,
    "operator release": ORDER,
    "operator reset-passback": ORDER,
    "operator resume": ORDER,
    "operator secure": ORDER,
    "operator status": ORDER,
    "people allow": ("s-1", "--group", "staff"),
    "people badge": ("s-1", "--revoke"),
    "people candidates": ("a.jpg",),
    "people data": ("s-1",),
    "people erase": ("s-1", "--yes"),
    "people list": (),
    "people pin": ("s-1", "--stdin"),
    "people show": ("s-1",),
    "people withdraw": ("s-1",),
    "retention run": (),
    "sync": ("--once",),
}
CHANGING = [
    command
    for command in ARGUMENTS
    if command.startswith(("admin", "door", "retention"))
    or command
    in {
        "backup",
        "cloud dlq",
        "cloud erase",
        "cloud index",
        "cloud init",
        "cloud reconcile",
        "cloud reindex",
        "cloud status",
        "invite revoke",
        "keys rotate",
        "people allow",
        "people badge",
        "people candidates",
        "people erase",
        "people pin",
        "people withdraw",
    }
]


def kiosk(command: str, home: Path) -> Result:
    words = [*command.split(), *ARGUMENTS.get(command, ()), "--home", str(home)]
    return CliRunner().invoke(app, words, input="739154\n")


def leaves() -> set[str]:
    found: set[str] = set()
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", None)
        found |= {f"{name} {each}" for each in below} if below else {name}
    return found


def test_every_command_is_tried_here() -> None:
    assert leaves() == set(ARGUMENTS) | MAKING | WITHOUT_A_HOME


@pytest.mark.parametrize("command", ARGUMENTS)
def test_a_typo_makes_no_kiosk(tmp_path: Path, command: str) -> None:
    typo = tmp_path / "lintle"
    result = kiosk(command, typo)
    assert result.exit_code == 2, result.output
    assert f"There is no home {typo}." in result.output
    assert "kiosk init" in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", CHANGING)
def test_somebody_elses_folder_becomes_no_kiosk(tmp_path: Path, command: str) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    result = kiosk(command, tmp_path)
    assert result.exit_code == 2, result.output
    assert f"There is no kiosk in {tmp_path}." in result.output
    assert [each.name for each in tmp_path.iterdir()] == ["notes.txt"]


def test_a_home_is_made_when_it_is_asked_for(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first, second = (CliRunner().invoke(app, ["init", "--home", str(home)]) for _ in range(2))
    assert (first.exit_code, first.stdout) == (0, f"A new kiosk is in {home}.\n")
    assert (second.exit_code, second.stdout) == (0, f"There is a kiosk in {home} already.\n")
    assert kiosk("door status", home).exit_code == 0
    assert kiosk("audit verify", home).exit_code == 0
    assert home.stat().st_mode & 0o777 == 0o700


def test_making_a_home_is_told_to_programs(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["init", "--json", "--home", str(tmp_path)])
    assert json.loads(result.stdout) == {"home": str(tmp_path), "made": True}


def test_settings_alone_are_a_home_to_wire_a_door_with(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[door]\nrelease_seconds = 4\n")
    assert kiosk("door status", tmp_path).exit_code == 0


def test_weights_can_be_looked_at_before_the_home_of_the_environment_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `make setup` does where KIOSK_HOME is set already."""
    monkeypatch.setenv("KIOSK_HOME", str(tmp_path / "later"))
    assert CliRunner().invoke(app, ["models", "list"]).exit_code == 0
    assert CliRunner().invoke(app, ["people", "list"]).exit_code == 2
    assert list(tmp_path.iterdir()) == []
