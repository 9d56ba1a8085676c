"""Who may be enrolled: asked within the transaction that enrols, so that nobody comes between."""

from __future__ import annotations

import sqlite3

from kiosk.domain.access.policy import MAKE_ROOM
from kiosk.domain.errors import GalleryFull, SubjectExists
from kiosk.domain.vision.template import SubjectId


def refuse_crowd(transaction: sqlite3.Connection, more: int, most: int | None) -> None:
    """Raises GalleryFull where so many more references would be more than ``most``."""
    (stored,) = transaction.execute("SELECT count(*) FROM refs").fetchone()
    if most is not None and stored + more > most:
        raise GalleryFull(
            f"There are {stored:,} references, and {more} more would be beyond the {most:,} "
            "for which scores were measured at this match.target_fpir.",
            MAKE_ROOM,
        )


def refuse_existing(transaction: sqlite3.Connection, subject: SubjectId) -> None:
    """Raises SubjectExists where somebody has that id."""
    query = "SELECT 1 FROM subjects WHERE subject = ?"
    if transaction.execute(query, (subject,)).fetchone():
        raise SubjectExists(
            f"{subject} is enrolled already.",
            f"Run `kiosk people erase {subject} --yes` first, or choose another id.",
        )
