"""Records in the journal, on each change, if the gallery leaves enrolled people out."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain.audit import Value
from kiosk.pipeline.gallery_feed import Crowd, GalleryFeed

CROWDED, ROOMY = "gallery_full", "gallery_fits"


class CrowdWatch:
    """Checks the gallery feed periodically.

    Args:
        people: the gallery feed.
        note: writes an event and its details; a write that raises is retried with the next check.
    """

    def __init__(self, people: GalleryFeed, note: Callable[[str, dict[str, Value]], None]) -> None:
        self._people = people
        self._note = note
        self._told: Crowd | None = None

    def look(self) -> None:
        """Record a change since the last check."""
        crowd = self._people.crowd()
        if crowd == self._told:
            return
        if crowd is None:
            self._note(ROOMY, {})
        else:
            self._note(CROWDED, crowd_details(crowd))
        self._told = crowd


def crowd_details(crowd: Crowd) -> dict[str, Value]:
    """The journal details: numbers only, no names."""
    return {
        "references": crowd.room.references,
        "most": crowd.room.most,
        "people_left_out": crowd.people_left_out,
    }
