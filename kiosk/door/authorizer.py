"""The access authorizer: of who is recognised it makes who is authorised, and asks the door.

Vision recognises a person. The authorizer decides if they may pass here and now, since the wall
clock, the people's rules and the driver are on this side. Each part of a grant is recorded when it
has come about, and nothing reaches the door that was not recorded before. Every refusal has a
reason. Owned by one thread, the effects loop's.
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain.access.machine import (
    Answered,
    Authorised,
    Decision,
    Event,
    Reason,
    Recognised,
    Released,
    decided,
)
from kiosk.domain.access.policy import Hold
from kiosk.domain.door.machine import order_for
from kiosk.domain.door.model import By
from kiosk.domain.errors import SubjectUnknown
from kiosk.domain.people.calendar import Moment
from kiosk.domain.people.presence import reset
from kiosk.domain.people.rules import PersonRules, RuleVerdict, after_passing, judge, unlocks
from kiosk.domain.vision.template import SubjectId
from kiosk.door.attempts import Attempts
from kiosk.door.authorization import AuthorizationPolicy
from kiosk.door.collaborators import Keeper, People
from kiosk.door.factor_checker import FactorChecker
from kiosk.door.kept_state import KeptState
from kiosk.journal.details import authorisation_event, release_event
from kiosk.journal.events.access import Noticed, NotReleased
from kiosk.journal.recorder import JOURNAL_ERRORS, JournalRecorder


class AccessAuthorizer:
    """Admits people according to the access rules.

    Args:
        people: the rules of each person.
        controller: moves the door.
        authorization: the authorization policy.
        state: who is inside as far as it is known, and what an operator has ordered.
        moment: the current time by both clocks.
        recorder: writes the journal.
        report: passes answers to the session.
        observe: receives each decision that was carried out, with the milliseconds from its
            evidence to the released door; None where it was not released.
        factors: knows who owes a second factor.
        attempts: forgets people who were erased.
        asking: called right before a person's order goes to the door; useful where a device behind
            the driver needs time to decide.
    """

    def __init__(
        self,
        *,
        people: People,
        controller: Keeper,
        authorization: AuthorizationPolicy,
        state: KeptState,
        moment: Callable[[], Moment],
        recorder: JournalRecorder,
        report: Callable[[Event], None],
        observe: Callable[[Decision, float | None], None],
        factors: FactorChecker,
        attempts: Attempts,
        asking: Callable[[], None] = lambda: None,
    ) -> None:
        self._people = people
        self._controller = controller
        self._authorization = authorization
        self._state = state
        self._moment = moment
        self._recorder = recorder
        self._report = report
        self._observe = observe
        self._factors = factors
        self._attempts = attempts
        self._asking = asking
        self._passing: tuple[SubjectId, PersonRules, Moment] | None = None

    def admit(self, person: Recognised) -> None:
        """Admit a recognised person, ask them for a second factor, or refuse; always answered.

        Raises:
            JournalUnwritable: nothing was recorded, so nothing was released.
            DoorError: the door did not obey.
        """
        verdict = self._judged(person)
        owed = self._factors.owed(person)
        if verdict.reason is not None:
            self._refuse(person, verdict)
        elif owed is None:
            self._release(self._authorise(person, verdict))
        elif (reason := self._factors.cannot_ask(person, owed)) is not None:
            self._refuse(person, RuleVerdict(reason))
        else:
            self._report(Answered(self._moment().at, Reason.FACTOR_NEEDED, person, owed))

    # -- outcomes --------------------------------------------------------------------------------

    def _refuse(self, person: Recognised, verdict: RuleVerdict) -> None:
        reason = verdict.reason or Reason.FAULT
        decision = decided(person, reason)
        try:
            self._recorder.decision(decision)
        finally:
            self._observe(decision, None)
        self._report(Answered(self._moment().at, reason, person, opens=verdict.opens))

    def _authorise(self, person: Recognised, verdict: RuleVerdict) -> Authorised:
        """Record that rules and factor let a person in, before the door hears of it.

        If that fails it has no effect, and observers still hear that nothing was released.
        """
        authorised = Authorised(person, person.factor)
        try:
            if verdict.noted is not None:
                self._recorder.note(Noticed(person.subject, verdict.noted))
            self._recorder.note(authorisation_event(authorised))
        except JOURNAL_ERRORS:
            self._observe(decided(person, Reason.FAULT), None)
            raise
        return authorised

    def _release(self, authorised: Authorised) -> None:
        """Send a person's order to the door, once. No other method does."""
        person, reason = authorised.person, Reason.FAULT
        rules = self._rules(person.subject)
        order = order_for(rules, person.captured_at, self._authorization.passage)
        self._passing = (person.subject, rules, self._moment())
        released_ms: float | None = None
        try:
            self._asking()
            reason = self._controller.release(order, By.GRANT) or Reason.MATCHED
            now = self._moment().at
            if reason is Reason.MATCHED:
                released_ms = (now - max(person.at, person.captured_at)) * 1000
        finally:
            self._observe(decided(person, reason), released_ms)
        if reason is Reason.MATCHED:
            self._recorder.note(release_event(authorised, order.seconds))
            self._report(Released(now, authorised))
            return
        self._passing = None
        self._recorder.note(NotReleased(person.subject, reason))
        self._report(Answered(now, reason, person))

    # -- presence, schedule and rules ------------------------------------------------------------

    def entered(self) -> None:
        """Update presence: the person admitted last went through, as far as the door can detect."""
        if self._passing is not None:
            subject, rules, moment = self._passing
            self._passing = None
            site = self._authorization.site
            self._state.keep(after_passing(subject, rules, moment, site, self._state.presence))

    def forget_erased(self) -> None:
        """Drop presence and attempts of people who are no longer enrolled.

        Raises:
            StoreError: the people, or the state kept about them, cannot be read or stored.
        """
        presence = self._state.presence
        for subject in {*presence.inside, *presence.passed_at}:
            if not self._is_enrolled(subject):
                presence = reset(presence, subject)
        self._state.keep(presence)
        self._attempts.forget(self._is_enrolled)

    def tend(self) -> None:
        """Pass the schedule's current state to the door. Called periodically."""
        free = unlocks(self._authorization.site, self._state.presence, self._moment())
        self._controller.schedule(free=free)

    def _judged(self, person: Recognised) -> RuleVerdict:
        """The verdict of the rules; refuses everybody in a lockdown, and people not enrolled.

        A face that was captured before their enrolment was known is not theirs.
        """
        subject = person.subject
        if self._state.hold is Hold.LOCKED_DOWN:
            return RuleVerdict(Reason.LOCKED_DOWN)
        try:
            rules = self._people.rules_of(subject)
        except SubjectUnknown:
            return RuleVerdict(Reason.NOT_VALID)
        if not person.captured_at >= self._people.since(subject):
            return RuleVerdict(Reason.NOT_VALID)
        if self._people.out_of_date(subject):
            return RuleVerdict(Reason.OUT_OF_DATE)
        site, presence = self._authorization.site, self._state.presence
        return judge(subject, rules, self._moment(), site, presence)

    def _is_enrolled(self, subject: SubjectId) -> bool:
        try:
            self._people.rules_of(subject)
        except SubjectUnknown:
            return False
        return True

    def _rules(self, subject: SubjectId) -> PersonRules:
        try:
            return self._people.rules_of(subject)
        except SubjectUnknown:
            return PersonRules()
