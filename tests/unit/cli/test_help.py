"""What `--help` shows is what was written: brackets are not eaten. And `--version`, completion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from kiosk.cli import app


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    yield (), get_command(app)
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        yield (name,), command
        for below, inner in getattr(command, "commands", {}).items():
            yield (name, below), inner


COMMANDS = dict(commands())


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_word_of_help_is_taken_for_markup(words: tuple[str, ...]) -> None:
    command = COMMANDS[words]
    result = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    shown = " ".join(result.output.split())
    texts = [command.help or "", *(getattr(option, "help", "") or "" for option in command.params)]
    for bracket in re.findall(r"\\?(\[[^\]]*\])", " ".join(texts)):
        assert bracket in shown


def test_the_section_of_the_operators_keys_is_named() -> None:
    shown = CliRunner().invoke(app, ["operator", "release", "--help"], env={"COLUMNS": "200"})
    assert "[operators.keys]" in shown.output


def test_the_version_is_said() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (
        0,
        f"lintel-kiosk {metadata.version('lintel-kiosk')}\n",
    )


def test_shells_are_helped_to_complete() -> None:
    result = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"})
    assert "--install-completion" in result.output
