"""A change that is recorded in the journal before it is made; a failure is recorded as well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kiosk.domain.audit import Value
from kiosk.domain.errors import LintelError
from kiosk.store.open_home import OpenHome


@contextmanager
def written_down(open_home: OpenHome, event: str, details: dict[str, Value]) -> Iterator[None]:
    """Do a change only after it is recorded in the journal; record a failure as well.

    Raises:
        JournalUnwritable: it could not be recorded; the change is not begun.
    """
    open_home.note(event, details)
    try:
        yield
    except LintelError as error:
        failed = {"subject": details.get("subject"), "tried": event, "problem": error.problem}
        open_home.note("change_failed", failed)
        raise
