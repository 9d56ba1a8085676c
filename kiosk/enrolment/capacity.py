"""How many more references there is room for: asked before and said after each enrolment."""

from __future__ import annotations

from kiosk.domain.access.policy import MAKE_ROOM, GalleryRoom


def scarcity(room: GalleryRoom) -> str:
    """What somebody has to know before a gallery is full; empty while there is room enough."""
    if not room.scarce:
        return ""
    return (
        f"There are {room.references:,} references of at most {room.most:,} for which scores were "
        f"measured; {room.left:,} more can be enrolled."
    )


def warning(room: GalleryRoom) -> str:
    """The same, with what to do about it, as two lines of standard error."""
    said = scarcity(room)
    return f"kiosk: {said}\n       {MAKE_ROOM}" if said else ""
