"""Rules, second factor, journal, door: in this order, and nobody slips past one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hand_clock import HandClock
from pipeline_parts import BreakableJournal, Diary, Shelf
from register import ANN, BOB, FACTORS, Register

from kiosk.domain.access.factors import Factor, Factors, StepUp
from kiosk.domain.access.machine import (
    Answered,
    Authorised,
    Decision,
    Evidence,
    Reason,
    Recognised,
    Released,
)
from kiosk.domain.access.policy import Hold
from kiosk.domain.door.model import By, PassageRules
from kiosk.domain.door.protocol import ReleaseOrder
from kiosk.domain.errors import DoorTimeout, JournalUnwritable, StoreCorrupt
from kiosk.domain.people.calendar import Moment
from kiosk.domain.people.presence import Passback, Presence, PresenceMemory, is_inside
from kiosk.domain.people.rules import PersonRules, Site
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.comparison import Candidate
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId
from kiosk.door.attempts import Attempts
from kiosk.door.authorization import AuthorizationPolicy
from kiosk.door.authorizer import AccessAuthorizer
from kiosk.door.factor_checker import FactorChecker
from kiosk.door.kept_state import KeptState
from kiosk.journal.recorder import JournalRecorder

PASSAGE = PassageRules(release_seconds=4.0, longer_seconds=12.0, push_seconds=2.0)
BEGAN = datetime(2026, 11, 23, 9, tzinfo=UTC)


@dataclass
class Keeper:
    """Fulfils Keeper, and tells the diary."""

    diary: Diary
    answer: Reason | None = None
    error: DoorTimeout | None = None
    meanwhile: Callable[[], None] = lambda: None
    free: list[bool] = field(default_factory=list)

    def release(self, order: ReleaseOrder, by: By) -> Reason | None:
        assert by is By.GRANT
        self.meanwhile()
        if self.error:
            raise self.error
        if self.answer is None:
            self.diary.add("release", order)
        return self.answer

    def schedule(self, *, free: bool) -> None:
        self.free.append(free)


class Kept(Shelf):
    """Counts how often something was stored."""

    times = 0

    def save(self, presence: dict[str, Any]) -> None:
        self.times += 1
        super().save(presence)


class Lodge:
    """The parts around the authorizer, and their records."""

    def __init__(self, site: Site | None = None) -> None:
        self.diary = Diary()
        self.clock = HandClock(100.0)
        self.journal = BreakableJournal(self.diary)
        self.people = Register()
        self.controller = Keeper(self.diary)
        self.answers: list[object] = []
        self.outcomes: list[tuple[Decision, float | None]] = []
        self.kept = Kept()
        self.state = KeptState(self.kept, self.moment())
        self.attempts = Attempts(Shelf(), self.clock.monotonic)
        recorder = JournalRecorder(self.journal, self.clock.utc)
        self.authorizer = AccessAuthorizer(
            people=self.people,
            controller=self.controller,
            authorization=AuthorizationPolicy(site or Site(), PASSAGE),
            state=self.state,
            moment=self.moment,
            recorder=recorder,
            report=self.answers.append,
            observe=lambda decision, ms: self.outcomes.append((decision, ms)),
            factors=FactorChecker(
                people=self.people,
                attempts=self.attempts,
                now=self.clock.monotonic,
                recorder=recorder,
                report=self.answers.append,
            ),
            attempts=self.attempts,
        )

    def moment(self) -> Moment:
        at = self.clock.monotonic()
        return Moment(BEGAN + timedelta(seconds=at - 100.0), at)

    def recognise(self, subject: SubjectId = ANN, **more: object) -> bool:
        """Somebody is recognised just now; True if the door was released for them."""
        at = self.clock.monotonic()
        before = len(self.released)
        person = Recognised(at, subject, at, (seen(at, subject),), **more)  # type: ignore[arg-type] # a test says which
        self.authorizer.admit(person)
        return len(self.released) > before

    def shows_badge(self, **more: object) -> bool:
        """The same of somebody of whom there is only a badge."""
        at = self.clock.monotonic()
        before = len(self.released)
        self.authorizer.admit(Recognised(at, ANN, at, **more))  # type: ignore[arg-type] # a test says which
        return len(self.released) > before

    @property
    def released(self) -> list[ReleaseOrder]:
        return [order for what, order in self.diary.entries if what == "release"]  # type: ignore[misc]

    @property
    def last(self) -> Reason | None:
        answer = self.answers[-1]
        assert isinstance(answer, Answered)
        return answer.reason

    def written(self, event: str = "decision") -> list[dict[str, object]]:
        return [d for what, d in self.diary.entries if what == f"audit {event}"]  # type: ignore[misc]


def seen(at: Instant, subject: SubjectId) -> Evidence:
    life, best = PadResult(0.75, "detector/1"), Candidate(subject, 0.875)
    return Evidence(at, life, subject, ambiguous=False, best=best, margin=0.25)


@pytest.fixture
def lodge() -> Lodge:
    return Lodge()


def owing(lodge: Lodge, factor: Factor) -> Lodge:
    """Ann owes a factor."""
    lodge.people.factors[ANN] = replace(FACTORS, badge="1", required=factor)
    return lodge


# -- a fleet that was not heard of ---------------------------------------------------------------


def test_nothing_that_somebody_shows_helps_where_their_fleet_is_stale(lodge: Lodge) -> None:
    """Not a face, not a PIN beside it, and not a badge with its PIN."""
    lodge.people.factors[ANN] = replace(FACTORS, badge="1")
    lodge.people.out_of_date_ones.add(ANN)
    assert not lodge.recognise()
    assert lodge.last is Reason.OUT_OF_DATE
    assert not lodge.recognise(factor=Factor.PIN)
    assert not lodge.shows_badge(factor=Factor.PIN)
    assert lodge.last is Reason.OUT_OF_DATE
    assert [said["reason"] for said in lodge.written()] == ["out_of_date"] * 3
    assert lodge.released == []
    lodge.people.out_of_date_ones.clear()
    assert lodge.recognise()


def test_whoever_has_no_factor_for_a_stale_fleet_is_refused_for_that_reason(lodge: Lodge) -> None:
    lodge.people.factors[ANN] = Factors(step_up=StepUp.STALE)
    assert not lodge.recognise()
    assert lodge.last is Reason.OUT_OF_DATE
    lodge.people.factors[ANN] = Factors(step_up=StepUp.REPORTED)
    assert not lodge.recognise()
    assert lodge.last is Reason.UNDER_REVIEW


# -- a service that gave no answer ---------------------------------------------------------------


def stood_in(lodge: Lodge, **more: object) -> bool:
    """The kiosk's own matcher stands in for a service, and a factor has to make up for that."""
    at = lodge.clock.monotonic()
    before = len(lodge.released)
    evidence = (replace(seen(at, ANN), unconfirmed=True), seen(at, ANN))
    lodge.authorizer.admit(Recognised(at, ANN, at, evidence, **more))  # type: ignore[arg-type] # a test says which
    return len(lodge.released) > before


def test_a_second_factor_makes_up_for_a_service_that_gave_no_answer(lodge: Lodge) -> None:
    lodge.people.factors[ANN] = FACTORS
    assert lodge.recognise()
    assert not stood_in(lodge)
    assert (lodge.last, lodge.answers[-1].factor) == (Reason.FACTOR_NEEDED, Factor.PIN)  # type: ignore[attr-defined]
    assert stood_in(lodge, factor=Factor.PIN)


def test_a_badge_that_was_shown_before_is_a_second_factor(lodge: Lodge) -> None:
    lodge.people.factors[ANN] = replace(FACTORS, badge="1")
    assert stood_in(lodge, verified=True)
    lodge.people.factors[ANN] = replace(FACTORS, badge="1", required=Factor.PIN)
    assert not stood_in(lodge, verified=True)


def test_whoever_has_none_is_refused_for_want_of_an_answer(lodge: Lodge) -> None:
    lodge.people.factors[ANN] = Factors()
    assert not stood_in(lodge)
    assert lodge.last is Reason.NOT_COMPARED
    lodge.people.factors[ANN] = Factors(step_up=StepUp.STALE)
    assert not stood_in(lodge)
    assert lodge.last is Reason.OUT_OF_DATE


# -- rules ---------------------------------------------------------------------------------------


def test_whoever_may_pass_is_written_down_and_then_let_in(lodge: Lodge) -> None:
    assert lodge.recognise()
    assert lodge.diary.names == ["audit authorised", "release", "audit released"]
    assert lodge.written("authorised") == [{"subject": "ann", "factor": "none"}]
    assert lodge.written("released") == [
        {"by": "grant", "outcome": "granted", "subject": "ann", "seconds": 4.0}
    ]
    assert lodge.released == [ReleaseOrder(4.0, Instant(100.0))]
    assert [(d.granted, d.subject, ms) for d, ms in lodge.outcomes] == [(True, ANN, 0.0)]
    (answer,) = lodge.answers
    assert isinstance(answer, Released)
    assert answer.authorised is not None
    assert (answer.at, answer.authorised.person.subject) == (100.0, ANN)


def test_the_release_is_timed_from_the_frame_that_decided_and_as_old_as_the_oldest(
    lodge: Lodge,
) -> None:
    person = Recognised(Instant(99.75), ANN, Instant(99.0), (seen(Instant(99.0), ANN),))
    lodge.authorizer.admit(person)
    assert lodge.released == [ReleaseOrder(4.0, Instant(99.0))]
    assert [ms for _, ms in lodge.outcomes] == [250.0]
    assert lodge.answers == [Released(Instant(100.0), Authorised(person, Factor.NONE))]


def test_whoever_may_not_is_named_with_the_reason_and_the_door_hears_nothing(lodge: Lodge) -> None:
    """R23."""
    lodge.people.rules[ANN] = PersonRules(valid_until=date(2026, 11, 22))
    assert not lodge.recognise()
    assert lodge.diary.names == ["audit decision"]
    (entry,) = lodge.written()
    assert (entry["outcome"], entry["reason"], entry["subject"]) == ("refused", "not_valid", "ann")
    assert entry["score"] == 0.875, "and with the numbers that they were recognised by"
    (answer,) = lodge.answers
    assert isinstance(answer, Answered)
    assert (answer.at, answer.reason, answer.person.subject) == (100.0, Reason.NOT_VALID, ANN)
    assert [(d.granted, ms) for d, ms in lodge.outcomes] == [(False, None)]


def test_a_face_seen_before_the_enrolment_was_known_is_somebody_elses(lodge: Lodge) -> None:
    """The one whom it showed was erased, and another has the id now."""
    lodge.people.known_since = Instant(lodge.clock.monotonic() + 0.1)
    assert not lodge.recognise()
    assert (lodge.released, lodge.last) == ([], Reason.NOT_VALID)
    lodge.clock.pass_(0.1)
    assert lodge.recognise()


def test_somebody_erased_a_moment_ago_is_not_let_in(lodge: Lodge) -> None:
    assert not lodge.recognise(BOB)
    assert lodge.last is Reason.NOT_VALID


def test_rules_that_cannot_be_read_let_nobody_in(lodge: Lodge) -> None:
    lodge.people.broken = StoreCorrupt("The database is damaged.")
    with pytest.raises(StoreCorrupt):
        lodge.recognise()
    assert lodge.released == []


def test_somebody_who_needs_longer_gets_it_and_the_door_is_pushed(lodge: Lodge) -> None:
    """R92."""
    lodge.people.rules[ANN] = PersonRules(needs_longer=True, credential=77)
    lodge.recognise()
    assert lodge.released == [ReleaseOrder(12.0, Instant(100.0), 2.0, 77)]


def test_a_lockdown_lets_nobody_in(lodge: Lodge) -> None:
    lodge.state.begin(Hold.LOCKED_DOWN)
    assert not lodge.recognise()
    assert lodge.last is Reason.LOCKED_DOWN


# -- journal and door ----------------------------------------------------------------------------


def test_what_cannot_be_written_down_does_not_happen(lodge: Lodge) -> None:
    lodge.journal.broken = True
    with pytest.raises(JournalUnwritable):
        lodge.recognise()
    assert lodge.released == []
    assert [(d.granted, ms) for d, ms in lodge.outcomes] == [(False, None)]
    assert lodge.answers == []


def test_a_refusal_that_cannot_be_written_down_is_a_fault_and_no_grant(lodge: Lodge) -> None:
    lodge.journal.broken = True
    with pytest.raises(JournalUnwritable):
        lodge.recognise(BOB)
    assert [(d.reason, ms) for d, ms in lodge.outcomes] == [(Reason.NOT_VALID, None)]


def test_a_released_door_that_cannot_be_written_down_is_no_grant_on_the_screen(
    lodge: Lodge,
) -> None:
    """The door has moved; the fault takes the kiosk out of service."""

    def breaks() -> None:
        lodge.journal.broken = True

    lodge.controller.meanwhile = breaks
    with pytest.raises(JournalUnwritable):
        lodge.recognise()
    assert len(lodge.released) == 1
    assert [(d.granted, ms) for d, ms in lodge.outcomes] == [(True, 0.0)]
    assert lodge.answers == []


def test_a_door_that_does_not_answer_is_no_release(lodge: Lodge) -> None:
    lodge.controller.error = DoorTimeout("No answer.")
    with pytest.raises(DoorTimeout):
        lodge.recognise()
    assert [(d.reason, ms) for d, ms in lodge.outcomes] == [(Reason.FAULT, None)]
    assert lodge.diary.names == ["audit authorised"]
    assert lodge.answers == []


@pytest.mark.parametrize("reason", [Reason.PASSING, Reason.PANEL_DENIED])
def test_a_door_that_says_no_is_written_down_and_answered(lodge: Lodge, reason: Reason) -> None:
    lodge.controller.answer = reason
    assert not lodge.recognise()
    assert lodge.last is reason
    assert lodge.diary.names == ["audit authorised", "audit not_released"]
    assert lodge.written("not_released") == [{"subject": "ann", "reason": reason.value}]
    assert [(d.reason, d.granted, ms) for d, ms in lodge.outcomes] == [(reason, False, None)]


# -- a second factor -----------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [Factor.PIN, Factor.BADGE, Factor.VERIFY])
def test_whoever_owes_a_factor_is_asked_for_it_and_nothing_is_released(
    lodge: Lodge, factor: Factor
) -> None:
    owing(lodge, factor)
    assert not lodge.recognise()
    (answer,) = lodge.answers
    assert isinstance(answer, Answered)
    assert (answer.reason, answer.factor) == (Reason.FACTOR_NEEDED, factor)
    assert answer.person.subject == ANN
    assert lodge.diary.names == []
    assert lodge.outcomes == []


@pytest.mark.parametrize(
    ("owed", "shown", "lets_in"),
    [
        (Factor.PIN, Factor.PIN, True),
        (Factor.BADGE, Factor.BADGE, True),
        (Factor.VERIFY, Factor.BADGE, True),
        (Factor.BADGE, Factor.VERIFY, True),
        (Factor.PIN, Factor.BADGE, False),
        (Factor.BADGE, Factor.PIN, False),
        (Factor.VERIFY, Factor.PIN, False),
        (Factor.PIN, Factor.NONE, False),
        (Factor.NONE, Factor.PIN, True),
    ],
)
def test_a_factor_that_was_shown_counts_as_the_one_that_is_owed_now(
    lodge: Lodge, owed: Factor, shown: Factor, *, lets_in: bool
) -> None:
    owing(lodge, owed)
    assert lodge.recognise(factor=shown) is lets_in
    if lets_in:
        assert lodge.written("authorised") == [{"subject": "ann", "factor": shown.value}]
    else:
        assert lodge.last is Reason.FACTOR_NEEDED


@pytest.mark.parametrize(
    ("owed", "lets_in"), [(Factor.BADGE, True), (Factor.VERIFY, True), (Factor.PIN, False)]
)
def test_a_badge_before_the_face_is_a_badge_and_no_pin(
    lodge: Lodge, owed: Factor, *, lets_in: bool
) -> None:
    owing(lodge, owed)
    assert lodge.recognise(verified=True) is lets_in
    assert not lodge.recognise(), "and of the next face it says nothing"


def test_rules_are_asked_again_after_the_factor(lodge: Lodge) -> None:
    owing(lodge, Factor.PIN)
    assert not lodge.recognise()
    lodge.people.rules[ANN] = PersonRules(valid_until=date(2026, 11, 22))
    assert not lodge.recognise(factor=Factor.PIN)
    assert lodge.last is Reason.NOT_VALID


def test_whoever_has_to_wait_for_their_pin_is_not_even_asked(lodge: Lodge) -> None:
    owing(lodge, Factor.PIN)
    for _ in range(3):
        lodge.attempts.count(ANN)
    assert not lodge.recognise()
    assert lodge.last is Reason.FACTOR_PAUSED
    assert lodge.written()[-1]["reason"] == "factor_paused"
    lodge.clock.pass_(30.0)
    assert not lodge.recognise()
    assert lodge.last is Reason.FACTOR_NEEDED


def test_whoever_has_to_wait_for_their_pin_may_still_show_a_badge(lodge: Lodge) -> None:
    owing(lodge, Factor.BADGE)
    for _ in range(3):
        lodge.attempts.count(ANN)
    assert not lodge.recognise()
    assert lodge.last is Reason.FACTOR_NEEDED


def test_a_badge_alone_takes_a_pin_whatever_is_agreed_on(lodge: Lodge) -> None:
    """R81: a pause leaves the other factors working."""
    for required in (Factor.NONE, Factor.BADGE, Factor.PIN):
        owing(lodge, required)
        assert not lodge.shows_badge()
        assert not lodge.shows_badge(verified=True, factor=Factor.BADGE)
        answer = lodge.answers[-1]
        assert isinstance(answer, Answered)
        assert (answer.reason, answer.factor) == (Reason.FACTOR_NEEDED, Factor.PIN)
    assert lodge.shows_badge(factor=Factor.PIN)
    assert lodge.written("authorised") == [{"subject": "ann", "factor": "pin"}]


def test_a_badge_of_somebody_without_a_pin_lets_nobody_in(lodge: Lodge) -> None:
    assert not lodge.shows_badge()
    assert lodge.last is Reason.FACTOR_MISSING
    assert lodge.written()[-1]["reason"] == "factor_missing"


def test_rules_hold_for_badges_too(lodge: Lodge) -> None:
    lodge.people.factors[ANN] = FACTORS
    lodge.people.rules[ANN] = PersonRules(valid_from=date(2027, 1, 1))
    assert not lodge.shows_badge(factor=Factor.PIN)
    assert lodge.last is Reason.NOT_VALID


def test_a_lockdown_catches_whoever_has_just_typed(lodge: Lodge) -> None:
    owing(lodge, Factor.PIN)
    lodge.state.begin(Hold.LOCKED_DOWN)
    assert not lodge.recognise(factor=Factor.PIN)
    assert not lodge.shows_badge(factor=Factor.PIN)
    assert lodge.last is Reason.LOCKED_DOWN
    assert lodge.diary.names == ["audit decision", "audit decision"]


# -- who is inside -------------------------------------------------------------------------------

HARD = Site(memory=PresenceMemory(passback=Passback.HARD))


def test_somebody_is_inside_once_they_went_through_not_when_they_were_let_in() -> None:
    lodge = Lodge(HARD)
    lodge.recognise()
    assert lodge.kept.times == 0
    lodge.authorizer.entered()
    assert is_inside(lodge.state.presence, ANN, lodge.moment(), HARD.memory)
    assert KeptState(lodge.kept, lodge.moment()).presence == lodge.state.presence
    lodge.authorizer.entered()
    assert lodge.kept.times == 1
    assert not lodge.recognise()
    assert lodge.last is Reason.PASSED_BACK


def test_somebody_whom_the_door_did_not_let_in_is_not_inside() -> None:
    lodge = Lodge(HARD)
    lodge.controller.answer = Reason.PASSING
    lodge.recognise()
    lodge.authorizer.entered()
    assert lodge.kept.times == 0


def test_whoever_was_erased_is_not_remembered() -> None:
    warm = Site(memory=PresenceMemory(passback=Passback.HARD, cool_down_seconds=60.0))
    lodge = Lodge(warm)
    lodge.people.rules[BOB] = PersonRules()
    for subject in (ANN, BOB):
        lodge.recognise(subject)
        lodge.authorizer.entered()
    del lodge.people.rules[ANN]
    lodge.authorizer.forget_erased()
    presence = lodge.state.presence
    assert set(presence.inside) == set(presence.passed_at) == {BOB}
    assert KeptState(lodge.kept, lodge.moment()).presence == presence
    kept = lodge.kept.times
    lodge.authorizer.forget_erased()
    assert lodge.kept.times == kept


def test_a_soft_rule_lets_in_and_writes_it_down() -> None:
    lodge = Lodge(Site(memory=PresenceMemory(passback=Passback.SOFT)))
    lodge.recognise()
    lodge.authorizer.entered()
    assert lodge.recognise()
    assert lodge.written("noticed") == [{"subject": "ann", "reason": "passed_back"}]


def test_an_operator_forgets_who_is_inside() -> None:
    lodge = Lodge(HARD)
    lodge.recognise()
    lodge.authorizer.entered()
    lodge.state.keep(Presence())
    assert lodge.recognise()


def test_the_door_is_told_what_the_schedule_says(lodge: Lodge) -> None:
    lodge.authorizer.tend()
    assert lodge.controller.free == [False]
