"""Work during which Python does not search for cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import suppress

import pytest

from kiosk.pipeline.gallery.uncollected import uncollected


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    """Whatever a test leaves behind."""
    gc.enable()
    yield
    gc.enable()


def test_nothing_searches_meanwhile_and_it_does_afterwards() -> None:
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_searches_again_after_an_error() -> None:
    with suppress(ValueError), uncollected():
        raise ValueError
    assert gc.isenabled()


def test_it_searches_again_once_the_last_work_is_done() -> None:
    one, other = uncollected(), uncollected()
    with one:
        other.__enter__()
    assert not gc.isenabled()
    other.__exit__(None, None, None)
    assert gc.isenabled()
