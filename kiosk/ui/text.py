"""The texts of one site: the texts of a language with this door's details filled in.

They never contain a score or a reason that would help an attacker, and a name only if one is passed
in.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass

from kiosk.domain.prompts import View
from kiosk.ui.strings.texts import Strings

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


@dataclass(slots=True)
class Speech:
    """Every text of one door.

    Attributes:
        strings: the texts of the language that is spoken now; the window changes it.
        site: the details of this door.
    """

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
        count = max(1, math.ceil(seconds_left))
        fill = self._fill(name=given_name, count=str(count), when=note)

        def line(name: str, otherwise: str = "") -> str:
            text = self.strings.texts.get(f"{view.prompt.value}.{name}")
            return otherwise if text is None else text.of(count).format_map(fill)

        plain = line("sentence")
        sentence = line("named", plain) if given_name else plain
        if note and (noted := line("noted")):
            return PromptText(sentence, noted, f"{sentence}. {noted}.")
        return PromptText(sentence, line("quiet"), line("spoken", plain))

    def standing(self, key: str, count: float = 1) -> str:
        """A text that is not a prompt, by its key.

        Args:
            key: as in `Strings.texts`.
            count: the number in it, which also selects the plural form.
        """
        fill = self._fill(count=f"{count:g}")
        return self.strings.texts[key].of(math.ceil(count)).format_map(fill)

    def door(self, condition: str) -> str:
        """The door's condition in words; a condition without a text reads as unknown."""
        key = f"door.{condition}"
        return self.standing(key if key in self.strings.texts else "door.unknown")

    def _fill(self, name: str = "", count: str = "", when: str = "") -> dict[str, str]:
        return {
            "name": isolated(name),
            "count": count,
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
