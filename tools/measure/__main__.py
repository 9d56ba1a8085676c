"""A measurement by its name: `.venv/bin/python tools/measure NAME [ARGUMENT ...]`.

Measurements use the doors and peers of the tests, so the helpers' folders come into the path first.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
HELPERS = HERE.parents[1] / "tests" / "helpers"
NAMES = sorted(path.stem.removeprefix("measure_") for path in HERE.glob("measure_*.py"))


def main() -> None:
    """Run the measurement; what it is told comes after its name."""
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:  # noqa: PLR2004 - a program and a name
        sys.exit(f"usage: tools/measure NAME [ARGUMENT ...], of {', '.join(NAMES)}")
    sys.path += map(str, sorted(path for path in HELPERS.iterdir() if path.is_dir()))
    name = sys.argv.pop(1)
    runpy.run_module(f"measure_{name}", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
