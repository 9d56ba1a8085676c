"""What is proposed from a document, and that a person has the word (R29)."""

from __future__ import annotations

import pytest

from kiosk.domain.cloud.faces import ReadText
from kiosk.domain.cloud.prefill import Prefill, confirmed, proposed


@pytest.mark.parametrize(
    "text", ["ANNA MARIA", "ANNA M.", "Zoë", "O'Brien", "Jean-Luc", "李 小龙", "x" * 40]
)
def test_what_may_be_a_name_is_proposed(text: str) -> None:
    assert proposed([ReadText(text, 99.0)]).names == (text,)


@pytest.mark.parametrize(
    "text",
    ["", "  ", "12.05.1990", "ANNA 1990", "P<UTOERIKSSON<<ANNA", "L898902C3", *"-'.", "x" * 41],
)
def test_what_is_none_is_not(text: str) -> None:
    assert proposed([ReadText(text, 99.0)]).names == ()


def test_what_was_not_read_surely_is_not_proposed() -> None:
    lines = [ReadText("ANNA", 89.9), ReadText("MARIA", 90.0), ReadText("EVA", float("nan"))]
    assert proposed(lines).names == ("MARIA",)


def test_each_is_proposed_once_and_not_too_many() -> None:
    names = [chr(ord("A") + number) * 3 for number in range(20)]
    assert proposed([ReadText(it, 99.0) for it in ["AAA", *names]]).names == (*names[:8],)


@pytest.mark.parametrize(
    ("answer", "name"),
    [("1", "ANNA"), ("2", "MARIA"), ("3", None), ("0", None), ("", None), (" Anna ", "Anna")],
)
def test_a_person_has_the_word(answer: str, name: str | None) -> None:
    assert confirmed(Prefill(("ANNA", "MARIA")), answer) == name


def test_nothing_of_it_is_printed() -> None:
    assert "ANNA" not in repr(Prefill(("ANNA",))) + repr(ReadText("ANNA", 99.0))
