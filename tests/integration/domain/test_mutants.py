"""The tests of the domain find every change that could be made to it, but for those listed.

A suite that only ever passes proves nothing: a mutant is the domain with one change, and some test
must fail on it. `make mutants` says which ones no test finds.
"""

from __future__ import annotations

import subprocess
import sys
from itertools import groupby
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = (sys.executable, "-P", str(ROOT / "tools" / "mutants"))
DOMAIN = ROOT / "kiosk" / "domain"


PARTS = ("access", "enrolment/acts", "enrolment", "vision")
"""Those with the most mutants. Each part's tests are all traced once, before the first mutant."""


def part(module: str) -> str:
    return next((name for name in PARTS if module.startswith(f"{name}/")), "the others")


FILES = sorted(DOMAIN.rglob("*.py"))
MODULES = sorted((p.relative_to(DOMAIN).with_suffix("").as_posix() for p in FILES), key=part)
BY_PART = {name: [*modules] for name, modules in groupby(MODULES, part)}


@pytest.mark.long
@pytest.mark.timeout(3 * 3600)
@pytest.mark.parametrize("where", BY_PART)
def test_every_mutant_of_the_domain_is_found(where: str) -> None:
    done = subprocess.run([*PROGRAM, *BY_PART[where]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
