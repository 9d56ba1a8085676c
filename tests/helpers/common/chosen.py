"""A few cases for every run of the suite, the others for the long one."""

from __future__ import annotations

from collections.abc import Iterable

import pytest


def few_first(cases: Iterable[object], few: int) -> list[object]:
    """The same cases for `parametrize`; those after the first few are long tests."""
    return [
        case if number < few else pytest.param(case, marks=pytest.mark.long)
        for number, case in enumerate(cases)
    ]
