"""The words of one site: a language's sentences with this door's own particulars filled in.

Never a score, never a reason that would teach an attacker; a name only where one is handed over.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass

from kiosk.domain.prompts import View
from kiosk.ui.strings import Strings, Words

ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"
"""Marks of direction (UAX 9); nothing of them is drawn or spoken."""


@dataclass(frozen=True, slots=True)
class ScreenText:
    """What the screen says about this door.

    Attributes:
        organisation: who is responsible.
        purpose: what face recognition is used for here.
        contact: whom to ask, and who helps.
        other_way: how to enter without a face.
    """

    organisation: str
    purpose: str
    contact: str
    other_way: str


@dataclass(frozen=True, slots=True)
class PromptText:
    """One prompt in words.

    Attributes:
        sentence: one line.
        quiet: the line under it; may be empty.
        spoken: what the voice says.
    """

    sentence: str
    quiet: str
    spoken: str


@dataclass(frozen=True, slots=True)
class Speech:
    """Every sentence of one door in one language."""

    strings: Strings
    site: ScreenText

    def message(
        self, view: View, given_name: str = "", seconds_left: float = 0.0, note: str = ""
    ) -> PromptText:
        """The words of a view.

        Args:
            view: what the screen shows.
            given_name: whom to greet; empty where policy shows no names.
            seconds_left: of a lockout; counted up to whole seconds, at least one.
            note: when things change ("on Monday at 07:00"); empty where that is not known.
        """
        words = self.strings.prompts[view.prompt]
        seconds = max(1, math.ceil(seconds_left))
        fill = self._fill(name=given_name, seconds=str(seconds), when=note)
        sentence = _sentence(words, named=bool(given_name), one_left=seconds == 1).format_map(fill)
        if note and words.noted:
            noted = words.noted.format_map(fill)
            return PromptText(sentence, noted, f"{sentence}. {noted}.")
        return PromptText(sentence, words.quiet.format_map(fill), words.spoken.format_map(fill))

    def standing(self, key: str, seconds: float = 0.0) -> str:
        """A line that is not a prompt, by its key."""
        return self.strings.standing[key].format_map(self._fill(seconds=f"{seconds:g}"))

    def door(self, condition: str) -> str:
        """What the door is, in words; one that has none reads as unknown."""
        key = condition if f"door.{condition}" in self.strings.standing else "unknown"
        return self.standing(f"door.{key}")

    def _fill(self, name: str = "", seconds: str = "", when: str = "") -> dict[str, str]:
        return {
            "name": isolated(name),
            "seconds": seconds,
            "when": when,
            "contact": isolated(self.site.contact),
            "other_way": isolated(self.site.other_way),
            "organisation": isolated(self.site.organisation),
            "purpose": isolated(self.site.purpose),
        }


def isolated(text: str) -> str:
    """A text that is read from right to left, so that it does not move the words around it."""
    backwards = any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in text)
    return f"{ISOLATE}{text}{END_OF_ISOLATE}" if backwards else text


def _sentence(words: Words, *, named: bool, one_left: bool) -> str:
    if named:
        return words.named
    return words.sentence_one if one_left else words.sentence
