"""What is kept about a person, as facts for the screen: no name of a file, no number of a template.

Also the lines that were read from an identity document, for the person to confirm.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum


class FactKind(Enum):
    """The kinds of facts, in the order of the page."""

    NUMBERS = "numbers"
    """Sets of numbers from the face; `DataFact.count` says how many."""
    SINCE = "since"
    DOORS = "doors"
    FACTORS = "factors"
    """PIN or badge."""
    UNTIL = "until"
    PICTURE = "picture"
    """An encrypted picture is kept."""
    CLOUD = "cloud"
    """Amazon Rekognition compares their face too."""
    READ = "read"
    """A line that was read from an identity document; it is not kept."""


@dataclass(frozen=True, slots=True)
class DataFact:
    """One fact.

    Attributes:
        kind: what it is about; selects the words.
        text: what fills the words in: names of doors, a line of a document.
        count: how many.
        day: since when or until when; None if there is no day.
    """

    kind: FactKind
    text: str = field(default="", repr=False)
    count: int = 0
    day: date | None = None
