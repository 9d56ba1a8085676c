"""The events of people at the door: recognised, authorised or refused; factors, lockouts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kiosk.domain.access.factors import Factor
from kiosk.domain.access.states import Reason
from kiosk.domain.audit import Value
from kiosk.domain.vision.quality import Defect
from kiosk.journal.events.event import ABSENT, Absent, JournalEvent
from kiosk.journal.events.reasons import why_not


@dataclass(frozen=True, slots=True)
class PersonRecognised(JournalEvent):
    """Somebody was recognised; nothing is decided yet about whether they may pass.

    Raw scores stand here and in ``decision``, and nowhere else.

    Attributes:
        subject: the person.
        by: ``face``, or ``badge`` for a badge without a face.
        verified: true if a badge had given their identity before their face did.
        pad: mean bona fide score; 0 if the surroundings moved with the face.
        pad_threshold: the attack detection threshold in force.
        decision_threshold: the decision threshold in force.
        probes: the number of probes that the recognition rests on.
        suspected: true if a run looked like an attack.
        span_seconds: from the first probe to the last.
        detector: the attack detector.
        score: comparison score of the person.
        margin: its distance from the second person; None if there is none.
        space: of score and threshold, where it is not the kiosk's own: the service's face model.
        stood_in: true if the kiosk's own matcher stood in for a service that gave no answer, and a
            second factor has to make up for it.
    """

    name: ClassVar[str] = "recognised"
    subject: str
    by: str
    verified: bool
    pad: float | None
    pad_threshold: float
    decision_threshold: float | None
    probes: int
    suspected: bool
    span_seconds: float | None = None
    detector: str | None = None
    score: float | Absent | None = ABSENT
    margin: float | Absent | None = ABSENT
    space: str | Absent = ABSENT
    stood_in: bool | Absent = ABSENT

    def sentence(self) -> str:
        """Who it is, and by what."""
        return (
            f"{self.subject} was recognised by {'a badge' if self.by == 'badge' else 'the face'}."
        )


_FACTORS = {
    Factor.PIN: " and the PIN is theirs",
    Factor.BADGE: " and the badge is theirs",
    Factor.VERIFY: " and the badge is theirs",
}


@dataclass(frozen=True, slots=True)
class PersonAuthorised(JournalEvent):
    """Rules and second factor let somebody in; the door is asked next.

    Attributes:
        subject: the person.
        factor: the second factor that was owed and shown.
    """

    name: ClassVar[str] = "authorised"
    subject: str
    factor: Factor

    def sentence(self) -> str:
        """Who was let in by the rules."""
        return f"The rules let {self.subject} in{_FACTORS.get(self.factor, '')}."


@dataclass(frozen=True, slots=True)
class Decided(JournalEvent):
    """Somebody was refused; earlier versions recorded here who was let in as well.

    Nothing is said of how a stranger compares with anybody.

    Attributes:
        outcome: ``refused``; ``granted`` in entries of earlier versions.
        reason: why.
        subject: the person, if recognised.
        pad: mean bona fide score; 0 if the surroundings moved with the face.
        pad_threshold: the attack detection threshold in force.
        decision_threshold: the decision threshold in force.
        probes: the number of probes that the decision rests on.
        suspected: true if a run looked like an attack.
        defect: the quality defect at the end.
        span_seconds: from the first probe to the last.
        detector: the attack detector.
        score: comparison score of an enrolled person.
        margin: its distance from the second person; None if there is none.
        resembles: the person whom an ambiguous face resembled.
        space: of score and threshold, where it is not the kiosk's own: the service's face model.
        measure: the name of the measure that the defect is from, where it is from one.
        measured: what was measured; null where it is no number.
        bound: what it had to keep.
        yaw: of that view, in degrees, as `pitch` and `roll`; null where it is no number.
    """

    name: ClassVar[str] = "decision"
    outcome: str
    reason: Reason
    subject: str | None
    pad: float | None
    pad_threshold: float
    decision_threshold: float | None
    probes: int
    suspected: bool
    defect: Defect | None
    span_seconds: float | None = None
    detector: str | None = None
    score: float | Absent | None = ABSENT
    margin: float | Absent | None = ABSENT
    resembles: str | Absent | None = ABSENT
    space: str | Absent = ABSENT
    measure: str | Absent = ABSENT
    measured: float | Absent | None = ABSENT
    bound: float | Absent = ABSENT
    yaw: float | Absent | None = ABSENT
    pitch: float | Absent | None = ABSENT
    roll: float | Absent | None = ABSENT

    def sentence(self) -> str:
        """Who was let in, or why not."""
        if self.outcome == "granted":
            return f"{self.subject} was let in."
        why = why_not(self.reason)
        return f"{self.subject} was not let in: {why}." if self.subject else f"Not let in: {why}."


@dataclass(frozen=True, slots=True)
class NotReleased(JournalEvent):
    """The door or its panel refused somebody who was authorised."""

    name: ClassVar[str] = "not_released"
    subject: str | None
    reason: Reason

    def sentence(self) -> str:
        """Whom it was not released for, and why."""
        return f"The door was not released for {self.subject}: {why_not(self.reason)}."


@dataclass(frozen=True, slots=True)
class Noticed(JournalEvent):
    """Somebody was let in although a rule took notice of them."""

    name: ClassVar[str] = "noticed"
    subject: str | None
    reason: Reason

    def sentence(self) -> str:
        """What was noticed."""
        return f"{self.subject} came in twice without leaving."


@dataclass(frozen=True, slots=True)
class FactorWrong(JournalEvent):
    """A second factor was shown that is not the person's."""

    name: ClassVar[str] = "factor"
    fixed: ClassVar[dict[str, Value]] = {"outcome": "wrong"}
    subject: str | None

    def sentence(self) -> str:
        """Whose it was not."""
        return f"{self.subject} showed a second factor that was not theirs."


@dataclass(frozen=True, slots=True)
class DuressTyped(JournalEvent):
    """The duress PIN was typed. An alarm."""

    name: ClassVar[str] = "duress"
    subject: str | None

    def sentence(self) -> str:
        """Who typed it."""
        return f"{self.subject} typed the duress PIN: somebody may force them."


@dataclass(frozen=True, slots=True)
class PinGuessed(JournalEvent):
    """Too many wrong PINs were typed for a person. An alarm.

    Attributes:
        subject: the person.
        wait_seconds: for how long none is checked.
    """

    name: ClassVar[str] = "guessing"
    subject: str | None
    wait_seconds: int

    def sentence(self) -> str:
        """For whom they were typed."""
        return f"Too many wrong PINs for {self.subject}: none is looked at for now."


@dataclass(frozen=True, slots=True)
class LockoutChanged(JournalEvent):
    """A lockout began after repeated refusals, or ended. An alarm."""

    name: ClassVar[str] = "lockout"
    begins: bool

    def sentence(self) -> str:
        """Which of the two."""
        return f"Too many refusals: the lockout {'began' if self.begins else 'ended'}."
