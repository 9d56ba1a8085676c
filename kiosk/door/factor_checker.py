"""Checks second factors against what is agreed on with each person. It keeps no request.

Whom a factor is asked of, and for how long, the access session knows; each check names the
recognition that it is about, and so does its answer. Owned by one thread, the effects loop's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from kiosk.domain.access.factors import BADGE_MARK, Factor, Factors, PinVerdict, StepUp
from kiosk.domain.access.machine import (
    Answered,
    CheckFactor,
    Claimed,
    Event,
    Reason,
    Recognised,
    Remember,
)
from kiosk.domain.errors import StoreError, SubjectUnknown
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId
from kiosk.door.attempts import Attempts
from kiosk.door.collaborators import People
from kiosk.journal.events.access import DuressTyped, FactorWrong, LockoutChanged, PinGuessed
from kiosk.journal.recorder import JournalRecorder

_WITHOUT_FACTORS = {
    StepUp.STALE: Reason.OUT_OF_DATE,
    StepUp.UNCONFIRMED: Reason.NOT_COMPARED,
}
"""Why those are refused who would have to show a factor and have none; others are looked into."""


@dataclass(frozen=True, slots=True)
class BadgeHolder:
    """What a badge and a PIN show together.

    Attributes:
        subject: whose they are; None if either is wrong.
        paused: true if no PIN of theirs is checked for a while.
    """

    subject: SubjectId | None = None
    paused: bool = False


class FactorChecker:
    """Checks PINs and badges.

    Args:
        people: the factors of each person.
        attempts: counts wrong PINs, and keeps the lockout state.
        now: the monotonic clock.
        recorder: writes the journal.
        report: passes answers to the session.
    """

    def __init__(
        self,
        *,
        people: People,
        attempts: Attempts,
        now: Callable[[], Instant],
        recorder: JournalRecorder,
        report: Callable[[Event], None],
    ) -> None:
        self._people = people
        self._attempts = attempts
        self._now = now
        self._recorder = recorder
        self._report = report

    def owed(self, person: Recognised) -> Factor | None:
        """The factor that a person has yet to show; None if they owe none.

        A badge without a face always takes a PIN (R81).
        """
        asked = Factor.PIN if person.faceless else self._asked_of(person).asked
        if asked is None:
            return Factor.PIN
        return None if asked is Factor.NONE or person.has_shown(asked) else asked

    def cannot_ask(self, person: Recognised, factor: Factor) -> Reason | None:
        """The reason why a person cannot be asked for a factor now; None if they can."""
        factors = self._asked_of(person)
        if not person.faceless and factors.asked is None:
            return _WITHOUT_FACTORS.get(factors.step_up, Reason.UNDER_REVIEW)
        if factor is not Factor.PIN:
            return None
        if person.faceless and factors.pin is None:
            return Reason.FACTOR_MISSING
        return Reason.FACTOR_PAUSED if self._attempts.wait(person.subject) > 0.0 else None

    def check(self, effect: CheckFactor) -> None:
        """Check what was presented, and answer; a code that is no badge is no wrong one either.

        Raises:
            StoreError: a PIN could not be counted, so it was not checked.
            JournalUnwritable: the result could not be recorded, so it does not count.
        """
        if effect.presented.factor is Factor.PIN:
            self._check_pin(effect)
        elif effect.presented.text.startswith(BADGE_MARK):
            owner = self._people.owner(effect.presented.text)
            self._answer(effect, right=owner == effect.person.subject)

    def read(self, text: str, shown_at: Instant) -> None:
        """Report the owner of a badge; any other code, as on clothing, is nothing."""
        owner = self._people.owner(text) if text.startswith(BADGE_MARK) else None
        if owner is not None:
            self._report(Claimed(self._now(), owner, shown_at))

    def holder(self, badge: str, pin: str) -> BadgeHolder:
        """Whose badge and PIN these are, by the same count of wrong PINs as at the door.

        A code that is no valid badge takes as long to check as a wrong PIN, and gets its answer.

        Raises:
            StoreError: the PIN could not be counted, so it was not checked.
            JournalUnwritable: the result could not be recorded, so it does not count.
        """
        owner = self._people.owner(badge) if badge.startswith(BADGE_MARK) else None
        if owner is None:
            Factors().check_pin(pin)
            return BadgeHolder()
        if self._attempts.wait(owner) > 0.0:
            return BadgeHolder(paused=True)
        if self._verify(owner, pin):
            return BadgeHolder(owner)
        self._recorder.note(FactorWrong(owner))
        return BadgeHolder(paused=self._after_mistake(owner) is Reason.FACTOR_PAUSED)

    def remember(self, effect: Remember) -> None:
        """Store the lockout state durably, and announce the begin or end of a lockout."""
        before, held = self._attempts.held.locked_until, effect.held
        if (held.locked_until is None) != (before is None):
            self._recorder.note(LockoutChanged(begins=before is None))
        self._attempts.remember(held)

    # -- internals -------------------------------------------------------------------------------

    def _check_pin(self, effect: CheckFactor) -> None:
        subject, code = effect.person.subject, effect.presented.text
        if self._attempts.wait(subject) > 0.0:
            return
        self._answer(effect, right=self._verify(subject, code))

    def _verify(self, subject: SubjectId, code: str) -> bool:
        """True if it is their PIN, or the one that raises the silent alarm."""
        self._count(subject, code)
        verdict = self._factors(subject).check_pin(code)
        if verdict is PinVerdict.DURESS:
            self._recorder.note(DuressTyped(subject))
        if verdict is not PinVerdict.WRONG:
            self._attempts.settle(subject)
        return verdict is not PinVerdict.WRONG

    def _count(self, subject: SubjectId, code: str) -> None:
        """Count a PIN before it is checked. If that fails, only a duress alarm is still raised."""
        try:
            self._attempts.count(subject)
        except StoreError:
            if self._factors(subject).check_pin(code) is PinVerdict.DURESS:
                self._recorder.tell(DuressTyped(subject))
            raise

    def _answer(self, effect: CheckFactor, *, right: bool) -> None:
        if right:
            reason = Reason.FACTOR_SHOWN
        else:
            self._recorder.note(FactorWrong(effect.person.subject))
            reason = self._after_mistake(effect.person.subject)
        shown_at = effect.presented.at if right else None
        self._report(Answered(self._now(), reason, effect.person, presented_at=shown_at))

    def _after_mistake(self, subject: SubjectId) -> Reason:
        """After too many wrong PINs ask the person for none for a while, and record that."""
        wait = self._attempts.wait(subject)
        if not wait > 0.0:
            return Reason.FACTOR_WRONG
        self._recorder.note(PinGuessed(subject, round(wait)))
        return Reason.FACTOR_PAUSED

    def _asked_of(self, person: Recognised) -> Factors:
        """Their factors; whoever a service should have confirmed shows one, unless a badge has."""
        factors = self._factors(person.subject)
        if person.unconfirmed and not person.verified and factors.step_up is StepUp.NONE:
            return replace(factors, step_up=StepUp.UNCONFIRMED)
        return factors

    def _factors(self, subject: SubjectId) -> Factors:
        try:
            return self._people.factors_of(subject)
        except SubjectUnknown:
            return Factors()
