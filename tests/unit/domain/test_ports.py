"""A port asks little of the world: one to four methods, and each says what it does."""

from __future__ import annotations

import inspect
from typing import Protocol

import pytest

from kiosk.domain import ports

PORTS = [
    kind
    for _, kind in inspect.getmembers(ports, inspect.isclass)
    if kind.__module__ == ports.__name__
]


def asked(port: type) -> dict[str, object]:
    """The methods and properties that a port names itself."""
    return {name: value for name, value in vars(port).items() if not name.startswith("_")}


def test_every_port_is_a_protocol() -> None:
    assert len(PORTS) >= 10
    assert all(Protocol in port.__bases__ for port in PORTS)


@pytest.mark.parametrize("port", PORTS)
def test_a_port_is_narrow(port: type) -> None:
    assert 1 <= len(asked(port)) <= 4


@pytest.mark.parametrize("port", PORTS)
def test_a_port_says_what_it_does(port: type) -> None:
    assert inspect.getdoc(port)
    assert all(inspect.getdoc(method) for method in asked(port).values())
