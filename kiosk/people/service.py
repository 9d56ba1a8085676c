"""The people service: every change of what is kept about people, with the journal inside.

A change is recorded first and made afterwards; one that fails is recorded as failed. The command
line, a page of the kiosk, a fleet and a console only call it.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.domain.access.factors import SALT_BYTES, Factor, Factors, StepUp, no_badge, no_pin
from kiosk.domain.errors import BadInput, StoreError
from kiosk.domain.vision.template import SubjectId
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.people import (
    BadgeIssued,
    BadgeRevoked,
    Erased,
    ErasureFailed,
    PinRemoved,
    PinSet,
    RulesChanged,
)
from kiosk.people.badge_picture import DrawnBadge
from kiosk.people.elsewhere.port import Elsewhere, TakeViews
from kiosk.people.enrolling import Enrolling
from kiosk.people.enrolment import Assess, Enrolment, EnrolmentTerms, Newcomer
from kiosk.people.rules import (
    RuleChanges,
    changed_profile,
    differences,
    refuse_anothers,
    stepped_up,
)
from kiosk.store.open_home import OpenHome
from kiosk.store.people.badges import Badges
from kiosk.store.people.members import Members
from kiosk.store.people.person import EnrolledPerson, Profile
from kiosk.store.secrets.keys import FileKey
from kiosk.store.written_down import written_down


@dataclass(frozen=True, slots=True)
class Erasure:
    """The receipt of an erasure.

    Attributes:
        subject: whose id it was.
        references: the number of references erased.
        at: when, UTC.
    """

    subject: SubjectId
    references: int
    at: datetime


class PeopleService:
    """Enrols, amends and erases people. Any thread may call it; callers take turns.

    One for each open home. Where the journal cannot be written, each change raises
    JournalUnwritable and is not made; where the database cannot be, StoreError, and nothing is
    changed. Whether the caller may do so is the caller's own affair.

    Args:
        open_home: holds people and journal.
        elsewhere: a service that is to know people too; None for none.

    Raises:
        StoreKeyError: there is no usable key.
    """

    def __init__(self, open_home: OpenHome, elsewhere: Elsewhere | None = None) -> None:
        self._open_home = open_home
        self._references = open_home.references
        self._badges = Badges(open_home.references, FileKey(open_home.home))
        self._turn = threading.Lock()
        self._enrolling = Enrolling(open_home, self._turn, elsewhere)
        self._members = Members(open_home.references)

    # -- reading ---------------------------------------------------------------------------------

    def people(self) -> Sequence[EnrolledPerson]:
        """All enrolled people, by id.

        Raises:
            StoreError: a record was changed or moved, or cannot be read now.
        """
        return self._references.people()

    def person(self, subject: SubjectId) -> EnrolledPerson:
        """One enrolled person.

        Raises:
            SubjectUnknown: nobody with that id is enrolled.
            StoreError: the record was changed or moved, or cannot be read now.
        """
        return self._references.show(subject)

    # -- coming and going ------------------------------------------------------------------------

    def enrol(self, newcomer: Newcomer, terms: EnrolmentTerms, assess: Assess) -> Enrolment:
        """Enrol a person, unless every sample is refused.

        Args:
            newcomer: who they are.
            terms: what models and settings allow.
            assess: selects their references; called once it is clear that there is room for them.
                Other callers wait meanwhile, so that two of them cannot enrol one person twice.

        Raises:
            SubjectExists: a subject with this id is enrolled already.
            GalleryFull: there is no room for them.
            SpaceMismatch: the people who are enrolled were enrolled with other models.
        """
        return self._enrolling.enrol(newcomer, terms, assess)

    def renew(
        self,
        subject: SubjectId,
        terms: EnrolmentTerms,
        assess: Assess,
        *,
        adding: bool = False,
        views: TakeViews | None = None,
    ) -> Enrolment:
        """Give an enrolled person other references, or more; rules, PIN and badge stay (R34).

        Args:
            subject: their id.
            terms: what models and settings allow.
            assess: selects the new references, given everybody else who is enrolled.
            adding: True to keep those that they have.
            views: as `Newcomer.views`.

        Returns:
            What came of it; with no new reference, everything is as before.

        Raises:
            SubjectUnknown: nobody with that id is enrolled; nothing was prepared.
            BadInput: the fleet manages them.
            SpaceMismatch: the people who are enrolled were enrolled with other models.
        """
        self._refuse_member(subject)
        return self._enrolling.renew(subject, terms, assess, adding=adding, views=views)

    def erase(self, subject: SubjectId) -> Erasure:
        """Erase a person permanently: key, references, name and consent.

        Works for a person with damaged records too.

        Raises:
            SubjectUnknown: nobody with that id is enrolled.
            StoreError: it could not be carried out, or traces remain in the log for now.
        """
        with self._turn:
            count = self._references.count(subject)
            self._open_home.recorder.note(Erased(subject, count))
            try:
                gone = self._references.erase(subject)
            except StoreError as error:
                self._open_home.recorder.note(ErasureFailed(subject, error.problem))
                raise
        return Erasure(subject, gone, self._open_home.utc())

    # -- rules and factors -----------------------------------------------------------------------

    def allow(
        self,
        subject: SubjectId,
        rules: RuleChanges,
        factor: Factor | None = None,
        *,
        reviewed: bool = False,
    ) -> EnrolledPerson:
        """Set what a person may do and has to present. What changes nothing is not recorded.

        Args:
            subject: their id.
            rules: the rules to replace.
            factor: the factor required from now on; None to leave it.
            reviewed: True if somebody has looked whom they resemble, or what was reported, so that
                they are not asked for a factor on that account any more.

        Returns:
            The person as they are afterwards.

        Raises:
            SubjectUnknown: nobody with that id is enrolled.
            BadInput: a rule is not valid, the card number is another person's, they do not have
                that factor, or the fleet manages them.
        """
        self._refuse_member(subject)

        def change(profile: Profile) -> Profile:
            changed = changed_profile(profile, rules, factor, subject)
            return stepped_up(changed, StepUp.NONE) if reviewed else changed

        with self._turn:
            before = self._references.show(subject).profile
            self._refuse_anothers(subject, rules)
            changed = differences(before, change(before))
            if changed:
                event = RulesChanged(subject, changed)
                with written_down(self._open_home, event, subject):
                    self._references.amend(subject, change)
            return self._references.show(subject)

    def step_up(self, subject: SubjectId, why: StepUp) -> None:
        """Ask a person for a second factor until somebody has looked; who is asked already stays.

        Raises:
            SubjectUnknown: nobody with that id is enrolled.
        """
        with self._turn:
            if self._references.factors_of(subject).step_up is not StepUp.NONE:
                return
            with written_down(self._open_home, RulesChanged(subject, ("step_up",)), subject):
                self._references.amend(subject, lambda profile: stepped_up(profile, why))

    def check_pin_owner(self, subject: SubjectId, *, duress: bool = False) -> None:
        """Check that a person may have a PIN, or a duress PIN, before anybody types one.

        Raises:
            SubjectUnknown: nobody with that id is enrolled.
            BadInput: a duress PIN needs a PIN, and they have none; or the fleet manages them.
        """
        self._refuse_member(subject)
        if self._references.factors_of(subject).pin is None and duress:
            raise no_pin(subject)

    def set_pin(self, subject: SubjectId, text: str, *, duress: bool = False) -> Factors:
        """Set a person's PIN, or their duress PIN; returns their factors.

        Raises:
            SubjectUnknown: nobody with that id is enrolled.
            BadInput: it is not a PIN, is easy to guess, or is the other PIN; or a duress PIN needs
                a PIN.
        """
        salt = secrets.token_bytes(SALT_BYTES)

        def change(factors: Factors) -> Factors:
            if duress:
                return factors.with_duress(text, salt, subject)
            return factors.with_pin(text, salt)

        return self._change(subject, change, PinSet(subject, duress))

    def remove_pin(self, subject: SubjectId, *, duress: bool = False) -> Factors:
        """Take a person's PIN and duress PIN away, or the duress PIN only; returns their factors.

        Raises:
            SubjectUnknown: nobody with that id is enrolled.
            BadInput: they have no PIN, or need it at the door.
        """

        def change(factors: Factors) -> Factors:
            if not duress:
                return factors.without_pin(subject)
            if factors.pin is None:
                raise no_pin(subject)
            return replace(factors, duress=None)

        return self._change(subject, change, PinRemoved(subject, duress))

    # -- badges ----------------------------------------------------------------------------------

    def draw_badge(self, subject: SubjectId) -> DrawnBadge:
        """A new badge of a person; not valid until `issue_badge`, so that it can be made first.

        Raises:
            SubjectUnknown: nobody with that id is enrolled.
            BadInput: the fleet manages them.
        """
        self._refuse_member(subject)
        self._references.factors_of(subject)
        return DrawnBadge(subject, *self._badges.draw(subject))

    def issue_badge(self, drawn: DrawnBadge) -> Factors:
        """Make a drawn badge the one valid badge of its owner; returns their factors.

        Raises:
            SubjectUnknown: they are not enrolled any more.
        """
        with self._turn:
            with written_down(self._open_home, BadgeIssued(drawn.subject), drawn.subject):
                self._badges.issue(drawn.subject, drawn.serial)
            return self._references.factors_of(drawn.subject)

    def revoke_badge(self, subject: SubjectId) -> None:
        """End a person's valid badge. The factors required of them do not change.

        Raises:
            SubjectUnknown: nobody with that id is enrolled.
            BadInput: they have none.
        """
        with self._turn:
            if self._references.factors_of(subject).badge is None:
                raise no_badge(subject)
            with written_down(self._open_home, BadgeRevoked(subject), subject):
                self._badges.revoke(subject)

    # -- internals -------------------------------------------------------------------------------

    def _refuse_member(self, subject: SubjectId) -> None:
        """Raises BadInput: what is changed here would be gone with the fleet's next word on them.

        Erasing them, or asking them for more, is possible all the same.
        """
        scope = self._members.scope_of(subject)
        if scope is not None:
            raise BadInput(
                f"{subject} belongs to the scope {scope} of this kiosk's fleet.",
                "Change them there: a kiosk of the fleet only takes over what admins have signed.",
            )

    def _refuse_anothers(self, subject: SubjectId, rules: RuleChanges) -> None:
        credential = rules.get("credential")
        if credential is not None:
            refuse_anothers(subject, credential, self._references.people())

    def _change(
        self,
        subject: SubjectId,
        change: Callable[[Factors], Factors],
        event: JournalEvent,
    ) -> Factors:
        """Try the change first, so that a refusal is not recorded; then record it; then do it."""
        self._refuse_member(subject)

        def amended(profile: Profile) -> Profile:
            return replace(profile, factors=change(profile.factors))

        with self._turn:
            change(self._references.factors_of(subject))
            with written_down(self._open_home, event, subject):
                return self._references.amend(subject, amended).factors
