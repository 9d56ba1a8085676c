"""What a recognition says of a factor that was shown before it, and what is decided in the end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.access.factors import Factor
from kiosk.domain.access.machine import Evidence, Reason, Recognised, decided
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId

SEEN = Evidence(
    at=Instant(2.0),
    pad=PadResult(0.75, "detector/1"),
    subject=SubjectId("ann"),
    ambiguous=False,
    best=None,
    margin=1.0,
)
ANN = Recognised(Instant(2.0), SubjectId("ann"), Instant(1.0), (SEEN,), threshold=0.5)


@pytest.mark.parametrize(
    ("person", "has_shown"),
    [
        (ANN, set()),
        (replace(ANN, verified=True), {Factor.BADGE, Factor.VERIFY}),
        (replace(ANN, factor=Factor.PIN), {Factor.PIN}),
        (replace(ANN, factor=Factor.BADGE), {Factor.BADGE, Factor.VERIFY}),
        (replace(ANN, factor=Factor.VERIFY), {Factor.BADGE, Factor.VERIFY}),
    ],
)
def test_a_badge_is_no_pin_and_a_pin_no_badge(person: Recognised, has_shown: set[Factor]) -> None:
    owed = {Factor.PIN, Factor.BADGE, Factor.VERIFY}
    assert {factor for factor in owed if person.has_shown(factor)} == has_shown


def test_a_badge_alone_shows_no_face() -> None:
    assert not ANN.faceless
    assert replace(ANN, evidence=()).faceless


def test_a_decision_about_somebody_rests_on_what_they_were_recognised_by() -> None:
    """R54."""
    person = replace(ANN, suspected=True, pad_threshold=0.25)
    refusal = decided(person, Reason.NOT_NOW)
    assert (refusal.at, refusal.reason, refusal.subject) == (2.0, Reason.NOT_NOW, "ann")
    assert (refusal.evidence, refusal.pad) == ((SEEN,), 0.75)
    assert (refusal.suspected, refusal.threshold, refusal.pad_threshold) == (True, 0.5, 0.25)
    assert not refusal.granted


def test_or_on_what_was_seen_instead() -> None:
    another = replace(SEEN, subject=None)
    assert decided(ANN, Reason.NOT_RECOGNISED, (another,)).evidence == (another,)


@pytest.mark.parametrize("reason", Reason)
def test_a_grant_is_a_match_and_nothing_else_is(reason: Reason) -> None:
    assert decided(ANN, reason).granted is (reason is Reason.MATCHED)


def test_who_is_recognised_by_the_kiosk_alone_for_one_frame_owes_a_factor_for_all() -> None:
    alone = replace(SEEN, unconfirmed=True)
    assert not ANN.unconfirmed
    assert replace(ANN, evidence=(SEEN, alone)).unconfirmed


def test_what_was_not_compared_was_judged_by_no_threshold() -> None:
    assert (SEEN.threshold, SEEN.unconfirmed) == (0.0, False)
