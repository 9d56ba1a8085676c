"""The result of one check: the item, its health, and the remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Health(Enum):
    """The health of a checked item, best first."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's table, or one step of a door's test.

    Attributes:
        name: the item that was checked.
        health: its health.
        text: the result.
        remedy: the action to take; empty if none is needed.
    """

    name: str
    health: Health
    text: str
    remedy: str = ""


def worst(findings: Iterable[Finding]) -> Health:
    """The worst health of the findings; OK if there are none."""
    found = {finding.health for finding in findings}
    return next((health for health in reversed(Health) if health in found), Health.OK)
