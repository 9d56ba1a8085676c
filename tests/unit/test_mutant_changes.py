"""The changes that mutants are made of: each is made, told, and found again after a new layout."""

from __future__ import annotations

import ast
from pathlib import Path

import catalogue
import pytest
from catalogue import Named
from changes import apply, changes

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = ROOT / "kiosk" / "domain"
WRITTEN = ROOT / "tests" / "unit" / "domain" / "mutants"
FEWEST_NAMED = 80


def texts(source: str) -> set[str]:
    return {change.text for change in changes(ast.parse(source))}


def made(source: str) -> set[str]:
    """What each change makes of an expression or some statements."""
    parsed = changes(ast.parse(source))
    return {ast.unparse(apply(ast.parse(source), change)) for change in parsed}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b", {"a <= b", "pass"}),
        ("f(a < b <= c)", {"f(a <= b <= c)", "f(a < b < c)", "pass"}),
        ("x = a is not None", {"x = a is None"}),
        ("x = a and b", {"x = a or b", "x = a", "x = b"}),
        ("x = not a", {"x = a"}),
        ("x = a if b else c", {"x = a if True else c", "x = a if False else c"}),
        ("if a:\n    b = c", {"if True:\n    b = c", "if False:\n    b = c"}),
        ("while a:\n    b = c", {"while False:\n    b = c"}),
        ("x = a + 2", {"x = a - 2", "x = a + 3"}),
        ("x = True", {"x = False"}),
        ("x = f(a, b=c)", {"x = f(a)"}),
        ("x = min(a, b)", {"x = max(a, b)"}),
        ("x = (a, b)", {"x = (a,)", "x = (b,)", "x = (b, a)"}),
        ("x = {a, b}", {"x = {a}", "x = {b}"}),
        ("x = [a for a in b if c]", {"x = [a for a in b]"}),
        ("a += b", {"a -= b", "pass"}),
        ("a(b)", {"pass"}),
        ("raise E(1 + 2)", {"pass"}),
    ],
)
def test_each_change_is_made(source: str, expected: set[str]) -> None:
    assert made(source) == expected


def test_a_case_is_left_out_and_a_guard_is_forgotten() -> None:
    found = texts("match a:\n    case B() | C() if d:\n        e = f\n    case _:\n        e = g")
    assert found == {
        "module: case B() | C() if d -> nothing",
        "module: case _ -> nothing",
        "module: case B() | C() if d -> case B() | C()",
    } | {text for text in found if "B() | C() ->" in text}


def test_no_guard_is_forgotten_without_which_the_cases_after_it_are_no_program() -> None:
    guarded = "match a:\n    case _ if b:\n        c = d\n"
    assert "module: case _ if b -> case _" in texts(guarded)
    assert "module: case _ if b -> case _" not in texts(guarded + "    case _:\n        c = e")


@pytest.mark.parametrize(
    "source",
    [
        '"""Words."""',
        "import a",
        "def f(a: tuple[1, 2]) -> 3:\n    g = a",
        "@d(e=True)\nclass C:\n    pass",
        "x = f'{1} {a < b}'",
        "x = 'a name on disk'",
        "if TYPE_CHECKING:\n    x = 1",
        "X = NewType('X', 1)",
    ],
)
def test_what_decides_nothing_is_left_alone(source: str) -> None:
    assert texts(source) == set()


def test_a_change_is_told_by_its_function_and_not_by_its_line() -> None:
    source = "class C:\n    def f(self):\n        return (a <\n            b) and a < b\n"
    moved = "\n\nclass C:\n    x = y\n    def f(self):\n        return a < b and (a < b)\n"
    assert texts(source) == texts(moved)
    assert "C.f: a < b -> a <= b" in texts(source)
    assert "C.f: a < b -> a <= b (no. 2)" in texts(source)


def test_the_code_of_the_outermost_function_carries_a_change() -> None:
    source = "x = 1\nclass C:\n    @d\n    def f(self, a=2):\n        return lambda: 3\n"
    owners = {change.text: change.owner for change in changes(ast.parse(source))}
    assert owners["module: 1 -> 2"] is None
    assert owners["C.f: 2 -> 3"] is None, "a default is worked out with the module"
    assert owners["C.f: 3 -> 4"] == ("f", 3)


@pytest.mark.parametrize("path", sorted(DOMAIN.rglob("*.py")), ids=lambda path: path.stem)
def test_each_change_of_the_domain_has_a_text_of_its_own(path: Path) -> None:
    found = [change.text for change in changes(ast.parse(path.read_text(encoding="utf-8")))]
    assert len(set(found)) == len(found)


# -- what is written down ------------------------------------------------------------------------


def test_a_named_change_is_found_in_another_layout() -> None:
    source = "def f(a):\n    if (a\n            and not b):\n        return 1\n"
    change = Named("n", "m", "f", "a and not b", "False").change(ast.parse(source))
    assert ast.unparse(apply(ast.parse(source), change)) == (
        "def f(a):\n    if False:\n        return 1"
    )


@pytest.mark.parametrize("old", ["a < c", "a < b"])
def test_a_named_change_stands_in_one_place(old: str) -> None:
    with pytest.raises(LookupError, match=r"stands [02] times"):
        Named("n", "m", "", old, "False").change(ast.parse("x = a < b\ny = a < b"))


@pytest.mark.parametrize("named", catalogue.named(WRITTEN), ids=lambda named: named.name)
def test_each_named_change_stands_in_the_domain(named: Named) -> None:
    source = (DOMAIN / f"{named.module}.py").read_text(encoding="utf-8")
    compile(apply(ast.parse(source), named.change(ast.parse(source))), named.module, "exec")


def test_there_are_enough_named_changes_and_each_has_its_own_name() -> None:
    names = [named.name for named in catalogue.named(WRITTEN)]
    assert len(set(names)) == len(names) >= FEWEST_NAMED


def test_each_equivalent_is_a_change_of_the_domain() -> None:
    listed = catalogue.equivalents(WRITTEN)
    there = {
        (path.relative_to(DOMAIN).with_suffix("").as_posix(), change.text)
        for path in DOMAIN.rglob("*.py")
        for change in changes(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert set(listed) <= there


def test_an_equivalent_without_a_reason_is_none(tmp_path: Path) -> None:
    entry = '[[equivalent]]\nmodule = "m"\nchange = "f: 1 -> 2"\nreason = " "\n'
    (tmp_path / "equivalent").mkdir()
    (tmp_path / "equivalent" / "m.toml").write_text(entry)
    with pytest.raises(ValueError, match="without a reason"):
        catalogue.equivalents(tmp_path)
