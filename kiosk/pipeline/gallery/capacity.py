"""Records in the journal, on each change, if the gallery leaves enrolled people out."""

from __future__ import annotations

from kiosk.journal.events.running import GalleryFits, GalleryOutgrown
from kiosk.journal.recorder import Writes
from kiosk.pipeline.gallery.feed import Crowd, GalleryFeed


class CrowdWatch:
    """Checks the gallery feed periodically.

    Args:
        people: the gallery feed.
        note: writes an event; a write that raises is retried with the next check.
    """

    def __init__(self, people: GalleryFeed, note: Writes) -> None:
        self._people = people
        self._note = note
        self._told: Crowd | None = None

    def look(self) -> None:
        """Record a change since the last check."""
        crowd = self._people.crowd()
        if crowd == self._told:
            return
        if crowd is None:
            self._note(GalleryFits())
        else:
            self._note(_full(crowd))
        self._told = crowd


def _full(crowd: Crowd) -> GalleryOutgrown:
    return GalleryOutgrown(crowd.room.references, crowd.room.most, crowd.people_left_out)
