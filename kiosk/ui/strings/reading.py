"""The reader of a language's file, with every check of it."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from kiosk.domain.door.model import Condition
from kiosk.domain.errors import SettingsError
from kiosk.domain.prompts import Prompt
from kiosk.ui.strings.plurals import OTHER, RULES, PluralRule, forms_of
from kiosk.ui.strings.texts import DETAILS, Strings, Text, WritingDirection

ABOUT = "language"
"""The table about the language itself."""

LINES = frozenset({"sentence", "named", "noted", "quiet", "spoken"})
"""The texts of a prompt; all but the sentence may be absent."""

PLACEHOLDERS = frozenset(
    {"name", "count", "contact", "other_way", "organisation", "purpose", "region", "when"}
)
FILLED = {
    "when": frozenset({"time", "day", "month", "year"}),
    "enrolment": frozenset({"count", "text"}),
    "data": frozenset({"count", "when", "text"}),
    "installer": frozenset({"count", "text"}),
}
"""Placeholders of the tables that differ from those of the others."""

PROMPTS = frozenset(prompt.value for prompt in Prompt)


class _WordsError(Exception):
    """A file cannot be used, with the reason as its message."""


def parse(language: str, text: str, english: Strings | None = None) -> Strings:
    """Check and read one file.

    Args:
        language: its ISO 639 code.
        text: the file's content.
        english: supplies what this language lacks, and its keys are all that are known; None for
            English itself, which must be whole.

    Raises:
        SettingsError: it is not TOML, a key is missing or unknown, a value is not text, or a
            placeholder or plural form is unknown.
    """
    try:
        return _checked(language, tomllib.loads(text), english)
    except tomllib.TOMLDecodeError as error:
        raise _refused(language, f"it is not TOML ({error})") from error
    except _WordsError as error:
        raise _refused(language, str(error)) from error


def with_own_words(strings: Strings, own: Mapping[str, str]) -> Strings:
    """A language's texts with a site's own words in place of some.

    Args:
        strings: of the language.
        own: texts by key, as in the language's file; each is the same for every count.

    Raises:
        SettingsError: a key is not known, or a placeholder is not.
    """
    texts = dict(strings.texts)
    for key, text in own.items():
        table = key.partition(".")[0]
        try:
            _check_known(key, texts)
            _check_text(key, text, FILLED.get(table, PLACEHOLDERS))
        except _WordsError as error:
            where = f"screen.words.{strings.language}"
            raise SettingsError(
                f"The words of {where} cannot be used: {error}.", f"Correct {where}."
            ) from error
        texts[key] = Text({OTHER: text}, texts[key].rule)
    return replace(strings, texts=texts)


def _check_known(key: str, texts: Mapping[str, Text]) -> None:
    if key not in texts:
        raise _WordsError(f"{key} is not known")


def _checked(language: str, tables: dict[str, Any], english: Strings | None) -> Strings:
    name, direction = _about(tables.pop(ABOUT, None))
    if language not in RULES:
        raise _WordsError("its plural rule is not known")
    texts: dict[str, Text] = {}
    for table, section in tables.items():
        texts.update(_section(table, section, RULES[language]))
    if english is None:
        _require_whole(texts)
        return Strings(language, name, direction, texts)
    _refuse_unknown(texts, english)
    missing = frozenset(english.texts.keys() - texts.keys())
    return Strings(language, name, direction, {**english.texts, **texts}, missing)


def _about(section: Any) -> tuple[str, WritingDirection]:  # noqa: ANN401 - parsed TOML
    if not isinstance(section, dict) or section.keys() != {"name", "direction"}:
        raise _WordsError(f"{ABOUT} has not just name and direction")
    if not isinstance(section["name"], str):
        raise _WordsError(f"{ABOUT}.name is not text")
    if section["direction"] not in {direction.value for direction in WritingDirection}:
        raise _WordsError(f"{ABOUT}.direction is neither ltr nor rtl")
    return section["name"], WritingDirection(section["direction"])


def _section(table: str, section: Any, rule: PluralRule) -> Iterator[tuple[str, Text]]:  # noqa: ANN401 - parsed TOML
    if not isinstance(section, dict):
        raise _WordsError(f"{table} is not a table")
    for name, value in section.items():
        key = f"{table}.{name}"
        if table in PROMPTS and name not in LINES:
            raise _WordsError(f"{key} is not known")
        forms = value if isinstance(value, dict) else {OTHER: value}
        _check_forms(key, forms.keys(), forms_of(rule))
        for text in forms.values():
            _check_text(key, text, FILLED.get(table, PLACEHOLDERS))
        yield key, Text(forms, rule)


def _check_forms(key: str, found: AbstractSet[str], wanted: AbstractSet[str]) -> None:
    """The one form for every count, or each that this language has."""
    if unknown := found - wanted - {OTHER}:
        raise _WordsError(f"{key}.{min(unknown)} is not known")
    if found != {OTHER} and (missing := wanted - found):
        raise _WordsError(f"{key}.{min(missing)} is missing")


def _check_text(key: str, text: Any, placeholders: frozenset[str]) -> None:  # noqa: ANN401 - parsed TOML
    if not isinstance(text, str):
        raise _WordsError(f"{key} is not text")
    if unknown := _placeholders(key, text) - placeholders:
        raise _WordsError(f"{key} has the unknown placeholder {min(unknown)!r}")


def _placeholders(key: str, text: str) -> set[str]:
    try:
        return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
    except ValueError as error:
        raise _WordsError(f"{key} has a stray brace") from error


def _require_whole(texts: Mapping[str, Text]) -> None:
    """Each prompt has its sentence; each condition and each detail of the door has its words."""
    wanted = {f"{prompt}.sentence" for prompt in PROMPTS}
    wanted |= {f"door.{condition.value}" for condition in Condition}
    wanted |= {f"site.{detail}" for detail in DETAILS}
    if missing := wanted - texts.keys():
        raise _WordsError(f"{min(missing)} is missing")


def _refuse_unknown(texts: Mapping[str, Text], english: Strings) -> None:
    """A prompt may have lines that it has not in English, such as one for the voice."""
    lines = {f"{prompt}.{line}" for prompt in PROMPTS for line in LINES}
    if unknown := texts.keys() - english.texts.keys() - lines:
        raise _WordsError(f"{min(unknown)} is not known")


def _refused(language: str, why: str) -> SettingsError:
    return SettingsError(
        f"The words for the language {language!r} cannot be used: {why}.",
        "Correct that language's file.",
    )
