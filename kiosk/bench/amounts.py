"""The amount of work of a benchmark: enough for reliable figures, or just enough to test it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Amounts:
    """The counts, durations and sizes of a benchmark.

    Attributes:
        stage_walks: walks with timing of every frame.
        walks: walks in real time.
        door_walks: walks for each of three doors.
        empty_rooms: how often the empty room is shown before each of those.
        speed_seconds: how long frames are counted.
        starts: how often a kiosk is started.
        references: gallery size for the memory measurement.
        galleries: gallery sizes for the search measurement.
        searches: the number of searches in each of them.
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
