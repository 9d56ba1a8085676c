"""Who may pass which door when: what is granted to a person, and what rules it. No clock, no file.

Whoever was recognised is only let in if every rule says so (R23).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class PersonRules:
    """What is agreed on for one enrolled person.

    Attributes:
        groups: whose doors and schedules are theirs.
        valid_from: the first day on which they may come in; None for no beginning.
        valid_until: the last day; None for no end.
        needs_longer: the door stays released longer for them, and its operator is pulsed (R92).
        credential: their card number at a panel that decides for itself; None for none.
    """

    groups: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    needs_longer: bool = False
    credential: int | None = None
