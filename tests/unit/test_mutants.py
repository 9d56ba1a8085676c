"""The domain's tests find out every lie that could be told in it.

A suite that only ever passes proves nothing. Each mutant is one line of the deciding core turned
wrong, in a copy; the tests of the domain must fail on it, and must pass on the copy without one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import liars_answering
import liars_asking
import liars_condition
import liars_deciding
import liars_door
import liars_factors
import liars_finding
import liars_keeping
import liars_operator
import liars_passing
import liars_rules
import liars_seeing
import liars_times
import liars_trust
import liars_waiting
import mutation_run
import pytest
from liars import Mutant

LIARS = (
    liars_answering,
    liars_asking,
    liars_condition,
    liars_deciding,
    liars_door,
    liars_factors,
    liars_finding,
    liars_keeping,
    liars_operator,
    liars_passing,
    liars_rules,
    liars_seeing,
    liars_times,
    liars_trust,
    liars_waiting,
)
MUTANTS = [mutant for liars in LIARS for mutant in liars.MUTANTS]
DOMAIN = mutation_run.ROOT / "kiosk" / "domain"
EVERY_TEST = sorted(
    path.stem.removeprefix("test_") for path in mutation_run.TESTS.rglob("test_*.py")
)
VALUES_ONLY = {
    "errors",
    "ports",
    "door/model",
    "vision/frame",
}
TRUTH = Mutant("the truth", "access/machine", "", "", tuple(EVERY_TEST))


def source(module: str) -> str:
    return (DOMAIN / f"{module}.py").read_text(encoding="utf-8")


pytestmark = pytest.mark.xdist_group("mutants")  # one worker makes it all, once


@pytest.fixture(scope="module")
def codes() -> dict[str, int]:
    """Exit code of pytest for each mutant, by name, and for the truth."""
    trials = [TRUTH, *MUTANTS]
    fields = [{"module": m.module, "old": m.old, "new": m.new, "tests": m.tests} for m in trials]
    done = subprocess.run(
        [sys.executable, mutation_run.__file__],
        input=json.dumps(fields),
        capture_output=True,
        text=True,
        check=True,
        env=os.environ
        | {
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONPATH": str(Path(mutation_run.__file__).parent),
        },
    )
    return dict(zip([m.name for m in trials], json.loads(done.stdout), strict=True))


def test_there_are_enough_and_each_has_its_own_name() -> None:
    assert len(MUTANTS) >= 40
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_mutant_still_has_its_place_in_the_source(mutant: Mutant) -> None:
    assert source(mutant.module).count(mutant.old) == 1
    compile(source(mutant.module).replace(mutant.old, mutant.new), mutant.module, "exec")


@pytest.mark.long
def test_the_truth_survives(codes: dict[str, int]) -> None:
    assert codes[TRUTH.name] == 0


@pytest.mark.long
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_mutant_is_killed(mutant: Mutant, codes: dict[str, int]) -> None:
    """By a failing test (1), not by falling over (2 and more) or hanging (below 0)."""
    assert codes[mutant.name] == 1


def test_every_module_that_decides_anything_has_its_liars() -> None:
    files = (path for path in DOMAIN.rglob("*.py") if path.stem != "__init__")
    modules = {path.relative_to(DOMAIN).with_suffix("").as_posix() for path in files}
    assert {mutant.module for mutant in MUTANTS} == modules - VALUES_ONLY
