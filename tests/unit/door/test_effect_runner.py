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
    Audit,
    AuditFault,
    Decision,
    Evidence,
    Faulted,
    Idle,
    Part,
    Reason,
    Recovered,
    ReleaseDoor,
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
from kiosk.journal.details import decided
from kiosk.journal.recorder import JournalRecorder

WELCOME = View(Prompt.GRANTED, Tone.GRANTED)
GRANTED = Decision(Instant(100.0), True, Reason.MATCHED, SubjectId("ann"))  # noqa: FBT003
GRANT = (Audit(GRANTED), ReleaseDoor(5.0, Instant(99.9)), Show(Idle()))


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
    assert street.diary.names == ["audit decision", "release", "show"]
    assert street.diary.entries[1][1] == (5.0, 99.9)
    assert street.diary.entries[2][1] == WELCOME
    (outcome,) = street.outcomes
    assert isinstance(outcome, DecisionOutcome)
    assert outcome.released
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


@pytest.mark.parametrize("error", [DoorTimeout("No answer."), DoorRefused("Stale.")])
def test_the_screen_never_promises_what_the_door_did_not_do(
    street: Street, error: DoorTimeout | DoorRefused
) -> None:
    street.door.error = error
    street.effects.carry_out(GRANT, WELCOME)
    assert "show" not in street.diary.names
    assert "release" not in street.diary.names
    assert street.diary.names[0] == "audit decision"
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


def test_what_the_journal_says_of_a_decision_holds_scores_but_no_name(street: Street) -> None:
    street.effects.carry_out(GRANT, WELCOME)
    details = street.diary.entries[0][1]
    assert isinstance(details, dict)
    assert details["outcome"] == "granted"
    assert details["subject"] == "ann"
    assert {
        "pad",
        "pad_threshold",
        "decision_threshold",
        "probes",
        "suspected",
        "reason",
    } <= details.keys()


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
    refusal = Decision(
        Instant(1.0),
        granted=False,
        reason=Reason.NOT_RECOGNISED,
        subject=None,
        evidence=(evidence,),
    )
    assert "ann" not in decided(refusal).details().values()
    shared = replace(
        refusal, reason=Reason.AMBIGUOUS, evidence=(replace(evidence, ambiguous=True),)
    )
    assert decided(shared).resembles == "ann"


@pytest.mark.parametrize(
    "reason", [reason for reason in Reason if reason not in {Reason.MATCHED, Reason.AMBIGUOUS}]
)
def test_of_whoever_was_not_recognised_no_comparison_is_kept(reason: Reason) -> None:
    """As the screen says: when and why, no picture, no name."""
    near = Candidate(SubjectId("ann"), 0.3)
    evidence = Evidence(
        Instant(1.0), PadResult(0.9, "test"), None, ambiguous=False, best=near, margin=0.1
    )
    decision = Decision(Instant(1.0), False, reason, None, (evidence,))  # noqa: FBT003
    details = decided(decision).details()
    assert keeps_no_more_than_is_said(details)
    assert not {0.3, 0.1, "ann"} & set(details.values())
    known = replace(decision, subject=SubjectId("ann"))
    assert decided(known).score == 0.3


def test_help_and_readme_say_what_is_kept_of_strangers() -> None:
    root = Path(__file__).parents[3]
    strings = tomllib.loads((root / "kiosk" / "ui" / "strings" / "en.toml").read_text())
    said = strings["screen"]["help_strangers"]
    assert "we note when and why the door stayed shut. No picture, no name." in said
    readme = (root / "README.md").read_text(encoding="utf-8")
    (row,) = [line for line in readme.splitlines() if line.startswith("| strangers |")]
    for kept in ("time", "outcome", "reason", "attack score", "no id", "no comparison score"):
        assert kept in row
