"""The table of requirements: no row is missing, and every test that it names exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "requirements-cloud.md"
ROW = re.compile(r"^\| (R\d+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
WANTED = [*range(1, 9), *range(15, 23), *range(25, 48), *range(49, 70)]
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
ROWS = ROW.findall(PAGE.read_text(encoding="utf-8"))


def test_every_row_is_there_once_and_in_order() -> None:
    assert [row for row, _, _ in ROWS] == [f"R{number}" for number in WANTED]


@pytest.mark.parametrize("shown", [shown for _, _, shown in ROWS], ids=[row for row, _, _ in ROWS])
def test_every_test_that_a_row_names_exists(shown: str) -> None:
    named = NAMED.findall(shown)
    if shown.startswith("not built: "):
        assert not named
        return
    assert named
    assert len(named) == shown.count("`") / 2
    for file, test in named:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        tests = {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}
        assert not test or test in tests, f"{file} has no {test}"
