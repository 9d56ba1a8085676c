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


def folder(module: str) -> str:
    return module.rpartition("/")[0] or "domain"


FILES = sorted(DOMAIN.rglob("*.py"))
MODULES = sorted((p.relative_to(DOMAIN).with_suffix("").as_posix() for p in FILES), key=folder)
BY_FOLDER = {name: [*modules] for name, modules in groupby(MODULES, folder)}


@pytest.mark.long
@pytest.mark.parametrize("where", BY_FOLDER)
def test_every_mutant_of_the_domain_is_found(where: str) -> None:
    done = subprocess.run(
        [*PROGRAM, *BY_FOLDER[where]], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
