"""At the door's end of a decision: rules, then the second factor, then the journal, then the door.

Vision says who somebody is; whether they may pass here and now is said here, where the wall clock,
the people's rules and the wire are. Nothing reaches the door that was not written down before, and
whatever is refused says why. Owned by one thread, the effects loop's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

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
from kiosk.domain.door.protocol import ReleaseOrder
from kiosk.domain.errors import StoreError, SubjectUnknown
from kiosk.domain.people.calendar import Moment
from kiosk.domain.people.presence import Presence, reset
from kiosk.domain.people.rules import PersonRules, RuleVerdict, after_passing, judge, unlocks
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId
from kiosk.door.attempts import Attempts
from kiosk.door.pending import AuthorizationPolicy, Pending
from kiosk.journal.recorder import JOURNAL_ERRORS, JournalRecorder


class People(Protocol):
    """What is agreed on with whom."""

    def rules_of(self, subject: SubjectId) -> PersonRules:
        """Raises SubjectUnknown."""
        ...

    def factors_of(self, subject: SubjectId) -> Factors:
        """Raises SubjectUnknown."""
        ...

    def owner(self, badge: str) -> SubjectId | None:
        """Whose valid badge a text is; None for anything else that a camera may read."""
        ...


class Keeper(Protocol):
    """The door's machine and its wire; see `kiosk.door.controller`."""

    def release(self, order: ReleaseOrder, by: By) -> Reason | None:
        """None once the door is released; why not, where it is not to be.

        Raises:
            DoorError: the door did not do as it was told.
        """
        ...

    def schedule(self, *, free: bool) -> None:
        """What the schedule says from now on."""
        ...


class AccessAuthorizer:
    """Lets in whom the rules let in.

    Args:
        people: rules and factors of each.
        controller: moves the door.
        doorway: what rules it.
        presence: who is where, as far as it is known.
        moment: now, by both clocks.
        recorder: writes down.
        report: takes answers to the session.
        observe: is told of each decision that was carried out, with the milliseconds from its
            evidence to the released door; None where it was not released.
        keep: makes a changed presence durable.
        attempts: counts wrong PINs.
        asking: is told right before somebody's order goes to the door; of use where whatever is
            behind it takes its time to decide.
    """

    def __init__(
        self,
        *,
        people: People,
        controller: Keeper,
        doorway: AuthorizationPolicy,
        presence: Presence,
        moment: Callable[[], Moment],
        recorder: JournalRecorder,
        report: Callable[[Event], None],
        observe: Callable[[Decision, float | None], None],
        keep: Callable[[Presence], None],
        attempts: Attempts,
        asking: Callable[[], None] = lambda: None,
    ) -> None:
        self.presence = presence
        self.hold: Hold | None = None
        self._people = people
        self._controller = controller
        self._doorway = doorway
        self._moment = moment
        self._recorder = recorder
        self._report = report
        self._observe = observe
        self._keep = keep
        self._attempts = attempts
        self._asking = asking
        self._pending: Pending | None = None
        self._badge: tuple[SubjectId, Instant] | None = None
        self._passing: tuple[SubjectId, PersonRules, Moment] | None = None

    # -- what the session hands over -------------------------------------------------------------

    def admit(self, decision: Decision, order: ReleaseDoor) -> bool:
        """Somebody was recognised: let them in, or say why not.

        Returns:
            Whether the door was released; if not, the answer was reported.

        Raises:
            JournalUnwritable: nothing was written, so nothing was released.
            DoorError: the door did not do as it was told.
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
        """Whoever is asked for a factor is asked no more."""
        pending, self._pending = self._pending, None
        if pending is not None:
            evidence = effect.evidence or pending.decision.evidence
            decision = replace(pending.decision, granted=False, reason=effect.reason)
            self._write(replace(decision, evidence=evidence))

    def remember(self, effect: Remember) -> None:
        """What is held against whoever comes next is made durable, and a lockout is told."""
        before, held = self._attempts.held.locked_until, effect.held
        if (held.locked_until is None) != (before is None):
            self._recorder.note("lockout", {"begins": before is None})
        self._attempts.remember(held)

    # -- what people show ------------------------------------------------------------------------

    def enter(self, code: str, at: Instant | None = None) -> None:
        """A PIN was typed; it counts for whoever is asked for one, and for nobody else.

        Args:
            code: the PIN.
            at: when; now, if it did not wait. It is evidence, and ages as any does.
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
            self._recorder.note("duress", {"subject": subject})
        self._attempts.settle(subject)
        self._complete(pending, typed_at)

    def _count(self, subject: SubjectId | None, code: str) -> None:
        """A PIN counts before it is looked at. Where it cannot, nothing but the alarm follows."""
        try:
            self._attempts.count(subject)
        except StoreError:
            if self._factors(subject).check_pin(code) is PinVerdict.DURESS:
                self._recorder.tell("duress", {"subject": subject})
            raise

    def show(self, badge: str, at: Instant | None = None) -> None:
        """A code was held before the camera: a badge of ours, or anything else.

        Args:
            badge: the text of the code.
            at: when; now, if it did not wait. It is evidence, and ages as any does.
        """
        if not badge.startswith(BADGE_MARK):
            return  # the code on somebody's T-shirt is nobody's mistake
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
        """A badge by itself says who, and a face or a PIN has yet to say that it is they."""
        now = self._moment()
        if self.hold is Hold.LOCKED_DOWN:
            self._report(Answered(now.at, Reason.LOCKED_DOWN))
        elif self.hold is Hold.PAUSED:
            self._without_face(owner, now)
        else:
            until = Instant(shown_at + self._doorway.claim_seconds)
            self._badge = (owner, until)
            self._report(Claimed(now.at, owner, until))

    def _without_face(self, owner: SubjectId, now: Moment) -> None:
        """While faces are paused, a badge and a PIN let somebody in together (R81)."""
        decision = Decision(now.at, granted=True, reason=Reason.MATCHED, subject=owner)
        verdict = self._judged(owner)
        if verdict.reason is not None:
            self._conclude(decision, verdict, now.at)
        elif self._factors(owner).pin is None:
            self._refuse(decision, RuleVerdict(Reason.FACTOR_MISSING))
        else:
            self._ask(Pending(decision, Factor.PIN, *self._time_to_show(), faceless=True))

    # -- how it comes out ------------------------------------------------------------------------

    def _time_to_show(self) -> tuple[Instant, Instant]:
        now = self._moment().at
        return now, Instant(now + self._doorway.factor_seconds)

    def _ask(self, pending: Pending) -> None:
        subject = pending.decision.subject
        if pending.factor is Factor.PIN and self._attempts.wait(subject) > 0.0:
            self._refuse(pending.decision, RuleVerdict(Reason.FACTOR_PAUSED))
            return
        self._pending = pending
        self._report(Answered(pending.since, Reason.FACTOR_NEEDED, subject, pending.factor))

    def _complete(self, pending: Pending, shown_at: Instant) -> None:
        """The factor is theirs. A face is looked at once more; without one the rules are asked."""
        now = self._moment().at
        if not pending.faceless:
            until = Instant(shown_at + self._doorway.look_seconds)
            self._pending = replace(pending, shown_at=shown_at, until=until)
            self._report(Answered(now, Reason.FACTOR_SHOWN, pending.decision.subject))
            return
        self._pending = None
        verdict = self._judged(pending.decision.subject)
        if self._conclude(pending.decision, verdict, shown_at):
            self._report(Answered(now, None, pending.decision.subject))

    def _mistake(self, pending: Pending) -> None:
        self._recorder.note("factor", {"subject": pending.decision.subject, "outcome": "wrong"})
        self._report(Answered(self._moment().at, Reason.FACTOR_WRONG))

    def _pause(self, pending: Pending) -> None:
        """Too many wrong PINs of theirs: nothing is asked of them for a while, and it is told."""
        subject = pending.decision.subject
        wait = self._attempts.wait(subject)
        if wait > 0.0:
            self._pending = None
            self._recorder.note("guessing", {"subject": subject, "wait_seconds": round(wait)})
            self._refuse(pending.decision, RuleVerdict(Reason.FACTOR_PAUSED))

    def _conclude(self, decision: Decision, verdict: RuleVerdict, captured_at: Instant) -> bool:
        """Write it down, and only then tell the door."""
        if verdict.reason is not None:
            self._refuse(decision, verdict)
            return False
        if verdict.noted is not None:
            self._recorder.note(
                "noticed", {"subject": decision.subject, "reason": verdict.noted.value}
            )
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
        """Where it cannot be written, nothing comes of it, and whoever watches hears so."""
        try:
            self._recorder.decision(decision)
        except JOURNAL_ERRORS:
            self._observe(decision, None)
            raise

    def _release(self, decision: Decision, captured_at: Instant) -> bool:
        """The one place from which somebody's order goes to the door."""
        subject = decision.subject
        rules = self._rules(subject)
        self._passing = None if subject is None else (subject, rules, self._moment())
        released_ms: float | None = None
        try:
            order = order_for(rules, captured_at, self._doorway.passage)
            self._asking()
            reason = self._controller.release(order, By.GRANT)
            if reason is None:
                released_ms = (self._moment().at - max(decision.at, captured_at)) * 1000
        finally:
            self._observe(decision, released_ms)
        if reason is None:
            return True
        self._passing = None
        self._recorder.note("not_released", {"subject": subject, "reason": reason.value})
        self._report(Answered(self._moment().at, reason))
        return False

    # -- what is known ---------------------------------------------------------------------------

    def entered(self) -> None:
        """Whoever was let in last went through, as far as the door can tell."""
        if self._passing is not None:
            subject, rules, moment = self._passing
            self._passing = None
            site = self._doorway.site
            self._keep_if_changed(after_passing(subject, rules, moment, site, self.presence))

    def forget_passing(self, presence: Presence) -> None:
        """An admin or operator resets who is inside."""
        self._keep_if_changed(presence)

    def forget_erased(self) -> None:
        """Whoever is not enrolled any more is not remembered either.

        Raises:
            StoreError: the people, or what is known of them, cannot be read or kept.
        """
        presence = self.presence
        for subject in {*presence.inside, *presence.passed_at}:
            if not self._is_enrolled(subject):
                presence = reset(presence, subject)
        self._keep_if_changed(presence)
        self._attempts.forget(self._is_enrolled)

    def tend(self) -> None:
        """Tell the door what the schedule says now. To be called now and then."""
        free = unlocks(self._doorway.site, self.presence, self._moment())
        self._controller.schedule(free=free)

    def _keep_if_changed(self, presence: Presence) -> None:
        if presence != self.presence:
            self.presence = presence
            self._keep(presence)

    def _owed(self, subject: SubjectId | None) -> Factor | None:
        """The factor that is still to be shown; a badge shown a moment ago is shown."""
        required = self._factors(subject).required
        if required is Factor.NONE:
            return None
        shown, self._badge = self._badge, None
        fresh = shown is not None and shown[0] == subject and self._moment().at <= shown[1]
        return None if fresh and required in BY_BADGE else required

    def _judged(self, subject: SubjectId | None) -> RuleVerdict:
        """Whoever is not enrolled any more is not let in, and neither is anybody in a lockdown."""
        if self.hold is Hold.LOCKED_DOWN:
            return RuleVerdict(Reason.LOCKED_DOWN)
        try:
            rules = self._people.rules_of(subject) if subject is not None else None
        except SubjectUnknown:
            rules = None
        if rules is None or subject is None:
            return RuleVerdict(Reason.NOT_VALID)
        return judge(subject, rules, self._moment(), self._doorway.site, self.presence)

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
