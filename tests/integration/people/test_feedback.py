"""What people say about a result has an effect on the right people, and shuts nobody out (R80)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from kept_files import lines
from kept_samples import ANNA, BORIS
from people_changes import settle

from kiosk.domain.access.factors import Factor, StepUp
from kiosk.domain.access.grant import Evidence
from kiosk.domain.access.machine import Decision, Reason
from kiosk.domain.enrolment.events import Feedback
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId
from kiosk.door.effect_runner import DecisionOutcome, Happened
from kiosk.people.feedback import MOST_EFFECTIVE, MOST_RECORDED, FeedbackService
from kiosk.people.service import PeopleService
from kiosk.store.open_home import OpenHome
from kiosk.wiring.kiosk import hearing

NOT_ME, WRONG = Feedback.NOT_ME, Feedback.SOMETHING_WRONG


class Place:
    """A home with Anna, who has a PIN, and Boris, who has nothing; a clock of the test's."""

    def __init__(self, opened: OpenHome) -> None:
        self.opened, self.now = opened, 100.0
        self.people = PeopleService(opened)
        self.service = FeedbackService(opened, lambda: Instant(self.now))

    def grant(self, subject: SubjectId = ANNA, near: SubjectId | None = None) -> None:
        pad = PadResult(1.0, "detector/1")
        at = Instant(self.now)
        seen = Evidence(at, pad, subject, ambiguous=False, best=None, margin=0.2, runner_up=near)
        decision = Decision(at, Reason.MATCHED, subject, evidence=(seen,))
        self.service.granted(decision)

    def give(self, feedback: Feedback = NOT_ME, later: float = 5.0) -> None:
        self.now += later
        self.service.give(feedback, Instant(self.now))

    def stepped_up(self) -> list[SubjectId]:
        found = self.people.people()
        return [it.subject for it in found if it.profile.factors.step_up is StepUp.REPORTED]

    def entries(self, name: str) -> list[dict[str, object]]:
        told = [json.loads(line) for line in lines(self.opened.home.journal)]
        return [each["details"] for each in told if each["event"] == name]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with OpenHome.open(settle(tmp_path / "home")) as opened:
        yield Place(opened)


def test_whoever_was_let_in_is_asked_for_their_factor_until_somebody_has_looked(
    place: Place,
) -> None:
    place.grant()
    place.give()
    assert place.stepped_up() == [ANNA]
    assert place.people.person(ANNA).profile.factors.asked is Factor.PIN
    assert place.entries("feedback") == [{"feedback": "not_me", "effective": True}]
    place.people.allow(ANNA, {}, reviewed=True)
    assert place.stepped_up() == []


def test_whoever_came_near_is_too_and_goes_to_an_operator_without_a_factor(place: Place) -> None:
    place.grant(ANNA, BORIS)
    place.give()
    assert place.stepped_up() == [ANNA, BORIS]
    assert place.people.person(BORIS).profile.factors.asked is None


@pytest.mark.parametrize(
    ("feedback", "later"), [(WRONG, 5.0), (NOT_ME, 60.1)], ids=["went wrong", "too late"]
)
def test_other_feedback_is_only_recorded(place: Place, feedback: Feedback, later: float) -> None:
    place.grant()
    place.give(feedback, later)
    assert place.stepped_up() == []
    assert place.entries("feedback") == [{"feedback": feedback.value, "effective": False}]


def test_without_a_grant_it_is_about_nobody(place: Place) -> None:
    place.give()
    assert place.stepped_up() == []


def test_a_grant_takes_one_report(place: Place) -> None:
    place.grant()
    place.give()
    place.people.allow(ANNA, {}, reviewed=True)
    place.give()
    assert place.stepped_up() == []


def test_a_stranger_who_goes_on_touching_reaches_few(place: Place) -> None:
    for _ in range(MOST_EFFECTIVE + 2):
        place.grant()
        place.give()
        place.people.allow(ANNA, {}, reviewed=True)
    assert [it["effective"] for it in place.entries("feedback")] == [True] * 3 + [False] * 2
    place.now += 3600
    place.grant()
    place.give()
    assert place.stepped_up() == [ANNA]


def test_a_button_that_is_held_down_fills_no_disk(place: Place) -> None:
    for _ in range(MOST_RECORDED + 10):
        place.give(WRONG, 0.1)
    assert len(place.entries("feedback")) == MOST_RECORDED


def test_somebody_who_was_erased_since_is_no_fault(place: Place) -> None:
    place.grant()
    place.people.erase(ANNA)
    place.give()
    assert place.stepped_up() == []


def test_whoever_is_asked_already_stays_asked_for_the_reason_of_before(place: Place) -> None:
    place.people.step_up(ANNA, StepUp.LOOKALIKE)
    place.grant()
    place.give()
    assert place.people.person(ANNA).profile.factors.step_up is StepUp.LOOKALIKE


@pytest.mark.parametrize("released", [True, False])
def test_a_kiosk_hears_of_the_grants_that_released_the_door(
    place: Place, *, released: bool
) -> None:
    seen: list[Happened] = []
    decision = Decision(Instant(place.now), Reason.MATCHED, ANNA)
    outcome = DecisionOutcome(decision, 300.0 if released else None)
    hearing(place.service, seen.append)(outcome)
    place.give()
    assert seen == [outcome]
    assert place.stepped_up() == ([ANNA] if released else [])
