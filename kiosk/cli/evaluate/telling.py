"""Progress of a measurement on standard error; standard output is for the figures."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kiosk.cli.counting import counting
from kiosk.cli.passed_over import passed_over

if TYPE_CHECKING:
    from kiosk.bench.evaluation import Telling


def telling() -> Telling:
    """How the commands tell progress."""
    from kiosk.bench.evaluation import Telling

    return Telling(lambda others: tell(passed_over(others)), counting)


def tell(lines: Iterable[str]) -> None:
    """Print lines on standard error."""
    for line in lines:
        print(line, file=sys.stderr)
