"""The remaining room for people: checked before and reported after each enrolment."""

from __future__ import annotations

from kiosk.domain.access.policy import MAKE_ROOM, GalleryRoom


def scarcity(room: GalleryRoom) -> str:
    """A warning before the gallery is full; empty while there is enough room."""
    if not room.scarce:
        return ""
    return (
        f"{room.references:,} people are enrolled, of at most {room.most:,} for whom scores were "
        f"measured; {room.left:,} more can be."
    )


def warning(room: GalleryRoom) -> str:
    """The same warning with its remedy, as two lines for standard error."""
    said = scarcity(room)
    return f"kiosk: {said}\n       {MAKE_ROOM}" if said else ""
