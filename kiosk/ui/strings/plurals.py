"""The plural rules of CLDR for whole numbers: which form of a text goes with a count.

A form is named as in CLDR: zero, one, two, few, many, other.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping

OTHER = "other"
"""The form of a text that is the same for every count."""

PluralRule = Callable[[int], str]


def _germanic(count: int) -> str:
    return "one" if count == 1 else OTHER


def _french(count: int) -> str:
    return "one" if count in {0, 1} else OTHER


def _unchanging(_count: int) -> str:
    return OTHER


def _hebrew(count: int) -> str:
    return {1: "one", 2: "two"}.get(count, OTHER)


def _czech(count: int) -> str:
    return {1: "one", 2: "few", 3: "few", 4: "few"}.get(count, OTHER)


def _ends_in(count: int, digits: Container[int], but: Container[int]) -> bool:
    return count % 10 in digits and count % 100 not in but


def _polish(count: int) -> str:
    if count == 1:
        return "one"
    return "few" if _ends_in(count, (2, 3, 4), but=(12, 13, 14)) else "many"


def _east_slavic(count: int) -> str:
    if _ends_in(count, (1,), but=(11,)):
        return "one"
    return "few" if _ends_in(count, (2, 3, 4), but=(12, 13, 14)) else "many"


def _arabic(count: int) -> str:
    if count in {0, 1, 2}:
        return ("zero", "one", "two")[count]
    if count % 100 in range(3, 11):
        return "few"
    return "many" if count % 100 in range(11, 100) else OTHER


FAMILIES: Mapping[PluralRule, str] = {
    _germanic: "bg da de el en es et eu fi hu it nb nl nn no sv tr",
    _french: "bn fa fr hi pt",
    _unchanging: "id ja ko ms my th vi zh",
    _hebrew: "he",
    _czech: "cs sk",
    _polish: "pl",
    _east_slavic: "be ru uk",
    _arabic: "ar",
}
"""The languages of each rule, by their ISO 639 codes."""

RULES = {language: rule for rule, languages in FAMILIES.items() for language in languages.split()}

MOST = 200
"""Every rule has used all its forms below this count."""


def forms_of(rule: PluralRule) -> frozenset[str]:
    """The forms that a rule selects."""
    return frozenset(map(rule, range(MOST)))
