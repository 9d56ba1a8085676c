"""What a device reports of the settings that its fleet gave it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from kiosk.domain.fleet.halting import DoorTally

MOST_PROBLEM = 400
MOST_SPEEDS = 64
MOST_COUNT = 10**9


@dataclass(frozen=True, slots=True)
class SettingsReport:
    """How a device gets along with its fleet's settings.

    Attributes:
        next: the version that waits for a restart; None if none does.
        failed: the version that it has tried and left; None if none is.
        problem: why it left it, or why it cannot take one over yet; None if all is well.
        before: what it did with the version before the one that runs.
        since: what it did with the one that runs.
    """

    next: int | None = None
    failed: int | None = None
    problem: str | None = None
    before: DoorTally = DoorTally()
    since: DoorTally = DoorTally()

    def said(self) -> dict[str, Any]:
        """The report as a JSON object."""
        return asdict(self)

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> SettingsReport:
        """Decode the result of `said`: a device may lie, and may steer no terminal.

        Raises:
            AttributeError, KeyError, TypeError, ValueError: it is something else.
        """
        problem = said["problem"]
        return cls(
            None if said["next"] is None else int(said["next"]),
            None if said["failed"] is None else int(said["failed"]),
            None if problem is None else _sentence(problem),
            tally_of(said["before"]),
            tally_of(said["since"]),
        )


def tally_of(said: Mapping[str, Any]) -> DoorTally:
    """A tally that was a JSON object.

    Raises:
        KeyError, TypeError, ValueError: it is something else, or cannot be.
    """
    hours, speeds = float(said["hours"]), tuple(map(_count, said["speeds"]))
    found = DoorTally(
        _count(said["decisions"]), _count(said["refusals"]), _count(said["faults"]), hours, speeds
    )
    if not (0 <= hours <= MOST_COUNT and found.refusals <= found.decisions):
        raise ValueError(hours)
    if len(speeds) > MOST_SPEEDS:
        raise ValueError(len(speeds))
    return found


def _count(number: float) -> int:
    if not 0 <= int(number) <= MOST_COUNT:
        raise ValueError(number)
    return int(number)


def _sentence(text: str) -> str:
    if not text.isprintable() or len(text) > MOST_PROBLEM:
        raise ValueError(text)
    return text
