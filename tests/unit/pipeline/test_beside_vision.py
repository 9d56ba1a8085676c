"""Work during which Python does not search for cycles, and lets other threads run soon."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest

from kiosk.pipeline.gallery.beside_vision import beside_vision


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    """Whatever a test leaves behind."""
    gc.enable()
    yield
    gc.enable()


def test_nothing_searches_meanwhile_and_it_does_afterwards() -> None:
    with beside_vision():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_searches_again_after_an_error() -> None:
    with suppress(ValueError), beside_vision():
        raise ValueError
    assert gc.isenabled()


def test_it_searches_again_once_the_last_work_is_done() -> None:
    one, other = beside_vision(), beside_vision()
    with one:
        other.__enter__()
    assert not gc.isenabled()
    other.__exit__(None, None, None)
    assert gc.isenabled()


def test_threads_take_turns_sooner_meanwhile() -> None:
    usual = sys.getswitchinterval()
    with beside_vision():
        assert sys.getswitchinterval() < usual
    assert sys.getswitchinterval() == usual
