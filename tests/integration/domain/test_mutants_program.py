"""`tools/mutants`, on a package of its own: what is found, what is told, what may be listed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = (sys.executable, "-P", str(ROOT / "tools" / "mutants"))

SHOP = """
MOST = 10


class Till:
    def __init__(self, coins):
        self.coins = coins

    def full(self):
        return self.coins >= MOST
"""
EMPTIED = """
    def emptied(self):
        while self.coins > 0:
            self.coins -= 1
        return self.coins
"""
GOOD_TESTS = """
import pytest
from shop.till import Till


@pytest.mark.parametrize(("coins", "full"), [(9, False), (10, True), (11, True)])
def test_full(coins, full):
    assert Till(coins).full() is full


def test_coins():
    assert Till(3).coins == 3
"""
TEST_EMPTIED = """

def test_emptied():
    assert (Till(3).emptied(), Till(-1).emptied()) == (0, -1)
"""
EQUIVALENT = """
[[equivalent]]
module = "till"
change = "{change}"
reason = "of this test"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A package of one module, with good tests."""
    for folder in ("shop", "tests/mutants/named"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "shop" / "till.py").write_text(SHOP)
    (tmp_path / "tests" / "test_till.py").write_text(GOOD_TESTS)
    return tmp_path


def extend(shop: Path, tests: str) -> None:
    """Have a loop there too, of which some changes never end: each takes seconds to find."""
    (shop / "shop" / "till.py").write_text(SHOP + EMPTIED)
    (shop / "tests" / "test_till.py").write_text(tests)


def listing(shop: Path) -> Path:
    """The file of equivalents, which is not there yet."""
    folder = shop / "tests" / "mutants" / "equivalent"
    folder.mkdir()
    return folder / "till.toml"


def tried(shop: Path, *more: str) -> tuple[int, list[str]]:
    """The exit code, and what the program said."""
    places = ("--package", str(shop / "shop"), "--tests", str(shop / "tests"))
    done = subprocess.run([*PROGRAM, *places, *more], capture_output=True, text=True, check=False)
    return done.returncode, [line for line in done.stdout.splitlines() if "till" in line]


@pytest.mark.long
def test_good_tests_find_them_all_endless_loops_and_constants_too(shop: Path) -> None:
    extend(shop, GOOD_TESTS + TEST_EMPTIED)
    assert tried(shop) == (0, [])


def test_what_no_test_finds_is_told(shop: Path) -> None:
    (shop / "tests" / "test_till.py").write_text(GOOD_TESTS.replace("(10, True), ", ""))
    assert tried(shop) == (
        1,
        [
            "not found: till: module: 10 -> 11",
            "not found: till: Till.full: self.coins >= MOST -> self.coins > MOST",
        ],
    )


def test_what_changes_nothing_may_be_listed(shop: Path) -> None:
    (shop / "tests" / "test_till.py").write_text(GOOD_TESTS.replace("(10, True), ", ""))
    changes = ("module: 10 -> 11", "Till.full: self.coins >= MOST -> self.coins > MOST")
    listed = "".join(EQUIVALENT.format(change=change) for change in changes)
    listing(shop).write_text(listed)
    assert tried(shop) == (0, [])


@pytest.mark.parametrize(
    ("change", "why"),
    [("module: 10 -> 11", "a test finds it"), ("module: 12 -> 13", "no such change")],
)
def test_what_is_listed_must_be_so(shop: Path, change: str, why: str) -> None:
    listing(shop).write_text(EQUIVALENT.format(change=change))
    assert tried(shop) == (1, [f"written down, and not so: till: {change}: {why}"])


def test_a_named_one_must_be_found(shop: Path) -> None:
    (shop / "tests" / "mutants" / "named" / "till.toml").write_text(
        '[[mutant]]\nname = "coins count"\nmodule = "till"\nwithin = "Till.full"\n'
        'old = "self.coins >= MOST"\nnew = "(self.coins + 0) >= MOST"\n'
    )
    assert tried(shop) == (1, ["not found: till: coins count"])


def test_tests_that_fail_without_any_change_prove_nothing(shop: Path) -> None:
    (shop / "tests" / "test_till.py").write_text("def test_wrong():\n    assert False\n")
    code, _ = tried(shop)
    assert code == 1


def test_code_that_no_test_reaches_is_told(shop: Path) -> None:
    extend(shop, "import shop.till\n\n\ndef test(): pass\n")
    code, lines = tried(shop)
    assert code == 1
    assert len(lines) == 10


@pytest.mark.long
def test_a_sample_is_always_the_same(shop: Path) -> None:
    extend(shop, "import shop.till\n\n\ndef test(): pass\n")
    first, second = tried(shop, "--sample", "4"), tried(shop, "--sample", "4")
    assert first == second
    assert len(first[1]) == 4
