"""How much a benchmark measures: enough to be believed, or just enough to see that it works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Amounts:
    """How often, how long, how many.

    Attributes:
        stage_walks: walks of which every frame is timed.
        walks: walks in real time.
        door_walks: walks before each of three doors.
        empty_rooms: how often the empty room is shown before each of those.
        speed_seconds: how long frames are counted.
        starts: how often a kiosk is started.
        references: in the gallery under which memory is measured.
        galleries: sizes of galleries that are searched.
        searches: in each of them.
    """

    stage_walks: int
    walks: int
    door_walks: int
    empty_rooms: int
    speed_seconds: float
    starts: int
    references: int
    galleries: tuple[int, ...]
    searches: int


FULL = Amounts(4, 20, 3, 3, 8.0, 5, 10_000, (1_000, 10_000, 100_000), 200)
QUICK = Amounts(1, 1, 1, 1, 2.0, 1, 1_000, (1_000, 10_000), 20)
