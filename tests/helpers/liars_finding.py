"""What a doctor makes of all that was found."""

from __future__ import annotations

from liars import lies

MUTANTS = lies(
    "finding",
    ("finding",),
    ("the best speaks for all", "in reversed(Health)", "in Health"),
    ("nothing found is bad", "Health.OK)", "Health.BAD)"),
    ("whatever was found is bad", "if health in found", "if found"),
)
