"""What came of a sync."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """What was applied of one scope.

    Attributes:
        scope: its name.
        put: how many people are new or changed.
        erased: how many were erased.
        review: changes that do not count here: as `PreparedScope`.
    """

    scope: str
    put: int
    erased: int
    review: int = 0


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What came of a sync.

    Attributes:
        version: of the timestamp.
        signed_at: when the publisher signed it, UTC.
        people: how many people of the fleet are known here now.
        changes: by scope; only those in which something changed.
    """

    version: int
    signed_at: datetime
    people: int
    changes: tuple[ScopeChange, ...]
