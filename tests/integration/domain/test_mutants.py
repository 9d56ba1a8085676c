"""The tests of the domain find every change that could be made to it, but for those listed.

A suite that only ever passes proves nothing: a mutant is the domain with one change, and some test
must fail on it. `make mutants` says which ones no test finds.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = (sys.executable, "-P", str(ROOT / "tools" / "mutants"))


@pytest.mark.long
def test_every_mutant_of_the_domain_is_found() -> None:
    done = subprocess.run(PROGRAM, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
