"""Whether everybody who is enrolled is compared: said once when it changes, in the journal."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain.audit import Value
from kiosk.pipeline.gallery_feed import Crowd, GalleryFeed

CROWDED, ROOMY = "gallery_full", "gallery_fits"


class CrowdWatch:
    """Looks at the roster now and then.

    Args:
        people: the roster.
        note: writes an event and its details down; what it raises is tried again at the next look.
    """

    def __init__(self, people: GalleryFeed, note: Callable[[str, dict[str, Value]], None]) -> None:
        self._people = people
        self._note = note
        self._told: Crowd | None = None

    def look(self) -> None:
        """Write down what has changed since the last look."""
        crowd = self._people.crowd()
        if crowd == self._told:
            return
        if crowd is None:
            self._note(ROOMY, {})
        else:
            self._note(CROWDED, crowd_details(crowd))
        self._told = crowd


def crowd_details(crowd: Crowd) -> dict[str, Value]:
    """Numbers only: nobody is named."""
    return {
        "references": crowd.room.references,
        "most": crowd.room.most,
        "people_left_out": crowd.people_left_out,
    }
