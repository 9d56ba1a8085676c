"""The access authorizer: access rules, then the second factor, then the journal, then the door.

Vision identifies a person. The authorizer decides if they may pass here and now, since the wall
clock, the people's rules and the driver are on this side. Nothing reaches the door that was not
recorded before, and every refusal has a reason. Owned by one thread, the effects loop's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.access.factors import BADGE_MARK, BY_BADGE, Factor, Factors, PinVerdict
from kiosk.domain.access.machine import (
    Answered,
    Claimed,
    Decision,
    Event,
    Forget,
    Reason,
    ReleaseDoor,
    Remember,
)
from kiosk.domain.access.policy import Hold
from kiosk.domain.door.machine import order_for
from kiosk.domain.door.model import By
from kiosk.domain.errors import StoreError, SubjectUnknown
from kiosk.domain.people.calendar import Moment
from kiosk.domain.people.presence import Presence, reset
from kiosk.domain.people.rules import PersonRules, RuleVerdict, after_passing, judge, unlocks
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId
from kiosk.door.attempts import Attempts
from kiosk.door.collaborators import Keeper, People
from kiosk.door.pending import AuthorizationPolicy, Pending
from kiosk.journal.events.access import (
    DuressTyped,
    FactorWrong,
    LockoutChanged,
    Noticed,
    NotReleased,
    PinGuessed,
)
from kiosk.journal.recorder import JOURNAL_ERRORS, JournalRecorder


class AccessAuthorizer:
    """Admits people according to the access rules.

    Args:
        people: rules and factors of each person.
        controller: moves the door.
        authorization: the authorization policy.
        presence: the presence of people, as far as it is known.
        moment: the current time by both clocks.
        recorder: writes the journal.
        report: passes answers to the session.
        observe: receives each decision that was carried out, with the milliseconds from its
            evidence to the released door; None where it was not released.
        keep: stores a changed presence durably.
        attempts: counts wrong PINs.
        hold: the strongest hold of an operator at present.
        asking: called right before a person's order goes to the door; useful where a device behind
            the driver needs time to decide.
    """

    def __init__(
        self,
        *,
        people: People,
        controller: Keeper,
        authorization: AuthorizationPolicy,
        presence: Presence,
        moment: Callable[[], Moment],
        recorder: JournalRecorder,
        report: Callable[[Event], None],
        observe: Callable[[Decision, float | None], None],
        keep: Callable[[Presence], None],
        attempts: Attempts,
        hold: Callable[[], Hold | None] = lambda: None,
        asking: Callable[[], None] = lambda: None,
    ) -> None:
        self.presence = presence
        self._people = people
        self._controller = controller
        self._authorization = authorization
        self._moment = moment
        self._recorder = recorder
        self._report = report
        self._observe = observe
        self._keep = keep
        self._attempts = attempts
        self._hold = hold
        self._asking = asking
        self._pending: Pending | None = None
        self._badge: tuple[SubjectId, Instant] | None = None
        self._passing: tuple[SubjectId, PersonRules, Moment] | None = None

    # -- effects of the session ------------------------------------------------------------------

    def admit(self, decision: Decision, order: ReleaseDoor) -> bool:
        """Admit a recognised person, or refuse with a reason.

        Returns:
            True if the door was released; if not, the answer was reported.

        Raises:
            JournalUnwritable: nothing was recorded, so nothing was released.
            DoorError: the door did not obey.
        """
        pending, self._pending = self._pending, None
        owed, captured_at = self._owed(decision.subject), order.captured_at
        factor = None if pending and pending.settles(decision, captured_at) else owed
        verdict = self._judged(decision.subject)
        if verdict.reason is None and factor is not None and decision.subject is not None:
            self._ask(Pending(decision, factor, *self._time_to_show()))
            return False
        return self._conclude(decision, verdict, captured_at)

    def forget(self, effect: Forget) -> None:
        """Stop asking the current person for a second factor."""
        pending, self._pending = self._pending, None
        if pending is not None:
            evidence = effect.evidence or pending.decision.evidence
            decision = replace(pending.decision, granted=False, reason=effect.reason)
            self._write(replace(decision, evidence=evidence))

    def remember(self, effect: Remember) -> None:
        """Store the lockout state durably, and announce the begin or end of a lockout."""
        before, held = self._attempts.held.locked_until, effect.held
        if (held.locked_until is None) != (before is None):
            self._recorder.note(LockoutChanged(begins=before is None))
        self._attempts.remember(held)

    # -- factors shown by people -----------------------------------------------------------------

    def enter(self, code: str, at: Instant | None = None) -> None:
        """Take a typed PIN; it counts for the person who is asked for one, and for nobody else.

        Args:
            code: the PIN.
            at: the time of typing; None for now. It is evidence, and goes stale as all evidence
                does.
        """
        pending, typed_at = self._pending, self._moment().at if at is None else at
        if pending is None or pending.factor is not Factor.PIN or not pending.hears(typed_at):
            return
        subject = pending.decision.subject
        if self._attempts.wait(subject) > 0.0:
            return
        self._count(subject, code)
        verdict = self._factors(subject).check_pin(code)
        if verdict is PinVerdict.WRONG:
            self._mistake(pending)
            self._pause(pending)
            return
        if verdict is PinVerdict.DURESS:
            self._recorder.note(DuressTyped(subject))
        self._attempts.settle(subject)
        self._complete(pending, typed_at)

    def _count(self, subject: SubjectId | None, code: str) -> None:
        """Count a PIN before it is checked. If that fails, only a duress alarm is still raised."""
        try:
            self._attempts.count(subject)
        except StoreError:
            if self._factors(subject).check_pin(code) is PinVerdict.DURESS:
                self._recorder.tell(DuressTyped(subject))
            raise

    def show(self, badge: str, at: Instant | None = None) -> None:
        """Take a code held in front of the camera: a badge of this kiosk, or any other code.

        Args:
            badge: the text of the code.
            at: the time of reading; None for now. It is evidence, and goes stale as all evidence
                does.
        """
        if not badge.startswith(BADGE_MARK):
            return  # a code printed on clothing is no wrong badge
        owner, pending = self._people.owner(badge), self._pending
        shown_at = self._moment().at if at is None else at
        if pending is not None and pending.factor in BY_BADGE and pending.hears(shown_at):
            if owner == pending.decision.subject:
                self._complete(pending, shown_at)
            else:
                self._mistake(pending)
        elif pending is None and owner is not None:
            self._claim(owner, shown_at)

    def _claim(self, owner: SubjectId, shown_at: Instant) -> None:
        """Take a badge as a claim of identity, which a face or a PIN must still confirm."""
        now = self._moment()
        if self._hold() is Hold.LOCKED_DOWN:
            self._report(Answered(now.at, Reason.LOCKED_DOWN))
        elif self._hold() is Hold.PAUSED:
            self._without_face(owner, now)
        else:
            until = Instant(shown_at + self._authorization.claim_seconds)
            self._badge = (owner, until)
            self._report(Claimed(now.at, owner, until))

    def _without_face(self, owner: SubjectId, now: Moment) -> None:
        """Admit by badge and PIN together while face recognition is paused (R81)."""
        decision = Decision(now.at, granted=True, reason=Reason.MATCHED, subject=owner)
        verdict = self._judged(owner)
        if verdict.reason is not None:
            self._conclude(decision, verdict, now.at)
        elif self._factors(owner).pin is None:
            self._refuse(decision, RuleVerdict(Reason.FACTOR_MISSING))
        else:
            self._ask(Pending(decision, Factor.PIN, *self._time_to_show(), faceless=True))

    # -- outcomes --------------------------------------------------------------------------------

    def _time_to_show(self) -> tuple[Instant, Instant]:
        now = self._moment().at
        return now, Instant(now + self._authorization.factor_seconds)

    def _ask(self, pending: Pending) -> None:
        subject = pending.decision.subject
        if pending.factor is Factor.PIN and self._attempts.wait(subject) > 0.0:
            self._refuse(pending.decision, RuleVerdict(Reason.FACTOR_PAUSED))
            return
        self._pending = pending
        self._report(Answered(pending.since, Reason.FACTOR_NEEDED, subject, pending.factor))

    def _complete(self, pending: Pending, shown_at: Instant) -> None:
        """Accept a factor. A face is then checked again; without a face the rules decide now."""
        now = self._moment().at
        if not pending.faceless:
            until = Instant(shown_at + self._authorization.look_seconds)
            self._pending = replace(pending, shown_at=shown_at, until=until)
            self._report(Answered(now, Reason.FACTOR_SHOWN, pending.decision.subject))
            return
        self._pending = None
        verdict = self._judged(pending.decision.subject)
        if self._conclude(pending.decision, verdict, shown_at):
            self._report(Answered(now, None, pending.decision.subject))

    def _mistake(self, pending: Pending) -> None:
        self._recorder.note(FactorWrong(pending.decision.subject))
        self._report(Answered(self._moment().at, Reason.FACTOR_WRONG))

    def _pause(self, pending: Pending) -> None:
        """After too many wrong PINs ask the person for none for a while, and record that."""
        subject = pending.decision.subject
        wait = self._attempts.wait(subject)
        if wait > 0.0:
            self._pending = None
            self._recorder.note(PinGuessed(subject, round(wait)))
            self._refuse(pending.decision, RuleVerdict(Reason.FACTOR_PAUSED))

    def _conclude(self, decision: Decision, verdict: RuleVerdict, captured_at: Instant) -> bool:
        """Record the decision, and only then order the door."""
        if verdict.reason is not None:
            self._refuse(decision, verdict)
            return False
        if verdict.noted is not None:
            self._recorder.note(Noticed(decision.subject, verdict.noted))
        self._put_down(decision)
        return self._release(decision, captured_at)

    def _refuse(self, decision: Decision, verdict: RuleVerdict) -> None:
        reason = verdict.reason or Reason.FAULT
        self._write(replace(decision, granted=False, reason=reason))
        self._report(Answered(self._moment().at, reason, opens=verdict.opens))

    def _write(self, decision: Decision) -> None:
        self._put_down(decision)
        self._observe(decision, None)

    def _put_down(self, decision: Decision) -> None:
        """Record a decision. If that fails it has no effect, and observers still receive it."""
        try:
            self._recorder.decision(decision)
        except JOURNAL_ERRORS:
            self._observe(decision, None)
            raise

    def _release(self, decision: Decision, captured_at: Instant) -> bool:
        """Send a person's order to the door. No other method does."""
        subject = decision.subject
        rules = self._rules(subject)
        self._passing = None if subject is None else (subject, rules, self._moment())
        released_ms: float | None = None
        try:
            order = order_for(rules, captured_at, self._authorization.passage)
            self._asking()
            reason = self._controller.release(order, By.GRANT)
            if reason is None:
                released_ms = (self._moment().at - max(decision.at, captured_at)) * 1000
        finally:
            self._observe(decision, released_ms)
        if reason is None:
            return True
        self._passing = None
        self._recorder.note(NotReleased(subject, reason))
        self._report(Answered(self._moment().at, reason))
        return False

    # -- presence, schedule and rules ------------------------------------------------------------

    def entered(self) -> None:
        """Update presence: the person admitted last went through, as far as the door can detect."""
        if self._passing is not None:
            subject, rules, moment = self._passing
            self._passing = None
            site = self._authorization.site
            self._keep_if_changed(after_passing(subject, rules, moment, site, self.presence))

    def forget_passing(self, presence: Presence) -> None:
        """Replace the presence after an admin or operator reset it."""
        self._keep_if_changed(presence)

    def forget_erased(self) -> None:
        """Drop presence and attempts of people who are no longer enrolled.

        Raises:
            StoreError: the people, or the state kept about them, cannot be read or stored.
        """
        presence = self.presence
        for subject in {*presence.inside, *presence.passed_at}:
            if not self._is_enrolled(subject):
                presence = reset(presence, subject)
        self._keep_if_changed(presence)
        self._attempts.forget(self._is_enrolled)

    def tend(self) -> None:
        """Pass the schedule's current state to the door. Called periodically."""
        free = unlocks(self._authorization.site, self.presence, self._moment())
        self._controller.schedule(free=free)

    def _keep_if_changed(self, presence: Presence) -> None:
        if presence != self.presence:
            self.presence = presence
            self._keep(presence)

    def _owed(self, subject: SubjectId | None) -> Factor | None:
        """The factor still to be shown; a badge shown just before counts as shown."""
        required = self._factors(subject).required
        if required is Factor.NONE:
            return None
        shown, self._badge = self._badge, None
        fresh = shown is not None and shown[0] == subject and self._moment().at <= shown[1]
        return None if fresh and required in BY_BADGE else required

    def _judged(self, subject: SubjectId | None) -> RuleVerdict:
        """The verdict of the rules; refuses everybody in a lockdown, and people not enrolled."""
        if self._hold() is Hold.LOCKED_DOWN:
            return RuleVerdict(Reason.LOCKED_DOWN)
        try:
            rules = self._people.rules_of(subject) if subject is not None else None
        except SubjectUnknown:
            rules = None
        if rules is None or subject is None:
            return RuleVerdict(Reason.NOT_VALID)
        return judge(subject, rules, self._moment(), self._authorization.site, self.presence)

    def _is_enrolled(self, subject: SubjectId) -> bool:
        try:
            self._people.rules_of(subject)
        except SubjectUnknown:
            return False
        return True

    def _rules(self, subject: SubjectId | None) -> PersonRules:
        try:
            return self._people.rules_of(subject) if subject is not None else PersonRules()
        except SubjectUnknown:
            return PersonRules()

    def _factors(self, subject: SubjectId | None) -> Factors:
        try:
            return self._people.factors_of(subject) if subject is not None else Factors()
        except SubjectUnknown:
            return Factors()
