"""The thread that keeps the anchor: problems are told once, and the end is never waited for."""

from __future__ import annotations

import queue
import threading

import pytest

from kiosk.domain.errors import JournalUnwritable
from kiosk.journal import anchoring
from kiosk.journal.anchoring import Anchoring
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.keeping import AnchorChanged

PATIENCE = 20.0


class Media:
    """Fails as long as it has an error."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.kept: queue.Queue[None] = queue.Queue()
        self.notes: list[JournalEvent] = []

    def keep(self) -> None:
        self.kept.put(None)
        if self.error is not None:
            raise self.error

    def note(self, event: JournalEvent) -> None:
        self.notes.append(event)

    def wait(self, times: int) -> None:
        for _ in range(times):
            self.kept.get(timeout=PATIENCE)


def test_a_problem_is_told_once_and_its_end_once() -> None:
    media = Media(OSError(28, "full"))
    with Anchoring(media.keep, media.note, 0.01, works=True):
        media.wait(5)
        media.error = None
        media.wait(5)
    assert media.notes == [
        AnchorChanged(works=False, problem="No space left on device."),
        AnchorChanged(works=True),
    ]


def test_what_was_told_last_is_kept_too() -> None:
    """An entry about the anchor is the journal's newest end."""
    done: list[str] = []
    entered, closing = threading.Event(), threading.Event()

    def keep() -> None:
        if not entered.is_set():
            entered.set()
            assert closing.wait(PATIENCE)
            raise OSError(5, "broken")
        done.append("kept")

    with Anchoring(keep, lambda _: done.append("told"), 3600.0, works=True) as kept:
        assert entered.wait(PATIENCE)
        kept._closing.set()
        closing.set()
    assert done == ["told", "kept", "kept", "told", "kept"]


def test_where_all_is_well_nothing_is_told() -> None:
    media = Media()
    with Anchoring(media.keep, media.note, 0.01, works=True):
        media.wait(3)
    assert media.notes == []


def test_what_cannot_be_written_down_is_tried_again() -> None:
    media, refused = Media(OSError(5, "broken")), [JournalUnwritable("No."), None]

    def note(event: JournalEvent) -> None:
        if (error := refused.pop(0)) is not None:
            raise error
        media.note(event)

    with Anchoring(media.keep, note, 0.01, works=True):
        media.wait(4)
    assert len(media.notes) == 1


def test_media_that_hang_do_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anchoring, "CLOSE_SECONDS", 0.05)
    media, answer, entered = Media(), threading.Event(), threading.Event()

    def hang() -> None:
        entered.set()
        answer.wait(PATIENCE)

    with Anchoring(hang, media.note, 0.01, works=True):
        assert entered.wait(PATIENCE)
    assert not answer.is_set()
    answer.set()
