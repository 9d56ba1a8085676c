"""What is kept about a person in words: one plain line a fact."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain.enrolment.facts import DataFact, FactKind
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.prompts import View
from kiosk.ui.strings.moments import dated
from kiosk.ui.text import Speech

SEPARATOR = ","


def fact_line(fact: DataFact, speech: Speech) -> str:
    """The line of a fact in the language that is spoken now; empty if there is nothing to say."""
    if fact.kind is FactKind.READ:
        return speech.within(fact.text)
    when = "" if fact.day is None else dated(speech.strings, fact.day)
    text = NAMED[fact.kind](fact, speech) if fact.kind in NAMED else fact.text
    if fact.kind is FactKind.FACTORS and not text:
        return ""
    return speech.standing(f"data.{fact.kind.value}", fact.count, text, when)


def spoken(view: View | EnrolmentView, speech: Speech) -> str:
    """What a listener hears of a view: its prompt, and every fact that the page shows."""
    said = speech.message(view).spoken
    facts = view.facts if isinstance(view, EnrolmentView) else ()
    lines = [line for fact in facts if (line := fact_line(fact, speech))]
    return " ".join([said, *(f"{line}." for line in lines)]) if lines else said


def _doors(fact: DataFact, speech: Speech) -> str:
    names = _parts(fact)
    return _listed(names, speech) if names else speech.standing("data.every_door")


def _factors(fact: DataFact, speech: Speech) -> str:
    names = (speech.strings.texts.get(f"data.{key}") for key in _parts(fact))
    return _listed([name.of(1) for name in names if name is not None], speech)


def _parts(fact: DataFact) -> list[str]:
    return [part.strip() for part in fact.text.split(SEPARATOR) if part.strip()]


def _listed(names: list[str], speech: Speech) -> str:
    """Names one after the other, separated as the language does."""
    return speech.strings.texts["data.separator"].of(1).join(speech.within(name) for name in names)


NAMED: dict[FactKind, Callable[[DataFact, Speech], str]] = {
    FactKind.DOORS: _doors,
    FactKind.FACTORS: _factors,
}
