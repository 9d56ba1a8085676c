"""The amount of work of a benchmark: enough for reliable figures, or just enough to test it."""

from __future__ import annotations

from dataclasses import dataclass, replace


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
        people: of a fleet, with five references each.
        deltas: how often a hundred of them are changed.
        imported: photographs of an import.
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
    people: int
    deltas: int
    imported: int


MILLION = 1_000_000
"""The size of the gallery that is measured only if asked for: it takes a gigabyte."""
LARGE_FLEET = 10_000
"""The people of a fleet that are measured only if asked for."""

FULL = Amounts(4, 20, 3, 3, 8.0, 5, 10_000, (1_000, 10_000, 100_000), 200, 2_000, 5, 100)
QUICK = Amounts(1, 1, 1, 1, 2.0, 1, 1_000, (1_000, 10_000), 20, 200, 1, 4)


def amounts(*, quick: bool, large: bool) -> Amounts:
    """What the options of the command ask for.

    Args:
        quick: only as much as shows that everything can be measured.
        large: the search among a million references too, and a larger fleet.
    """
    chosen = QUICK if quick else FULL
    if not large:
        return chosen
    return replace(chosen, galleries=(*chosen.galleries, MILLION), people=LARGE_FLEET)


def options(asked: Amounts) -> list[str]:
    """The options that ask for these amounts."""
    quick = ["--quick"] if asked.stage_walks == QUICK.stage_walks else []
    return quick + (["--large"] if MILLION in asked.galleries else [])
