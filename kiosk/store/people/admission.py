"""Checks before an enrolment; inside its transaction no other process can interfere."""

from __future__ import annotations

import sqlite3

from kiosk.domain.access.policy import MAKE_ROOM
from kiosk.domain.errors import GalleryFull, SubjectExists
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.domain.vision.template import SubjectId


def refuse_crowd(transaction: sqlite3.Connection, most: int | None) -> None:
    """Raises GalleryFull if one more person would exceed ``most``."""
    (stored,) = transaction.execute("SELECT count(*) FROM subjects").fetchone()
    if most is not None and stored >= most:
        raise GalleryFull(
            f"{stored:,} people are enrolled, and one more would be beyond the {most:,} for "
            "whom scores were measured at this match.target_fpir.",
            MAKE_ROOM,
        )


def refuse_existing(
    transaction: sqlite3.Connection, subject: SubjectId, *, invited_by_fleet: bool = False
) -> None:
    """Raises SubjectExists if the id is in use, here or in a fleet.

    Whom the fleet invites may have an id of the fleet again, once they were erased there.
    """
    managed = "SELECT scope FROM members WHERE subject = ?"
    found = () if invited_by_fleet else transaction.execute(managed, (subject,)).fetchall()
    for (scope,) in found:
        raise SubjectExists(
            f"The id {subject} belongs to the scope {scope} of this kiosk's fleet.",
            "Choose another id, or have admins enrol the person there.",
        )
    query = "SELECT 1 FROM subjects WHERE subject = ?"
    if transaction.execute(query, (subject,)).fetchone():
        raise SubjectExists(
            f"{subject} is enrolled already.",
            Remedy(
                "Erase the person first, or choose another id.",
                NextStep.ERASE_PERSON,
                subject=subject,
            ),
        )
