"""A few cases for every run of the suite, the others for the long one."""

from __future__ import annotations

from collections.abc import Iterable

import pytest


def few_first(cases: Iterable[object], few: int) -> list[object]:
    """The same cases for `parametrize`; those after the first few are long tests."""
    return few_of_each(((case,) for case in cases), few)


def few_of_each(cases: Iterable[tuple[object, ...]], few: int) -> list[object]:
    """The same where each case is one of several arguments."""
    return [
        pytest.param(*case, marks=[] if number < few else [pytest.mark.long])
        for number, case in enumerate(cases)
    ]


def every_nth(cases: Iterable[object], step: int) -> list[object]:
    """The same cases for `parametrize`; only the first of each so many is not a long test."""
    return [
        pytest.param(case, marks=[pytest.mark.long] if number % step else [])
        for number, case in enumerate(cases)
    ]
