"""Every event is registered, described, and on the page about the journal."""

from __future__ import annotations

import inspect
from dataclasses import fields
from pathlib import Path

import journal_events
import pytest

from kiosk.journal.events import (
    access,
    cloud,
    door,
    enrolling,
    event,
    fleet,
    keeping,
    operators,
    people,
    registry,
    retention,
    rollout,
    running,
)
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.registry import EVENTS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "journal.md"
MODULES = (
    *(
        access,
        cloud,
        door,
        enrolling,
        fleet,
        keeping,
        operators,
        people,
        retention,
        rollout,
        running,
    ),
)


def test_every_class_of_an_event_is_registered_once() -> None:
    made = [
        kind
        for module in MODULES
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, JournalEvent) and kind is not JournalEvent
    ]
    assert len(EVENTS) == len(set(EVENTS))
    assert set(made) == set(EVENTS)


def test_every_module_of_events_is_looked_at() -> None:
    folder = Path(event.__file__).parent
    looked_at = {Path(str(module.__file__)).name for module in MODULES}
    rest = {"__init__.py", "reasons.py", Path(event.__file__).name, Path(registry.__file__).name}
    assert looked_at | rest == {path.name for path in folder.glob("*.py")}


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_an_event_says_what_it_means(kind: type[JournalEvent]) -> None:
    """A dataclass without a docstring gets its signature for one; and no row breaks the table."""
    said = (kind.__doc__ or "").split("\n", maxsplit=1)[0]
    assert not said.startswith(kind.__name__)
    assert said.endswith(".")
    assert "|" not in said


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_no_detail_of_an_event_is_fixed_and_free(kind: type[JournalEvent]) -> None:
    assert not {field.name for field in fields(kind)} & set(kind.fixed)


def test_the_page_has_the_table_of_today() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert journal_events.table() in page, "run `python tools/journal_events.py`"
