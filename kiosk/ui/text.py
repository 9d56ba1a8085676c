"""The texts of one site: the texts of a language with this door's details filled in.

They never contain a score or a reason that would help an attacker, and a name only if one is passed
in.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.prompts import View
from kiosk.ui.strings import load
from kiosk.ui.strings.moments import told
from kiosk.ui.strings.texts import DETAILS, Strings, WritingDirection

ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"
"""Directional isolates (UAX 9); they are neither drawn nor spoken."""


@dataclass(frozen=True, slots=True)
class ScreenText:
    """The details of this door for the screen; None where the language's own words do.

    Attributes:
        organisation: the responsible organisation.
        purpose: the purpose of face recognition here.
        contact: the contact for questions and help.
        other_way: the way to enter without face recognition.
        region: the region of Amazon Rekognition.
        translations: the same in other languages, by their codes.
    """

    organisation: str | None = None
    purpose: str | None = None
    contact: str | None = None
    other_way: str | None = None
    region: str | None = None
    translations: Mapping[str, ScreenText] = field(default_factory=dict)

    def said(self, name: str, language: str) -> str | None:
        """One detail in a language, else as it is in every other; None where it is not set.

        Args:
            name: of the attribute.
            language: its ISO 639 code.
        """
        translated = self.translations.get(language)
        there: str | None = getattr(translated, name) if translated is not None else None
        return there if there is not None else getattr(self, name)


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
        load: reads the texts of another language.
    """

    strings: Strings
    site: ScreenText
    load: Callable[[str], Strings] = load

    def in_language(self, language: str | None) -> Speech:
        """The same in another language; in this one for None."""
        if language is None or language == self.strings.language:
            return self
        return Speech(self.load(language), self.site, self.load)

    def message(
        self,
        view: View | EnrolmentView,
        given_name: str = "",
        seconds_left: float = 0.0,
        note: str = "",
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

    def standing(self, key: str, count: float = 1, text: str = "", when: str = "") -> str:
        """A text that is not a prompt, by its key.

        Args:
            key: as in `Strings.texts`.
            count: the number in it, which also selects the plural form.
            text: what else it names, such as the number of a receipt.
            when: the day in it.
        """
        fill = {**self._fill(count=f"{count:g}", when=when), "text": self.within(text)}
        return self.strings.texts[key].of(math.ceil(count)).format_map(fill)

    def within(self, text: str) -> str:
        """A text of no language as part of a sentence: in its own order, whatever is around it."""
        if self.strings.direction is WritingDirection.LEFT_TO_RIGHT:
            return isolated(text)
        return f"{ISOLATE}{text}{END_OF_ISOLATE}"

    def door(self, condition: str) -> str:
        """The door's condition in words; a condition without a text reads as unknown."""
        key = f"door.{condition}"
        return self.standing(key if key in self.strings.texts else "door.unknown")

    def _fill(self, name: str = "", count: str = "", when: str = "") -> dict[str, str]:
        return {
            "name": isolated(name),
            "count": count,
            "when": when,
            **{detail: self._detail(detail) for detail in DETAILS},
        }

    def _detail(self, name: str) -> str:
        said = self.site.said(name, self.strings.language)
        return self.strings.texts[f"site.{name}"].of(1) if said is None else isolated(said)


def left(view: View, now: float) -> float:
    """The remaining seconds of a wait."""
    return 0.0 if view.until is None else max(0.0, view.until - now)


def words_of(
    speech: Speech,
    view: View,
    given_name: str,
    clock: Callable[[], float],
    wall: Callable[[tzinfo | None], datetime],
) -> PromptText:
    """The words of a view now. Kept by widgets, so it must not keep the window in turn."""
    opens = view.opens
    note = "" if opens is None else told(speech.strings, opens, wall(opens.tzinfo))
    return speech.message(view, given_name, left(view, clock()), note)


def isolated(text: str) -> str:
    """The text; one that is right-to-left is isolated, so that it does not reorder the rest."""
    backwards = any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in text)
    return f"{ISOLATE}{text}{END_OF_ISOLATE}" if backwards else text
