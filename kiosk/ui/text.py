"""The texts of one site: the texts of a language with this door's details filled in.

They never contain a score or a reason that would help an attacker, and a name only if one is passed
in.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass

from kiosk.domain.prompts import View
from kiosk.ui.strings import Strings, Words

ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"
"""Directional isolates (UAX 9); they are neither drawn nor spoken."""


@dataclass(frozen=True, slots=True)
class ScreenText:
    """The details of this door for the screen.

    Attributes:
        organisation: the responsible organisation.
        purpose: the purpose of face recognition here.
        contact: the contact for questions and help.
        other_way: the way to enter without face recognition.
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
        quiet: the smaller line under it; may be empty.
        spoken: the text for the voice.
    """

    sentence: str
    quiet: str
    spoken: str


@dataclass(frozen=True, slots=True)
class Speech:
    """Every text of one door in one language."""

    strings: Strings
    site: ScreenText

    def message(
        self, view: View, given_name: str = "", seconds_left: float = 0.0, note: str = ""
    ) -> PromptText:
        """The texts of a view.

        Args:
            view: the view on the screen.
            given_name: the name for the greeting; empty if the settings show no names.
            seconds_left: remaining time of a lockout, rounded up to whole seconds, at least one.
            note: the time of the next change ("on Monday at 07:00"); empty if it is not known.
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
        """A text that is not a prompt, by its key."""
        return self.strings.standing[key].format_map(self._fill(seconds=f"{seconds:g}"))

    def door(self, condition: str) -> str:
        """The door's condition in words; a condition without a text reads as unknown."""
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
    """The text; one that is right-to-left is isolated, so that it does not reorder the rest."""
    backwards = any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in text)
    return f"{ISOLATE}{text}{END_OF_ISOLATE}" if backwards else text


def _sentence(words: Words, *, named: bool, one_left: bool) -> str:
    if named:
        return words.named
    return words.sentence_one if one_left else words.sentence
