"""The error tree in the docstring is the error tree in the code."""

from __future__ import annotations

import inspect
import re

import pytest

from kiosk.app.console import with_command
from kiosk.domain import errors
from kiosk.domain.errors import (
    BadInput,
    EndOfSource,
    LibraryMissing,
    LintelError,
    OutOfServiceError,
    PolicyError,
    Refused,
    SettingsError,
)

DEFINED = {
    name: kind
    for name, kind in inspect.getmembers(errors, inspect.isclass)
    if kind.__module__ == errors.__name__
}


def drawn() -> dict[str, str]:
    """Each error of the docstring's tree and its parent there."""
    parents: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"((?:│   |    )*)(?:[├└]── )?([A-Z]\w+)(?:\s{2,}|$)", line)
        if found is None:
            continue
        indented = "── " in line
        depth = len(found.group(1)) // 4 + indented
        path[depth:] = [found.group(2)]
        parents[found.group(2)] = path[depth - 1] if depth else "Exception"
    return parents


def test_the_drawn_tree_is_the_real_one() -> None:
    real = {name: kind.__bases__[0].__name__ for name, kind in DEFINED.items()}
    assert real.pop("EndOfSource") == "Exception"
    assert drawn() == real


@pytest.mark.parametrize(("kind", "code"), [(BadInput, 2), (Refused, 3), (OutOfServiceError, 4)])
def test_exit_codes(kind: type[LintelError], code: int) -> None:
    assert kind("x").exit_code == code


@pytest.mark.parametrize(("kind", "code"), [(SettingsError, 2), (PolicyError, 4)])
def test_exit_codes_are_inherited(kind: type[LintelError], code: int) -> None:
    assert kind("x").exit_code == code


def test_every_error_but_the_end_is_one_of_ours() -> None:
    strangers = [kind for kind in DEFINED.values() if not issubclass(kind, LintelError)]
    assert strangers == [EndOfSource]


def test_an_error_says_what_is_wrong_and_what_to_do() -> None:
    error = BadInput("The thing is broken.", "Mend it.")
    assert (error.problem, error.remedy) == ("The thing is broken.", "Mend it.")
    assert str(error) == "The thing is broken. Mend it."
    assert str(BadInput("The thing is broken.")) == "The thing is broken."


def test_a_library_that_is_missing_is_named_with_what_installs_it() -> None:
    error = LibraryMissing("The driver modbus of door.driver", "pymodbus", "modbus")
    assert "modbus of door.driver needs pymodbus" in error.problem
    assert "`make setup DOOR=modbus`" in with_command(error.remedy)
    assert error.args == (error.problem, error.remedy), "what a log or a debugger shows of it"


def test_a_library_that_is_no_doors_is_installed_by_the_name_of_its_extra() -> None:
    error = LibraryMissing("cloud.mode", "boto3", "cloud", for_door=False)
    assert "`make setup EXTRA=cloud`" in with_command(error.remedy)
