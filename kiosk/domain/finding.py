"""What was found where somebody looked: one thing, how it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Health(Enum):
    """How one thing is found to be, best first."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's table, or one step of a door's test.

    Attributes:
        name: what was looked at.
        health: how it is.
        text: what was found.
        remedy: what to do; empty where nothing need be done.
    """

    name: str
    health: Health
    text: str
    remedy: str = ""


def worst(findings: Iterable[Finding]) -> Health:
    """How the worst of them is; good where nothing was found."""
    found = {finding.health for finding in findings}
    return next((health for health in reversed(Health) if health in found), Health.OK)
