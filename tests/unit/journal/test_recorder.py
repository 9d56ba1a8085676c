"""What cannot wait is told before it is written: a journal that is full keeps no alarm back."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hand_clock import HandClock
from pipeline_parts import BreakableJournal, Diary

from kiosk.domain.audit import Value
from kiosk.domain.errors import JournalUnwritable
from kiosk.journal.recorder import JournalRecorder


class Desk:
    """A journal recorder and a listener that share one diary."""

    def __init__(self) -> None:
        self.diary = Diary()
        self.journal = BreakableJournal(self.diary)
        self.recorder = JournalRecorder(self.journal, HandClock(0.0), self._told)

    def _told(self, event: str, details: Mapping[str, Value]) -> None:
        self.diary.add(f"told {event}", dict(details))


def test_whoever_watches_hears_of_it_before_it_is_written() -> None:
    gate = Desk()
    gate.recorder.note("duress", {"subject": "ann"})
    assert [what for what, _ in gate.diary.entries] == ["told duress", "audit duress"]


def test_duress_is_told_though_it_cannot_be_written() -> None:
    gate = Desk()
    gate.journal.broken = True
    with pytest.raises(JournalUnwritable):
        gate.recorder.note("duress", {"subject": "ann"})
    assert gate.diary.entries == [("told duress", {"subject": "ann"})]


def test_what_is_only_written_is_told_to_nobody() -> None:
    gate = Desk()
    gate.recorder.write("door", {"state": "forced", "begins": True})
    assert [what for what, _ in gate.diary.entries] == ["audit door"]
