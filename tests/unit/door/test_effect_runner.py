"""Audit, then door, then screen; and what happens when one of them fails."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hand_clock import HandClock
from pipeline_parts import BreakableDoor, BreakableJournal, Diary, door_parts
from strangers import keeps_no_more_than_is_said

from kiosk.domain.access.machine import (
    Admit,
    Audit,
    AuditFault,
    Decision,
    Evidence,
    Faulted,
    Idle,
    Part,
    Reason,
    Recognised,
    Recovered,
    Released,
    Show,
)
from kiosk.domain.errors import DoorRefused, DoorTimeout
from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.comparison import Candidate
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId
from kiosk.door.effect_runner import DecisionOutcome
from kiosk.door.retry_delay import LOST_SECONDS
from kiosk.door.subsystem import DoorListeners, DoorSubsystem
from kiosk.journal.details import decision_event, recognition_event
from kiosk.journal.recorder import JournalRecorder

WELCOME = View(Prompt.GRANTED, Tone.GRANTED)
ANN = SubjectId("ann")
SEEN = Evidence(
    at=Instant(99.9),
    pad=PadResult(0.75, "test"),
    subject=ANN,
    ambiguous=False,
    best=Candidate(ANN, 0.875),
    margin=0.25,
)
PERSON = Recognised(Instant(100.0), ANN, Instant(99.9), (SEEN,), threshold=0.5, pad_threshold=0.5)
GRANT = (Audit(PERSON), Admit(PERSON), Show(Idle()))
REFUSAL = Decision(Instant(100.0), Reason.NOT_RECOGNISED, None)


class Street:
    """Everything round the effects, and what was said back."""

    def __init__(self) -> None:
        self.diary = Diary()
        self.clock = HandClock(100.0)
        self.journal = BreakableJournal(self.diary)
        self.door = BreakableDoor(self.diary)
        self.reported: list[object] = []
        self.outcomes: list[object] = []
        self.effects = DoorSubsystem(
            door_parts(self.door),
            JournalRecorder(self.journal, self.clock.utc),
            self.clock,
            DoorListeners(
                lambda view: self.diary.add("show", view),
                self.reported.append,
                self.outcomes.append,
                lambda _: None,
            ),
        )


@pytest.fixture
def street() -> Street:
    return Street()


def test_a_grant_is_audited_before_the_door_moves_and_shown_after(street: Street) -> None:
    street.effects.carry_out(GRANT, WELCOME)
    assert street.diary.names == [
        "audit recognised",
        "audit authorised",
        "release",
        "audit released",
        "show",
    ]
    assert street.diary.entries[2][1] == (5.0, 99.9)
    assert street.diary.entries[4][1] == WELCOME
    (event,) = street.reported
    assert isinstance(event, Released)
    assert event.authorised is not None
    assert event.authorised.person is PERSON
    (outcome,) = street.outcomes
    assert isinstance(outcome, DecisionOutcome)
    assert outcome.released
    assert outcome.decision.granted
    assert outcome.release_ms == pytest.approx(0.0), "from the frame that decided"


def test_a_journal_that_cannot_be_written_keeps_the_door_shut(street: Street) -> None:
    street.journal.broken = True
    street.effects.carry_out(GRANT, WELCOME)
    assert street.diary.names == []
    assert street.reported == [
        Faulted(Instant(100.0), Part.JOURNAL, "The journal cannot be written.")
    ]
    (outcome,) = street.outcomes
    assert isinstance(outcome, DecisionOutcome)
    assert not outcome.released
    assert outcome.decision.reason is Reason.FAULT


def test_a_refusal_is_written_down_and_observed_even_where_it_cannot_be(street: Street) -> None:
    street.effects.carry_out((Audit(REFUSAL), Show(Idle())), WELCOME)
    assert street.diary.names == ["audit decision", "show"]
    street.journal.broken = True
    street.effects.carry_out((Audit(REFUSAL), Show(Idle())), WELCOME)
    assert street.diary.names == ["audit decision", "show"]
    assert street.outcomes == [DecisionOutcome(REFUSAL, None)] * 2


@pytest.mark.parametrize("error", [DoorTimeout("No answer."), DoorRefused("Stale.")])
def test_the_screen_never_promises_what_the_door_did_not_do(
    street: Street, error: DoorTimeout | DoorRefused
) -> None:
    street.door.error = error
    street.effects.carry_out(GRANT, WELCOME)
    assert "show" not in street.diary.names
    assert "release" not in street.diary.names
    assert street.diary.names[:2] == ["audit recognised", "audit authorised"]
    assert "audit released" not in street.diary.names
    assert street.reported == [Faulted(Instant(100.0), Part.DOOR, error.problem)]


def test_a_fault_is_shown_even_where_it_cannot_be_written_down(street: Street) -> None:
    street.journal.broken = True
    off = View(Prompt.OUT_OF_SERVICE, Tone.OFF)
    fault = AuditFault(Instant(1.0), Part.CAMERA, "gone", recovered=False)
    street.effects.carry_out((fault, Show(Idle())), off)
    assert street.diary.entries == [("show", off)]
    assert [event.part for event in street.reported] == [Part.JOURNAL]  # type: ignore[attr-defined]


def test_a_journal_that_works_again_is_proven_by_an_entry(street: Street) -> None:
    street.journal.broken = True
    street.effects.carry_out(GRANT, WELCOME)
    street.effects.try_to_recover()
    assert len(street.reported) == 1, "still broken: nothing has recovered"
    street.journal.broken = False
    street.effects.try_to_recover()
    assert street.reported[-1] == Recovered(Instant(100.0), Part.JOURNAL)
    assert street.diary.names == ["audit journal"]
    street.effects.try_to_recover()
    assert len(street.reported) == 2, "a recovery is reported once"


def test_a_door_that_answers_again_is_secured_before_it_counts(street: Street) -> None:
    street.door.error = DoorTimeout("No answer.")
    street.effects.carry_out(GRANT, WELCOME)
    street.effects.try_to_recover()
    street.door.error = None
    street.clock.pass_(LOST_SECONDS)
    street.effects.try_to_recover()
    assert [name for name in street.diary.names if name != "audit door"][-1] == "secure"
    assert street.reported[-1] == Recovered(Instant(100.0 + LOST_SECONDS), Part.DOOR)


def test_what_the_journal_says_of_a_recognition_holds_scores_but_no_name(street: Street) -> None:
    """R54: the person and the numbers; whether they were let in, it does not say."""
    street.effects.carry_out(GRANT, WELCOME)
    assert street.diary.entries[0][1] == {
        "subject": "ann",
        "by": "face",
        "verified": False,
        "pad": 0.75,
        "pad_threshold": 0.5,
        "decision_threshold": 0.5,
        "probes": 1,
        "suspected": False,
        "span_seconds": 0.0,
        "detector": "test",
        "score": 0.875,
        "margin": 0.25,
    }


def test_of_a_badge_alone_the_journal_claims_no_comparison() -> None:
    said = recognition_event(Recognised(Instant(1.0), ANN, Instant(1.0))).details()
    assert (said["by"], said["probes"], said["pad"]) == ("badge", 0, None)
    assert not {"score", "margin", "detector"} & said.keys()


def test_a_stranger_is_held_beside_nobody_in_the_journal() -> None:
    """R75, R84: whom a refused face came closest to is nobody's business."""
    evidence = Evidence(
        at=Instant(1.0),
        pad=PadResult(0.9, "test"),
        subject=None,
        ambiguous=False,
        best=Candidate(SubjectId("ann"), 0.3),
        margin=0.1,
    )
    refusal = Decision(Instant(1.0), Reason.NOT_RECOGNISED, None, (evidence,))
    assert "ann" not in decision_event(refusal).details().values()
    shared = replace(
        refusal, reason=Reason.AMBIGUOUS, evidence=(replace(evidence, ambiguous=True),)
    )
    assert decision_event(shared).resembles == "ann"


@pytest.mark.parametrize(
    "reason", [reason for reason in Reason if reason not in {Reason.MATCHED, Reason.AMBIGUOUS}]
)
def test_of_whoever_was_not_recognised_no_comparison_is_kept(reason: Reason) -> None:
    """As the screen says: when and why, no picture, no name."""
    near = Candidate(SubjectId("ann"), 0.3)
    evidence = Evidence(
        Instant(1.0), PadResult(0.9, "test"), None, ambiguous=False, best=near, margin=0.1
    )
    decision = Decision(Instant(1.0), reason, None, (evidence,))
    details = decision_event(decision).details()
    assert keeps_no_more_than_is_said(details)
    assert not {0.3, 0.1, "ann"} & set(details.values())
    known = replace(decision, subject=SubjectId("ann"))
    assert decision_event(known).score == 0.3


def test_help_and_readme_say_what_is_kept_of_strangers() -> None:
    root = Path(__file__).parents[3]
    strings = tomllib.loads((root / "kiosk" / "ui" / "strings" / "en.toml").read_text())
    said = strings["help"]["strangers"]
    assert "we note when and why the door stayed shut. No picture, no name." in said
    readme = (root / "README.md").read_text(encoding="utf-8")
    (row,) = [line for line in readme.splitlines() if line.startswith("| strangers |")]
    for kept in ("time", "outcome", "reason", "attack score", "no id", "no comparison score"):
        assert kept in row
