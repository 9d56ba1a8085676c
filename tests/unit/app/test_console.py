"""The command line adds its command to a remedy that names a step; nothing else names one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from kiosk.app.console import COMMANDS, print_error, with_command
from kiosk.domain.errors import BadInput
from kiosk.domain.remedies import NextStep, Remedy

ROOT = Path(__file__).resolve().parents[3]
OURS = ("config", "hardware", "kiosk", "models")
WITHOUT_COMMANDS = ("config", "hardware", "kiosk/domain", "kiosk/people", "kiosk/store", "models")
"""Packages whose errors and findings are shown on the screen and by other programs too."""
COMMAND = re.compile(r"`(kiosk|make) |[ `(]--[a-z]|^--[a-z-]+ ")
GIVE_PIN = Remedy("Give them a PIN.", NextStep.SET_PIN, subject="s-1")


def files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def test_the_command_line_adds_the_command() -> None:
    assert with_command(GIVE_PIN) == "Give them a PIN. Run `kiosk people pin s-1`."
    assert with_command("Mend it.") == "Mend it."


def test_an_error_is_printed_with_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    print_error(BadInput("They have none.", GIVE_PIN))
    assert capsys.readouterr().err == (
        "kiosk: They have none.\n       Give them a PIN. Run `kiosk people pin s-1`.\n"
    )


# -- the table of commands -----------------------------------------------------------------------


def uses() -> Iterator[tuple[str, set[str]]]:
    """Each step that a remedy of the code asks for, with the names of its objects."""
    for path in files(*OURS):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name("Remedy"), args=[_, ast.Attribute(attr=step)]):
                    yield step, {keyword.arg or "" for keyword in node.keywords}


def placeholders(command: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(command) if name is not None}


def test_every_step_has_a_command_and_is_asked_for() -> None:
    assert set(COMMANDS) == set(NextStep)
    assert {step for step, _ in uses()} == {step.name for step in NextStep}


def test_every_remedy_names_what_its_command_needs() -> None:
    assert {name for _, names in uses() for name in names} >= {"subject"}
    wrong = [use for use in uses() if placeholders(COMMANDS[NextStep[use[0]]]) != use[1]]
    assert wrong == []


# -- texts without commands ----------------------------------------------------------------------


def texts(source: str) -> Iterator[str]:
    """The string literals of a file, docstrings excepted; a value in an f-string becomes `{}`."""
    tree = ast.parse(source)
    passed: set[ast.AST] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant() as docstring):
                passed.add(docstring)
            case ast.JoinedStr(values=parts):
                passed.update(parts)
                yield "".join(
                    str(getattr(part, "value", "")) if isinstance(part, ast.Constant) else "{}"
                    for part in parts
                )
            case ast.Constant(value=str(text)) if node not in passed:
                yield text


def named_commands(source: str) -> list[str]:
    return [text for text in texts(source) if COMMAND.search(text)]


@pytest.mark.parametrize(
    "path", files(*WITHOUT_COMMANDS), ids=lambda path: str(path.relative_to(ROOT))
)
def test_no_text_names_a_command(path: Path) -> None:
    assert named_commands(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        '"Run `kiosk init`."',
        '"Run `make setup`."',
        '"Check --home."',
        '"The option is `--home`."',
        '"--group x is no group."',
        'f"{name} --into {folder}"',
        'f"Run `kiosk people pin {subject}`."',
    ],
)
def test_a_named_command_is_found(text: str) -> None:
    assert len(named_commands(f"def f():\n    return {text}")) == 1


@pytest.mark.parametrize(
    "source",
    ['"""See `kiosk init`."""', 'class A:\n    x = 1\n    """`kiosk init`"""', '["--quiet"]'],
)
def test_docstrings_and_arguments_of_other_programs_are_left(source: str) -> None:
    assert named_commands(source) == []
