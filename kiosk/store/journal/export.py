"""Copies a journal's entries for other programs: as they stand on disk, or as a table."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import Enum
from json import dumps
from typing import TextIO

from kiosk.domain.audit import SealedEntry
from kiosk.domain.errors import BadInput

COLUMNS = ("number", "at_utc", "event", "details", "previous", "hash")


class ExportFormat(Enum):
    """The output format of an export."""

    JSONL = "jsonl"
    CSV = "csv"


def copy(entries: Iterable[SealedEntry], out: TextIO, form: ExportFormat) -> int:
    """Write entries one by one, and return their number."""
    rows = csv.writer(out)
    if form is ExportFormat.CSV:
        rows.writerow(COLUMNS)
    count = 0
    for count, sealed in enumerate(entries, 1):  # noqa: B007 - the count is the result
        if form is ExportFormat.CSV:
            rows.writerow(_row(sealed))
        else:
            out.write(sealed.line() + "\n")
    return count


@contextmanager
def new_file(name: str) -> Iterator[TextIO]:
    """A new file (mode 0600), flushed to disk at the end.

    Raises:
        BadInput: it cannot be written, or exists.
    """
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(name, flags, 0o600)
        with open(descriptor, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123 - ours
            yield file
            file.flush()
            os.fsync(descriptor)
    except OSError as error:
        raise BadInput(
            f"{name} cannot be written: {error.strerror}.", "Name a file that does not exist yet."
        ) from error


def _row(sealed: SealedEntry) -> tuple[str, ...]:
    entry = sealed.entry
    details = dumps(dict(entry.details), sort_keys=True, ensure_ascii=False)
    number = str(sealed.number)
    return number, entry.at_utc, entry.event, details, sealed.previous, sealed.hash
