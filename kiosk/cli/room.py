"""How many more references there is room for: asked before and said after each enrolment."""

from __future__ import annotations

from kiosk.domain.policy import MAKE_ROOM, Room


def scarcity(room: Room) -> str:
    """What somebody has to know before a gallery is full; empty while there is room enough."""
    if not room.scarce:
        return ""
    return (
        f"There are {room.references:,} references of at most {room.most:,} for which scores were "
        f"measured; {room.left:,} more can be enrolled."
    )


def warning(room: Room) -> str:
    """The same, with what to do about it, as two lines of standard error."""
    said = scarcity(room)
    return f"kiosk: {said}\n       {MAKE_ROOM}" if said else ""
