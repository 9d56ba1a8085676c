"""The texts of one language, by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from kiosk.ui.strings.plurals import OTHER, PluralRule

DETAILS = ("organisation", "purpose", "contact", "other_way", "region")
"""What the settings of a door may say instead of the words of its language."""


class WritingDirection(Enum):
    """The direction of a language's script; the value is that of its file."""

    LEFT_TO_RIGHT = "ltr"
    RIGHT_TO_LEFT = "rtl"


@dataclass(frozen=True, slots=True)
class Text:
    """One text, with placeholders, in its plural forms.

    Attributes:
        forms: by plural form; a text that is the same for every count has "other" alone.
        rule: selects the form for a count.
    """

    forms: Mapping[str, str]
    rule: PluralRule

    def of(self, count: int) -> str:
        """The form for a count."""
        form = self.rule(count)
        return self.forms[form if form in self.forms else OTHER]


@dataclass(frozen=True, slots=True)
class Strings:
    """The texts of one language.

    Attributes:
        language: its ISO 639 code, the name of its file.
        name: its own name for itself.
        direction: of its script.
        texts: by key, "table.name"; a prompt's table is named by `Prompt.value`.
        missing: the keys that are in English for want of this language's own.
    """

    language: str
    name: str
    direction: WritingDirection
    texts: Mapping[str, Text]
    missing: frozenset[str] = frozenset()
