"""The texts: one TOML file per language, with the same keys in each.

A table is used completely or not at all: a missing prompt, an unknown key or an unknown placeholder
stops the start, so no key ever appears on the screen in place of a sentence.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from kiosk.domain.errors import SettingsError
from kiosk.domain.prompts import Prompt
from kiosk.ui.strings.keys import FILLED, FORMS, PLACEHOLDERS, SCREEN, TABLES


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one prompt, with placeholders.

    Attributes:
        sentence: one line.
        quiet: the smaller line under it; empty if none is needed.
        spoken: the text for the voice.
        named: the sentence if a given name may be shown.
        sentence_one: the sentence if one second is left.
        noted: the smaller line if the time of the next change is known; empty if it never is.
    """

    sentence: str
    quiet: str
    spoken: str
    named: str
    sentence_one: str
    noted: str


@dataclass(frozen=True, slots=True)
class Strings:
    """The texts of one language.

    Attributes:
        language: the name of its file.
        prompts: texts for every prompt.
        standing: all other texts; keys as in `kiosk.ui.strings.keys`.
    """

    language: str
    prompts: Mapping[Prompt, Words]
    standing: Mapping[str, str]


def load(language: str) -> Strings:
    """Read the table of one language.

    Raises:
        SettingsError: there is no such table, or it is incomplete or invalid.
    """
    file = files(__name__) / f"{language}.toml"
    if not language.isalpha() or not file.is_file():
        raise SettingsError(
            f"There are no words for the language {language!r}.", "Correct screen.language."
        )
    return parse(language, file.read_text(encoding="utf-8"))


def parse(language: str, text: str) -> Strings:
    """Check and parse one table.

    Raises:
        SettingsError: it is not TOML, a key is missing or unknown, a value is not text, or a
            placeholder is unknown.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _refused(language, f"it is not TOML ({error})") from error
    _same(language, "", set(table), {prompt.value for prompt in Prompt} | set(TABLES))
    for name, section in table.items():
        _check_section(language, name, section)
    for name, keys in TABLES.items():
        _same(language, f"{name}.", set(table[name]), keys)
    prompts = {prompt: _words(language, prompt, table[prompt.value]) for prompt in Prompt}
    return Strings(language, prompts, _standing(table))


def _standing(table: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {
        key if name == SCREEN else f"{name}.{key}": text
        for name in TABLES
        for key, text in table[name].items()
    }


def _words(language: str, prompt: Prompt, section: Mapping[str, str]) -> Words:
    unknown = set(section) - FORMS
    if unknown:
        raise _refused(language, f"{prompt.value}.{min(unknown)} is not known")
    sentence = section.get("sentence", "")
    if not sentence:
        raise _refused(language, f"{prompt.value}.sentence is missing")
    return Words(
        sentence=sentence,
        quiet=section.get("quiet", ""),
        spoken=section.get("spoken", sentence),
        named=section.get("named", sentence),
        sentence_one=section.get("sentence_one", sentence),
        noted=section.get("noted", ""),
    )


def _check_section(language: str, name: str, section: Any) -> None:  # noqa: ANN401 - parsed TOML
    if not isinstance(section, dict):
        raise _refused(language, f"{name} is not a table")
    for key, text in section.items():
        if not isinstance(text, str):
            raise _refused(language, f"{name}.{key} is not text")
        unknown = _placeholders(language, f"{name}.{key}", text) - FILLED.get(name, PLACEHOLDERS)
        if unknown:
            raise _refused(language, f"{name}.{key} has the unknown placeholder {min(unknown)!r}")


def _placeholders(language: str, key: str, text: str) -> set[str]:
    try:
        return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
    except ValueError as error:
        raise _refused(language, f"{key} has a stray brace") from error


def _same(language: str, where: str, found: set[str], wanted: set[str] | frozenset[str]) -> None:
    if missing := wanted - found:
        raise _refused(language, f"{where}{min(missing)} is missing")
    if unknown := found - wanted:
        raise _refused(language, f"{where}{min(unknown)} is not known")


def _refused(language: str, why: str) -> SettingsError:
    return SettingsError(
        f"The words for the language {language!r} cannot be used: {why}.",
        "Correct that language's file.",
    )
