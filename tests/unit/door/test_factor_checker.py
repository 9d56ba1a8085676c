"""PINs and badges are checked for whoever was asked, counted before that, and never kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hand_clock import HandClock
from pipeline_parts import BreakableJournal, Diary, Shelf
from register import ANN, BOB, DURESS, FACTORS, PIN, Register

from kiosk.domain.access.factors import Factor, Factors, Pin
from kiosk.domain.access.lockout import Failures, Held
from kiosk.domain.access.machine import (
    Answered,
    CheckFactor,
    Claimed,
    Evidence,
    Presented,
    Reason,
    Recognised,
    Remember,
)
from kiosk.domain.errors import JournalUnwritable, StoreCorrupt
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.frame import Instant
from kiosk.door.attempts import Attempts
from kiosk.door.factor_checker import FactorChecker
from kiosk.journal.recorder import JournalRecorder

PERSON = Recognised(Instant(99.0), ANN, Instant(99.0))
SEEN = Evidence(
    Instant(99.0), PadResult(0.75, "detector/1"), ANN, ambiguous=False, best=None, margin=0.25
)


class Booth:
    """The checker, and what it is asked and says."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        self.diary = Diary()
        self.clock = HandClock(100.0)
        self.journal = BreakableJournal(self.diary)
        self.people = Register()
        self.people.factors[ANN] = FACTORS
        self.shelf = shelf or Shelf()
        self.answers: list[object] = []
        self.told: list[str] = []
        recorder = JournalRecorder(self.journal, self.clock.utc)
        recorder.subscribe(lambda event, _: self.told.append(event.name))
        self.checker = FactorChecker(
            people=self.people,
            attempts=Attempts(self.shelf, self.clock.monotonic),
            now=self.clock.monotonic,
            recorder=recorder,
            report=self.answers.append,
        )

    def types(self, code: str, at: float | None = None) -> None:
        self._presents(Factor.PIN, code, at)

    def shows(self, text: str, at: float | None = None) -> None:
        self._presents(Factor.BADGE, text, at)

    def _presents(self, factor: Factor, text: str, at: float | None) -> None:
        when = self.clock.monotonic() if at is None else Instant(at)
        self.checker.check(CheckFactor(PERSON, Presented(when, factor, text)))

    @property
    def last(self) -> Reason:
        answer = self.answers[-1]
        assert isinstance(answer, Answered)
        assert answer.person is PERSON
        return answer.reason

    def written(self, event: str) -> list[dict[str, object]]:
        return [d for what, d in self.diary.entries if what == f"audit {event}"]  # type: ignore[misc]


@pytest.fixture
def booth() -> Booth:
    return Booth()


def spoil(shelf: Shelf) -> None:
    def full(_: object) -> None:
        raise StoreCorrupt("The disk is full.")

    shelf.save = full  # type: ignore[method-assign, assignment]


# -- PIN -----------------------------------------------------------------------------------------


def test_the_right_pin_is_answered_with_when_it_was_typed(booth: Booth) -> None:
    """The door was slow; what was typed is as old as it is."""
    booth.types(PIN, at=95.0)
    shown = Answered(Instant(100.0), Reason.FACTOR_SHOWN, PERSON, presented_at=Instant(95.0))
    assert booth.answers == [shown]
    assert booth.diary.names == []


def test_a_wrong_pin_is_answered_and_written_down_without_the_pin(booth: Booth) -> None:
    booth.types("1397")
    assert booth.answers == [Answered(Instant(100.0), Reason.FACTOR_WRONG, PERSON)]
    assert booth.diary.entries == [("audit factor", {"subject": "ann", "outcome": "wrong"})]
    booth.types(PIN)
    assert booth.last is Reason.FACTOR_SHOWN


def test_a_pin_of_somebody_without_one_is_wrong(booth: Booth) -> None:
    for factors in (Factors(), None):
        booth.people.factors.clear()
        if factors is None:
            booth.people.rules.clear()
        booth.types(PIN)
        assert booth.last is Reason.FACTOR_WRONG


def test_a_pin_under_duress_is_right_and_says_so_to_those_who_can_help(booth: Booth) -> None:
    booth.types(DURESS)
    assert booth.written("duress") == [{"subject": "ann"}], "at once, whatever follows"
    assert booth.last is Reason.FACTOR_SHOWN


def test_a_mistake_that_cannot_be_written_down_is_a_fault(booth: Booth) -> None:
    booth.journal.broken = True
    for code in ("1397", DURESS):
        with pytest.raises(JournalUnwritable):
            booth.types(code)
    assert booth.answers == []


# -- guessing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pulls_the_plug", "guesses"), [(False, 9), (True, 3)])
def test_guesses_at_a_pin_in_an_hour_are_few(guesses: int, *, pulls_the_plug: bool) -> None:
    """Guessed each second, by somebody with the right face; a restart begins the wait once more."""
    shelf, looked_at = Shelf(), 0
    booth = Booth(shelf)
    for _ in range(3600):
        before = len(booth.written("factor"))
        booth.types("1397")
        looked_at += len(booth.written("factor")) - before
        booth.clock.pass_(1.0)
        waits = booth.checker.cannot_ask(PERSON, Factor.PIN) is Reason.FACTOR_PAUSED
        if pulls_the_plug and waits:
            booth = Booth(shelf)
    assert looked_at == guesses


def test_the_third_wrong_pin_pauses_them_and_operators_hear_of_it(booth: Booth) -> None:
    for _ in range(3):
        booth.types("1397")
    reasons = [answer.reason for answer in booth.answers if isinstance(answer, Answered)]
    assert reasons == [Reason.FACTOR_WRONG, Reason.FACTOR_WRONG, Reason.FACTOR_PAUSED]
    assert booth.written("guessing") == [{"subject": "ann", "wait_seconds": 30}]
    assert booth.told == ["factor", "factor", "factor", "guessing"]
    assert booth.checker.cannot_ask(PERSON, Factor.PIN) is Reason.FACTOR_PAUSED
    assert booth.checker.cannot_ask(PERSON, Factor.BADGE) is None
    booth.types(PIN)
    assert len(booth.answers) == 3, "not looked at"
    booth.clock.pass_(30.0)
    assert booth.checker.cannot_ask(PERSON, Factor.PIN) is None
    booth.types(PIN)
    assert booth.last is Reason.FACTOR_SHOWN
    booth.types("1397")
    assert booth.last is Reason.FACTOR_WRONG, "counted from none again"


def test_a_guess_is_counted_before_it_is_looked_at(booth: Booth) -> None:
    spoil(booth.shelf)
    with pytest.raises(StoreCorrupt):
        booth.types(PIN)
    assert booth.answers == []


@pytest.mark.parametrize(("code", "alarms"), [(DURESS, ["duress"]), (PIN, []), ("1397", [])])
def test_a_full_disk_keeps_no_duress_alarm_back(code: str, alarms: list[str]) -> None:
    booth = Booth()
    spoil(booth.shelf)
    with pytest.raises(StoreCorrupt):
        booth.types(code)
    assert booth.told == alarms
    assert booth.answers == []


def test_a_lockout_is_kept_and_operators_hear_of_it(booth: Booth) -> None:
    held = Held(Failures(), Instant(130.0))
    booth.checker.remember(Remember(held))
    booth.checker.remember(Remember(held))
    assert booth.written("lockout") == [{"begins": True}]
    assert Attempts(booth.shelf, booth.clock.monotonic).held.locked_until == 130.0
    booth.checker.remember(Remember(Held()))
    assert booth.written("lockout")[1:] == [{"begins": False}]
    assert Attempts(booth.shelf, booth.clock.monotonic).held.locked_until is None


# -- badge ---------------------------------------------------------------------------------------


def test_ones_own_badge_is_right_as_of_when_it_was_shown(booth: Booth) -> None:
    booth.shows("LINTEL1:ann", at=97.0)
    shown = Answered(Instant(100.0), Reason.FACTOR_SHOWN, PERSON, presented_at=Instant(97.0))
    assert booth.answers == [shown]


@pytest.mark.parametrize("badge", ["LINTEL1:bob", "LINTEL1"])
def test_somebody_elses_badge_or_a_forged_one_is_a_mistake(booth: Booth, badge: str) -> None:
    """R22: a mismatch denies even at high similarity."""
    booth.shows(badge)
    assert booth.last is Reason.FACTOR_WRONG
    assert booth.written("factor") == [{"subject": "ann", "outcome": "wrong"}]


def test_any_other_code_is_no_badge_and_no_mistake(booth: Booth) -> None:
    booth.shows("https://example.org")
    booth.checker.read("https://example.org", Instant(99.0))
    booth.checker.read("LINTEL1", Instant(99.0))
    assert booth.answers == []
    assert booth.diary.names == []


def test_a_badge_that_nobody_asked_for_says_whose_it_is_and_since_when(booth: Booth) -> None:
    booth.checker.read("LINTEL1:bob", Instant(97.0))
    assert booth.answers == [Claimed(Instant(100.0), BOB, Instant(97.0))]


# -- what is owed --------------------------------------------------------------------------------


def test_what_is_owed_is_what_is_agreed_on_now(booth: Booth) -> None:
    face = replace(PERSON, evidence=(SEEN,))
    assert booth.checker.owed(face) is None
    booth.people.factors[ANN] = replace(FACTORS, required=Factor.PIN)
    assert booth.checker.owed(face) is Factor.PIN
    assert booth.checker.owed(replace(face, factor=Factor.PIN)) is None
    assert booth.checker.owed(replace(face, subject=BOB)) is None, "nobody of that id"


def test_a_pin_is_never_in_a_repr() -> None:
    assert PIN not in repr(FACTORS)
    assert PIN not in repr(Pin.of(PIN, b"s" * 16))
