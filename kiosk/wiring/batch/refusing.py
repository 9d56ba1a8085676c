"""What is wrong with a batch as a whole, found before any photograph is looked at."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.domain.errors import BadInput
from kiosk.domain.vision.template import SubjectId
from kiosk.enrolment.batch.sources import PhotographSource
from kiosk.people.batch.roster import Roster


def refuse_missing(roster: Roster, photographs: PhotographSource) -> None:
    """Raises BadInput: there is no photograph of a path that the roster names."""
    missing = [name for name in roster.lines if not photographs.holds(name)]
    if missing:
        first, more = missing[0], len(missing) - 1
        others = f"; {more:,} more are missing" if more else ""
        raise roster.at_line(
            roster.lines[first],
            f"there is no photograph {first!r}{others}.",
            "Put it there, or correct its path in the column photo: it is read below --photos.",
        )


def refuse_elsewhere(roster: Roster, scope: str, others: Mapping[SubjectId, str]) -> None:
    """Raises BadInput: somebody of the roster is in another scope; kiosks know people by one."""
    twice = [each.subject for each in roster.people if each.subject in others]
    if twice:
        first, more = twice[0], len(twice) - 1
        also = f", and {more:,} more are in others" if more else ""
        raise BadInput(
            f"{first} is in the scope {others[first]} already{also}, and cannot be in {scope} too.",
            "Move them, or erase them there first; if it is somebody else, choose another id.",
        )
