"""The pace of the garbage collector, at the start and after it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from kiosk import __main__ as program
from kiosk.app import age
from kiosk.app.reporter import Reporter


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    kept = gc.get_threshold()
    gc.unfreeze()
    yield
    gc.freeze()
    gc.set_threshold(*kept)


def test_every_command_starts_with_few_collections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.last_resort.guard", lambda _command: 0)
    with pytest.raises(SystemExit):
        program.main()
    assert gc.get_threshold()[0] == program.COLLECT_EVERY
    assert gc.isenabled()


def test_a_kiosk_that_runs_collects_but_not_what_its_start_made() -> None:
    age.end_start()
    assert gc.get_threshold()[0] == age.COLLECT_EVERY < program.COLLECT_EVERY
    assert gc.get_freeze_count() > 0


def test_the_end_of_the_start_is_known_without_json_too() -> None:
    reporter = Reporter(json=False)
    assert [reporter.reached("ready"), reporter.reached("ready")] == [True, False]
