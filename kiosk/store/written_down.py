"""A change that is recorded in the journal before it is made; a failure is recorded as well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kiosk.domain.errors import LintelError
from kiosk.domain.vision.template import SubjectId
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.people import ChangeFailed
from kiosk.store.open_home import OpenHome


@contextmanager
def written_down(
    open_home: OpenHome, event: JournalEvent, subject: SubjectId | None = None
) -> Iterator[None]:
    """Do a change only after it is recorded in the journal; record a failure as well.

    Args:
        open_home: holds the journal.
        event: the change.
        subject: the person whom it concerns, if it concerns one.

    Raises:
        JournalUnwritable: it could not be recorded; the change is not begun.
    """
    open_home.recorder.note(event)
    try:
        yield
    except LintelError as error:
        open_home.recorder.note(ChangeFailed(subject, event.name, error.problem))
        raise
