"""Rules, second factor, journal, door: in this order, and nobody slips past one of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hand_clock import HandClock
from pipeline_parts import BreakableJournal, Diary, Shelf

from kiosk.domain.access.factors import Factor, Factors, Pin
from kiosk.domain.access.lockout import Failures, Held
from kiosk.domain.access.machine import (
    Answered,
    Claimed,
    Decision,
    Evidence,
    Forget,
    Reason,
    ReleaseDoor,
    Remember,
)
from kiosk.domain.access.policy import Hold
from kiosk.domain.door.model import By, PassageRules
from kiosk.domain.door.protocol import ReleaseOrder
from kiosk.domain.errors import (
    DoorTimeout,
    JournalUnwritable,
    LintelError,
    StoreCorrupt,
    SubjectUnknown,
)
from kiosk.domain.people.calendar import Moment
from kiosk.domain.people.presence import Passback, Presence, PresenceMemory, is_inside
from kiosk.domain.people.rules import PersonRules, Site
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId
from kiosk.door.attempts import Attempts
from kiosk.door.authorizer import AccessAuthorizer
from kiosk.door.pending import AuthorizationPolicy
from kiosk.journal.events.access import Decided
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.recorder import JournalRecorder

ANN, BOB = SubjectId("ann"), SubjectId("bob")
PIN, DURESS = "4927", "8153"
FACTORS = Factors().with_pin(PIN, b"s" * 16).with_duress(DURESS, b"t" * 16, ANN)
PASSAGE = PassageRules(release_seconds=4.0, longer_seconds=12.0, push_seconds=2.0)
BEGAN = datetime(2026, 11, 23, 9, tzinfo=UTC)


@dataclass
class Register:
    """Fulfils People: who is enrolled, and what is agreed on with them."""

    rules: dict[SubjectId, PersonRules] = field(default_factory=lambda: {ANN: PersonRules()})
    factors: dict[SubjectId, Factors] = field(default_factory=dict)
    broken: LintelError | None = None

    def rules_of(self, subject: SubjectId) -> PersonRules:
        if self.broken:
            raise self.broken
        if subject not in self.rules:
            raise SubjectUnknown("Nobody of that id is enrolled.")
        return self.rules[subject]

    def factors_of(self, subject: SubjectId) -> Factors:
        self.rules_of(subject)
        return self.factors.get(subject, Factors())

    def owner(self, badge: str) -> SubjectId | None:
        name = badge.removeprefix("LINTEL1:")
        return SubjectId(name) if name != badge else None


@dataclass
class Keeper:
    """Fulfils Keeper, and tells the diary."""

    diary: Diary
    answer: Reason | None = None
    error: DoorTimeout | None = None
    free: list[bool] = field(default_factory=list)

    def release(self, order: ReleaseOrder, by: By) -> Reason | None:
        assert by is By.GRANT
        if self.error:
            raise self.error
        if self.answer is None:
            self.diary.add("release", order)
        return self.answer

    def schedule(self, *, free: bool) -> None:
        self.free.append(free)


class Lodge:
    """The parts around the authorizer, and their records."""

    def __init__(self, site: Site | None = None, shelf: Shelf | None = None) -> None:
        self.diary = Diary()
        self.clock = HandClock(100.0)
        self.journal = BreakableJournal(self.diary)
        self.people = Register()
        self.controller = Keeper(self.diary)
        self.answers: list[object] = []
        self.outcomes: list[tuple[Decision, float | None]] = []
        self.kept: list[Presence] = []
        self.told: list[str] = []
        self.shelf = shelf or Shelf()
        self.hold: Hold | None = None
        recorder = JournalRecorder(self.journal, self.clock.utc)
        recorder.subscribe(self._hear)
        self.authorizer = AccessAuthorizer(
            people=self.people,
            controller=self.controller,
            authorization=AuthorizationPolicy(site or Site(), PASSAGE),
            presence=Presence(),
            moment=self.moment,
            recorder=recorder,
            report=self.answers.append,
            observe=lambda decision, ms: self.outcomes.append((decision, ms)),
            keep=self.kept.append,
            attempts=Attempts(self.shelf, self.clock.monotonic),
            hold=lambda: self.hold,
        )

    def _hear(self, event: JournalEvent, _at: datetime) -> None:
        if not isinstance(event, Decided):
            self.told.append(event.name)

    def moment(self) -> Moment:
        at = self.clock.monotonic()
        return Moment(BEGAN + timedelta(seconds=at - 100.0), at)

    def recognise(self, subject: SubjectId = ANN) -> bool:
        at = self.clock.monotonic()
        decision = Decision(at, granted=True, reason=Reason.MATCHED, subject=subject)
        return self.authorizer.admit(decision, ReleaseDoor(5.0, at))

    def look_again(self, subject: SubjectId = ANN, after: float = 0.5) -> bool:
        """The run that follows what was shown; its oldest frame was captured now."""
        captured_at = self.clock.monotonic()
        self.clock.pass_(after)
        decision = Decision(
            self.clock.monotonic(), granted=True, reason=Reason.MATCHED, subject=subject
        )
        return self.authorizer.admit(decision, ReleaseDoor(5.0, captured_at))

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


@pytest.fixture
def lodge() -> Lodge:
    return Lodge()


def asked(lodge: Lodge, factor: Factor) -> Lodge:
    lodge.people.factors[ANN] = replace(FACTORS, badge="1", required=factor)
    assert not lodge.recognise()
    assert lodge.released == []
    return lodge


# -- rules ---------------------------------------------------------------------------------------


def test_whoever_may_pass_is_written_down_and_then_let_in(lodge: Lodge) -> None:
    assert lodge.recognise()
    assert lodge.diary.names == ["audit decision", "release"]
    assert lodge.released == [ReleaseOrder(4.0, Instant(100.0))]
    assert [ms for _, ms in lodge.outcomes] == [0.0]
    assert lodge.answers == []


def test_whoever_may_not_is_named_with_the_reason_and_the_door_hears_nothing(lodge: Lodge) -> None:
    """R23."""
    lodge.people.rules[ANN] = PersonRules(valid_until=date(2026, 11, 22))
    assert not lodge.recognise()
    assert lodge.diary.names == ["audit decision"]
    (entry,) = lodge.written()
    assert (entry["outcome"], entry["reason"], entry["subject"]) == ("refused", "not_valid", "ann")
    assert lodge.answers == [Answered(Instant(100.0), Reason.NOT_VALID)]
    assert [(d.granted, ms) for d, ms in lodge.outcomes] == [(False, None)]


def test_somebody_erased_a_moment_ago_is_not_let_in(lodge: Lodge) -> None:
    assert not lodge.recognise(BOB)
    assert lodge.last is Reason.NOT_VALID


def test_a_grant_that_names_nobody_lets_nobody_in(lodge: Lodge) -> None:
    nobody = Decision(Instant(100.0), granted=True, reason=Reason.MATCHED, subject=None)
    assert not lodge.authorizer.admit(nobody, ReleaseDoor(5.0, Instant(100.0)))
    assert lodge.released == []


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
    lodge.hold = Hold.LOCKED_DOWN
    assert not lodge.recognise()
    assert lodge.last is Reason.LOCKED_DOWN


# -- journal and door ----------------------------------------------------------------------------


def test_what_cannot_be_written_down_does_not_happen(lodge: Lodge) -> None:
    lodge.journal.broken = True
    with pytest.raises(JournalUnwritable):
        lodge.recognise()
    assert lodge.released == []
    assert [ms for _, ms in lodge.outcomes] == [None]


def test_a_door_that_does_not_answer_is_no_release(lodge: Lodge) -> None:
    lodge.controller.error = DoorTimeout("No answer.")
    with pytest.raises(DoorTimeout):
        lodge.recognise()
    assert [ms for _, ms in lodge.outcomes] == [None]


@pytest.mark.parametrize("reason", [Reason.PASSING, Reason.PANEL_DENIED])
def test_a_door_that_says_no_is_written_down_and_answered(lodge: Lodge, reason: Reason) -> None:
    lodge.controller.answer = reason
    assert not lodge.recognise()
    assert lodge.last is reason
    assert lodge.written("not_released") == [{"subject": "ann", "reason": reason.value}]


# -- PIN -----------------------------------------------------------------------------------------


def test_the_right_pin_completes_a_face(lodge: Lodge) -> None:
    asked(lodge, Factor.PIN)
    assert lodge.answers == [
        Answered(Instant(100.0), Reason.FACTOR_NEEDED, ANN, Factor.PIN),
    ]
    lodge.clock.pass_(8.0)
    lodge.authorizer.enter(PIN)
    assert lodge.released == [], "they are looked at once more"
    assert lodge.answers[-1] == Answered(Instant(108.0), Reason.FACTOR_SHOWN, ANN)
    lodge.authorizer.enter("1397")
    assert lodge.last is Reason.FACTOR_SHOWN, "nothing is owed any more"
    assert lodge.look_again()
    assert lodge.released == [ReleaseOrder(4.0, Instant(108.0))]
    assert [ms for _, ms in lodge.outcomes] == [0.0], "from the frame that decided"
    assert not lodge.look_again(), "a PIN completes one face, once"
    assert len(lodge.released) == 1


def test_a_pin_of_somebody_else_s_completes_no_face(lodge: Lodge) -> None:
    """Ann typed hers and left; Bob stands there."""
    asked(lodge, Factor.PIN)
    lodge.people.rules[BOB] = PersonRules()
    lodge.people.factors[BOB] = replace(FACTORS, required=Factor.PIN)
    lodge.authorizer.enter(PIN)
    assert not lodge.look_again(BOB)
    assert lodge.last is Reason.FACTOR_NEEDED
    assert not lodge.look_again(ANN), "and Ann's is spent"
    assert lodge.released == []


def test_frames_of_before_the_pin_complete_nothing(lodge: Lodge) -> None:
    asked(lodge, Factor.PIN)
    captured_at = lodge.clock.monotonic()
    lodge.clock.pass_(0.5)
    lodge.authorizer.enter(PIN)
    decision = Decision(lodge.clock.monotonic(), granted=True, reason=Reason.MATCHED, subject=ANN)
    assert not lodge.authorizer.admit(decision, ReleaseDoor(5.0, captured_at))
    assert lodge.released == []


@pytest.mark.parametrize(("waited", "lets_in"), [(8.0, True), (8.5, False)])
def test_a_face_has_to_follow_its_pin_soon(lodge: Lodge, waited: float, *, lets_in: bool) -> None:
    asked(lodge, Factor.PIN)
    lodge.authorizer.enter(PIN)
    lodge.clock.pass_(waited)
    assert lodge.look_again() is lets_in


def test_whoever_left_after_their_pin_is_not_awaited(lodge: Lodge) -> None:
    asked(lodge, Factor.PIN)
    lodge.authorizer.enter(PIN)
    lodge.authorizer.forget(Forget(lodge.clock.monotonic(), Reason.NOT_RECOGNISED))
    assert not lodge.look_again()


def test_what_was_seen_instead_is_written_down(lodge: Lodge) -> None:
    asked(lodge, Factor.PIN)
    life = PadResult(0.25, "detector/1")
    seen = Evidence(Instant(101.0), life, None, ambiguous=False, best=None, margin=0.0)
    lodge.authorizer.forget(Forget(Instant(105.0), Reason.NOT_RECOGNISED, (seen,)))
    (entry,) = lodge.written()
    assert (entry["reason"], entry["pad"]) == ("not_recognised", 0.25)


def test_a_wrong_pin_is_answered_and_written_down_without_the_pin(lodge: Lodge) -> None:
    asked(lodge, Factor.PIN)
    lodge.authorizer.enter("1397")
    assert lodge.last is Reason.FACTOR_WRONG
    assert lodge.released == []
    assert lodge.written("factor") == [{"subject": "ann", "outcome": "wrong"}]
    lodge.authorizer.enter(PIN)
    assert lodge.look_again()


def test_a_pin_under_duress_lets_in_and_says_so_to_those_who_can_help(lodge: Lodge) -> None:
    asked(lodge, Factor.PIN)
    lodge.authorizer.enter(DURESS)
    assert lodge.written("duress") == [{"subject": "ann"}], "at once, whatever follows"
    assert lodge.answers[-1] == Answered(Instant(100.0), Reason.FACTOR_SHOWN, ANN)
    assert lodge.look_again()


def test_a_pin_that_comes_too_late_opens_nothing(lodge: Lodge) -> None:
    asked(lodge, Factor.PIN)
    lodge.clock.pass_(20.5)
    lodge.authorizer.enter(PIN)
    assert lodge.released == []


def test_a_pin_that_waited_is_as_old_as_when_it_was_typed(lodge: Lodge) -> None:
    """The door was slow, and whoever typed may be gone: their face has to follow the PIN."""
    asked(lodge, Factor.PIN)
    lodge.clock.pass_(19.0)
    typed_at = lodge.clock.monotonic()
    lodge.clock.pass_(5.0)
    lodge.authorizer.enter(PIN, typed_at)
    lodge.clock.pass_(3.5)
    assert not lodge.look_again()


def test_without_a_face_a_pin_that_waited_is_as_old_as_when_it_was_typed(lodge: Lodge) -> None:
    """The driver refuses what is stale."""
    lodge.hold = Hold.PAUSED
    lodge.people.factors[ANN] = FACTORS
    lodge.authorizer.show("LINTEL1:ann")
    typed_at = lodge.clock.monotonic()
    lodge.clock.pass_(5.0)
    lodge.authorizer.enter(PIN, typed_at)
    assert lodge.released == [ReleaseOrder(4.0, typed_at)]
    assert [ms for _, ms in lodge.outcomes] == [5000.0]


def test_a_pin_that_was_typed_before_somebody_was_asked_is_somebody_else_s(lodge: Lodge) -> None:
    typed_at = lodge.clock.monotonic()
    lodge.clock.pass_(1.0)
    asked(lodge, Factor.PIN)
    lodge.authorizer.enter(PIN, typed_at)
    lodge.authorizer.enter("1397", typed_at)
    assert lodge.released == []
    assert lodge.last is Reason.FACTOR_NEEDED, "and nobody's mistake"


@pytest.mark.parametrize(("waited", "lets_in"), [(5.0, True), (25.0, False)])
def test_a_badge_that_waited_is_as_old_as_when_it_was_shown(
    lodge: Lodge, waited: float, *, lets_in: bool
) -> None:
    asked(lodge, Factor.BADGE)
    lodge.clock.pass_(1.0)
    shown_at = lodge.clock.monotonic()
    lodge.clock.pass_(waited)
    lodge.authorizer.show("LINTEL1:ann", shown_at)
    assert lodge.look_again() is lets_in


def test_a_badge_that_waited_for_too_long_speaks_for_nobody(lodge: Lodge) -> None:
    lodge.people.factors[ANN] = Factors(required=Factor.BADGE)
    shown_at = lodge.clock.monotonic()
    lodge.clock.pass_(10.5)
    lodge.authorizer.show("LINTEL1:ann", shown_at)
    assert not lodge.recognise()
    assert lodge.released == []


def test_a_pin_of_nobody_who_is_asked_opens_nothing(lodge: Lodge) -> None:
    lodge.people.factors[ANN] = FACTORS
    lodge.authorizer.enter(PIN)
    assert lodge.released == []
    assert lodge.answers == []


def test_a_pin_does_not_stand_in_for_a_badge(lodge: Lodge) -> None:
    asked(lodge, Factor.BADGE)
    lodge.authorizer.enter(PIN)
    assert lodge.released == []


def test_who_walked_away_is_written_down_and_their_pin_opens_nothing(lodge: Lodge) -> None:
    asked(lodge, Factor.PIN)
    lodge.authorizer.forget(Forget(Instant(105.0), Reason.FACTOR_MISSING))
    (entry,) = lodge.written()
    assert (entry["outcome"], entry["reason"]) == ("refused", "factor_missing")
    lodge.authorizer.enter(PIN)
    assert lodge.released == []
    lodge.authorizer.forget(Forget(Instant(106.0), Reason.FACTOR_MISSING))
    assert len(lodge.written()) == 1


def test_another_face_takes_the_place_of_whoever_was_asked(lodge: Lodge) -> None:
    asked(lodge, Factor.PIN)
    lodge.people.rules[BOB] = PersonRules()
    assert lodge.recognise(BOB)
    lodge.authorizer.enter(PIN)
    assert len(lodge.released) == 1


def test_rules_are_asked_again_when_the_pin_comes(lodge: Lodge) -> None:
    asked(lodge, Factor.PIN)
    del lodge.people.rules[ANN]
    lodge.people.factors.clear()
    lodge.authorizer.enter(PIN)
    assert not lodge.look_again()


def test_rules_are_asked_again_when_the_face_comes(lodge: Lodge) -> None:
    asked(lodge, Factor.PIN)
    lodge.authorizer.enter(PIN)
    lodge.people.rules[ANN] = PersonRules(valid_until=date(2026, 11, 22))
    assert not lodge.look_again()
    assert lodge.last is Reason.NOT_VALID


# -- guessing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pulls_the_plug", "guesses"), [(False, 9), (True, 3)])
def test_guesses_at_a_pin_in_an_hour_are_few(guesses: int, *, pulls_the_plug: bool) -> None:
    """Guessed each second, by somebody with the right face; a restart begins the wait once more."""
    shelf, looked_at, second = Shelf(), 0, 0.0
    lodge = asked(Lodge(shelf=shelf), Factor.PIN)
    while second < 3600.0:
        before = len(lodge.written("factor"))
        lodge.authorizer.enter("1397")
        looked_at += len(lodge.written("factor")) - before
        lodge.clock.pass_(1.0)
        second += 1.0
        if pulls_the_plug and lodge.last is Reason.FACTOR_PAUSED:
            lodge = Lodge(shelf=shelf)
            lodge.people.factors[ANN] = replace(FACTORS, required=Factor.PIN)
        lodge.recognise()
    assert looked_at == guesses


def test_the_third_wrong_pin_pauses_them_and_operators_hear_of_it(lodge: Lodge) -> None:
    asked(lodge, Factor.PIN)
    for _ in range(3):
        lodge.authorizer.enter("1397")
    assert [a.reason for a in lodge.answers[-2:] if isinstance(a, Answered)] == [
        Reason.FACTOR_WRONG,
        Reason.FACTOR_PAUSED,
    ]
    assert lodge.written("guessing") == [{"subject": "ann", "wait_seconds": 30}]
    assert lodge.written()[-1]["reason"] == "factor_paused"
    lodge.authorizer.enter(PIN)
    assert not lodge.recognise()
    assert lodge.last is Reason.FACTOR_PAUSED, "not even asked"
    lodge.clock.pass_(30.0)
    assert not lodge.recognise()
    lodge.authorizer.enter(PIN)
    assert lodge.look_again()
    lodge.recognise()
    lodge.authorizer.enter("1397")
    assert lodge.last is Reason.FACTOR_WRONG, "counted from none again"


def test_a_guess_is_counted_before_it_is_looked_at(lodge: Lodge) -> None:
    asked(lodge, Factor.PIN)

    def full(_: object) -> None:
        raise StoreCorrupt("The disk is full.")

    lodge.shelf.save = full  # type: ignore[method-assign, assignment]
    with pytest.raises(StoreCorrupt):
        lodge.authorizer.enter(PIN)
    assert lodge.last is Reason.FACTOR_NEEDED, "not looked at"
    assert not lodge.look_again()


@pytest.mark.parametrize(("code", "alarms"), [(DURESS, ["duress"]), (PIN, []), ("1397", [])])
def test_a_full_disk_keeps_no_duress_alarm_back(code: str, alarms: list[str]) -> None:
    lodge = asked(Lodge(), Factor.PIN)

    def full(_: object) -> None:
        raise StoreCorrupt("The disk is full.")

    lodge.shelf.save = full  # type: ignore[method-assign, assignment]
    with pytest.raises(StoreCorrupt):
        lodge.authorizer.enter(code)
    assert lodge.told == alarms
    assert lodge.released == []


def test_guessing_without_a_face_is_slowed_down_too(lodge: Lodge) -> None:
    lodge.hold = Hold.PAUSED
    lodge.people.factors[ANN] = FACTORS
    lodge.authorizer.show("LINTEL1:ann")
    for _ in range(3):
        lodge.authorizer.enter("1397")
    lodge.authorizer.show("LINTEL1:ann")
    assert lodge.last is Reason.FACTOR_PAUSED
    lodge.authorizer.enter(PIN)
    assert lodge.released == []


def test_whoever_has_to_wait_for_their_pin_may_still_show_a_badge(lodge: Lodge) -> None:
    asked(lodge, Factor.PIN)
    for _ in range(3):
        lodge.authorizer.enter("1397")
    lodge.people.factors[ANN] = replace(FACTORS, badge="1", required=Factor.BADGE)
    assert not lodge.recognise()
    assert lodge.last is Reason.FACTOR_NEEDED


def test_a_lockout_is_kept_and_operators_hear_of_it(lodge: Lodge) -> None:
    held = Held(Failures(), Instant(130.0))
    lodge.authorizer.remember(Remember(held))
    lodge.authorizer.remember(Remember(held))
    assert lodge.written("lockout") == [{"begins": True}]
    assert Attempts(lodge.shelf, lodge.clock.monotonic).held.locked_until == 130.0
    lodge.authorizer.remember(Remember(Held()))
    assert lodge.written("lockout")[1:] == [{"begins": False}]
    assert Attempts(lodge.shelf, lodge.clock.monotonic).held.locked_until is None


# -- badge ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [Factor.BADGE, Factor.VERIFY])
def test_ones_own_badge_completes_a_face(lodge: Lodge, factor: Factor) -> None:
    asked(lodge, factor)
    lodge.authorizer.show("LINTEL1:ann")
    assert lodge.last is Reason.FACTOR_SHOWN
    lodge.authorizer.show("LINTEL1:ann")
    lodge.authorizer.show("LINTEL1:bob")
    assert lodge.last is Reason.FACTOR_SHOWN, "a badge that is still held up, or another"
    assert lodge.released == []
    assert lodge.look_again()


def test_somebody_elses_badge_is_a_mistake(lodge: Lodge) -> None:
    """R22: a mismatch denies even at high similarity."""
    asked(lodge, Factor.BADGE)
    lodge.authorizer.show("LINTEL1:bob")
    assert lodge.last is Reason.FACTOR_WRONG
    assert lodge.released == []


def test_any_other_code_is_no_badge(lodge: Lodge) -> None:
    lodge.authorizer.show("https://example.org")
    assert lodge.answers == []
    asked(lodge, Factor.BADGE)
    answers = list(lodge.answers)
    lodge.authorizer.show("https://example.org")
    assert lodge.released == []
    assert lodge.answers == answers, "nor is it a mistake"


def test_a_badge_before_the_face_says_who_is_to_be_verified(lodge: Lodge) -> None:
    lodge.people.factors[ANN] = replace(FACTORS, badge="1", required=Factor.VERIFY)
    lodge.authorizer.show("LINTEL1:ann")
    assert lodge.answers == [Claimed(Instant(100.0), ANN, Instant(110.0))]
    assert lodge.recognise()


def test_a_badge_before_the_face_is_spent_with_it_and_grows_old(lodge: Lodge) -> None:
    lodge.people.factors[ANN] = replace(FACTORS, badge="1", required=Factor.BADGE)
    lodge.authorizer.show("LINTEL1:ann")
    assert lodge.recognise()
    assert not lodge.recognise()
    lodge.authorizer.forget(Forget(Instant(100.0), Reason.FACTOR_MISSING))
    lodge.authorizer.show("LINTEL1:ann")
    lodge.clock.pass_(10.5)
    assert not lodge.recognise()


def test_a_badge_of_another_before_the_face_is_none(lodge: Lodge) -> None:
    lodge.people.factors[ANN] = replace(FACTORS, badge="1", required=Factor.BADGE)
    lodge.authorizer.show("LINTEL1:bob")
    assert not lodge.recognise()


# -- while an operator holds ---------------------------------------------------------------------


def test_a_badge_and_a_pin_let_in_while_faces_are_paused(lodge: Lodge) -> None:
    """R81: a pause leaves the other factors working."""
    lodge.hold = Hold.PAUSED
    lodge.people.factors[ANN] = FACTORS
    lodge.authorizer.show("LINTEL1:ann")
    assert lodge.answers == [Answered(Instant(100.0), Reason.FACTOR_NEEDED, ANN, Factor.PIN)]
    assert lodge.released == []
    lodge.authorizer.enter(PIN)
    assert len(lodge.released) == 1


def test_a_badge_alone_never_lets_anybody_in(lodge: Lodge) -> None:
    lodge.hold = Hold.PAUSED
    lodge.authorizer.show("LINTEL1:ann")
    assert lodge.last is Reason.FACTOR_MISSING
    assert lodge.released == []


def test_rules_hold_for_badges_too(lodge: Lodge) -> None:
    lodge.hold = Hold.PAUSED
    lodge.people.rules[ANN] = PersonRules(valid_from=date(2027, 1, 1))
    lodge.authorizer.show("LINTEL1:ann")
    assert lodge.last is Reason.NOT_VALID


def test_no_badge_opens_in_a_lockdown(lodge: Lodge) -> None:
    lodge.hold = Hold.LOCKED_DOWN
    lodge.authorizer.show("LINTEL1:ann")
    assert lodge.last is Reason.LOCKED_DOWN


def test_a_lockdown_catches_whoever_is_just_typing(lodge: Lodge) -> None:
    asked(lodge, Factor.PIN)
    lodge.hold = Hold.LOCKED_DOWN
    lodge.authorizer.enter(PIN)
    assert not lodge.look_again()
    assert lodge.released == []
    assert lodge.last is Reason.LOCKED_DOWN


# -- who is inside -------------------------------------------------------------------------------

HARD = Site(memory=PresenceMemory(passback=Passback.HARD))


def test_somebody_is_inside_once_they_went_through_not_when_they_were_let_in() -> None:
    lodge = Lodge(HARD)
    lodge.recognise()
    assert lodge.kept == []
    lodge.authorizer.entered()
    assert is_inside(lodge.authorizer.presence, ANN, lodge.moment(), HARD.memory)
    assert lodge.kept == [lodge.authorizer.presence]
    lodge.authorizer.entered()
    assert len(lodge.kept) == 1
    assert not lodge.recognise()
    assert lodge.last is Reason.PASSED_BACK


def test_somebody_whom_the_door_did_not_let_in_is_not_inside() -> None:
    lodge = Lodge(HARD)
    lodge.controller.answer = Reason.PASSING
    lodge.recognise()
    lodge.authorizer.entered()
    assert lodge.kept == []


def test_whoever_was_erased_is_not_remembered() -> None:
    warm = Site(memory=PresenceMemory(passback=Passback.HARD, cool_down_seconds=60.0))
    lodge = Lodge(warm)
    lodge.people.rules[BOB] = PersonRules()
    for subject in (ANN, BOB):
        lodge.recognise(subject)
        lodge.authorizer.entered()
    del lodge.people.rules[ANN]
    lodge.authorizer.forget_erased()
    presence = lodge.authorizer.presence
    assert set(presence.inside) == set(presence.passed_at) == {BOB}
    assert lodge.kept[-1] == presence
    kept = len(lodge.kept)
    lodge.authorizer.forget_erased()
    assert len(lodge.kept) == kept


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
    lodge.authorizer.forget_passing(Presence())
    assert lodge.recognise()


def test_the_door_is_told_what_the_schedule_says(lodge: Lodge) -> None:
    lodge.authorizer.tend()
    assert lodge.controller.free == [False]


def test_a_pin_is_never_in_a_repr() -> None:
    assert PIN not in repr(FACTORS)
    assert PIN not in repr(Pin.of(PIN, b"s" * 16))
