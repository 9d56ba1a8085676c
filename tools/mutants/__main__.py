"""Mutants of the domain: every test of it must be worth its while.

`.venv/bin/python tools/mutants [MODULE ...]`, such as `access/lockout`; without one, all. A mutant
is the domain with one change. One that no test finds shows that a test is missing, or is
equivalent: it changes nothing, and is listed with its reason.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOMAIN, TESTS = ROOT / "kiosk" / "domain", ROOT / "tests" / "unit" / "domain"


def main() -> int:
    """Face the mutants that the command line asks for, and say which were not found."""
    parser = argparse.ArgumentParser(prog="tools/mutants")
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--package", type=Path, default=DOMAIN, help="the folder that is changed")
    parser.add_argument("--tests", type=Path, default=TESTS, help="the folder of its tests")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sample", type=int, help="so many of them, chosen by the source")
    given = parser.parse_args()
    _surround(given.package)
    import trials  # noqa: PLC0415 - numpy reads the environment when it is imported

    subject = trials.Subject(given.package, given.tests, given.at_once, given.sample)
    toll = trials.faced(subject, given.modules)
    print(toll.text())
    return int(not toll.good)


def _surround(package: Path) -> None:
    """One thread for numpy; the helpers of the tests and the package can be imported."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)  # a caller's options are for another run
    sys.dont_write_bytecode = True
    helpers = sorted(path for path in (ROOT / "tests" / "helpers").iterdir() if path.is_dir())
    sys.path[:0] = [str(package.resolve().parents[0]), *map(str, helpers), str(ROOT)]


if __name__ == "__main__":
    sys.exit(main())
