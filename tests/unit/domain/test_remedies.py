"""A remedy is its sentence, and knows the step that it asks for."""

from __future__ import annotations

import copy

from kiosk.domain.errors import BadInput
from kiosk.domain.remedies import KEEP_AND_RENEW, NextStep, Remedy

GIVE_PIN = Remedy("Give them a PIN.", NextStep.SET_PIN, subject="s-1")


def test_a_remedy_reads_as_its_sentence_alone() -> None:
    assert GIVE_PIN == "Give them a PIN."
    assert str(BadInput("They have none.", GIVE_PIN)) == "They have none. Give them a PIN."


def test_a_remedy_and_its_copy_know_the_step() -> None:
    for remedy in (GIVE_PIN, copy.copy(GIVE_PIN), copy.deepcopy(GIVE_PIN)):
        assert (remedy, remedy.step) == ("Give them a PIN.", NextStep.SET_PIN)
        assert remedy.about == {"subject": "s-1"}


def test_a_remedy_holds_nothing_else() -> None:
    assert not hasattr(GIVE_PIN, "__dict__")


def test_a_journal_is_renewed_for_itself() -> None:
    assert (KEEP_AND_RENEW.step, KEEP_AND_RENEW.about) == (NextStep.RENEW_JOURNAL, {})
