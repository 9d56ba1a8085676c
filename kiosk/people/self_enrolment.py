"""Carries out what an enrolment session at the kiosk asks for, in order, and answers with events.

Nothing is decided here about what a person sees. Who may enrol is judged by the invitations, and
who comes in by the people service; each records its own steps. Owned by one thread, the effects
loop's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from kiosk.domain.enrolment.answers import AgreedTo
from kiosk.domain.enrolment.effects import (
    CheckBadge,
    Enrol,
    EnrolmentCandidate,
    EnrolmentEffect,
    JudgeInvitation,
    LookUp,
    NoteStep,
    Renew,
    Report,
    Withdraw,
)
from kiosk.domain.enrolment.events import (
    BadgeJudged,
    DataFound,
    EnrolmentEvent,
    Finished,
    Judged,
    Withdrawn,
)
from kiosk.domain.enrolment.invitation import Invitation, InvitationRefusal
from kiosk.domain.enrolment.steps import EndReason
from kiosk.domain.errors import (
    BadInput,
    GalleryFull,
    JournalUnwritable,
    LintelError,
    StoreError,
    SubjectExists,
    SubjectUnknown,
)
from kiosk.domain.people.consent import Consent
from kiosk.domain.people.enrolment import (
    EnrolmentOutcome,
    IdentityVerdict,
    Sample,
    assess,
)
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.comparison import Gallery, mean_references
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.run import mean_template
from kiosk.domain.vision.template import Reference, SubjectId, Template
from kiosk.journal.events.enrolling import (
    BadgePresented,
    EnrolmentSessionNoted,
    FewerDirectionsTaken,
)
from kiosk.people.beginning.best_views import best_views, views_of
from kiosk.people.beginning.invitees import Invitees
from kiosk.people.elsewhere.port import Elsewhere
from kiosk.people.enrolment import Enrolment, Newcomer
from kiosk.people.invitations import InvitationService
from kiosk.people.my_data import facts_of
from kiosk.people.receipts import withdraw
from kiosk.people.self_enrolment_rules import (
    FleetTies,
    SelfEnrolmentListeners,
    SelfEnrolmentRules,
)
from kiosk.people.service import PeopleService
from kiosk.store.open_home import OpenHome


class SelfEnrolment:
    """Carries out the effects of enrolment sessions.

    Args:
        open_home: holds people and journal.
        rules: what models and settings say.
        read_photo: returns the template of the one face in a photograph, as a file's content; None
            where there is none that could be compared.
        now: the monotonic clock.
        listeners: the callbacks.
        fleet: what ties this kiosk's people to a fleet; None for none.
        elsewhere: a service that is to know people too; None for none.
    """

    def __init__(
        self,
        open_home: OpenHome,
        rules: SelfEnrolmentRules,
        read_photo: Callable[[bytes], Template | None],
        now: Callable[[], Instant],
        listeners: SelfEnrolmentListeners,
        fleet: FleetTies | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._open_home, self._fleet = open_home, fleet
        self._people = PeopleService(open_home, elsewhere)
        others = None if fleet is None else fleet.invitations
        self._invitations = InvitationService(open_home, others)
        self._invitees = Invitees(
            self._people,
            self._invitations,
            asks_document=rules.asks_document,
            signed_answers=rules.signed_answers,
        )
        self._rules = rules
        self._read_photo = read_photo
        self._now = now
        self._listeners = listeners
        self._used: Invitation | None = None

    def carry_out(self, effects: Sequence[EnrolmentEffect]) -> None:
        """Carry out effects in order.

        Raises:
            JournalUnwritable, StoreError: one of them failed; it was answered, and undone.
        """
        for effect in effects:
            match effect:
                case JudgeInvitation():
                    self._judge(effect)
                case CheckBadge():
                    self._check_badge(effect)
                case NoteStep():
                    self._note(effect)
                case Enrol(candidate=candidate):
                    self._finish(candidate, self._enrol)
                case Renew(candidate=candidate):
                    self._finish(candidate, self._renew)
                case LookUp():
                    self._look_up(effect)
                case Withdraw():
                    self._withdraw(effect)
                case Report(feedback=feedback, at=at):
                    self._listeners.feedback(feedback, at)

    # -- who may enrol ---------------------------------------------------------------------------

    def _judge(self, effect: JudgeInvitation) -> None:
        found = self._invitations.present(effect.text)
        if isinstance(found, Invitation):
            invitee = self._invitees.of(found.subject, found)
            self._answer(Judged(self._now(), invitee, text=effect.text))
            return
        refusal = InvitationRefusal.WAIT if found is None else found
        self._answer(Judged(self._now(), refusal=refusal, text=effect.text))

    def _check_badge(self, effect: CheckBadge) -> None:
        held, invitee = self._listeners.check_badge(effect.badge, effect.pin), None
        if held.subject is not None:
            invitee = self._invitees.of(held.subject, None)
            self._open_home.recorder.note(BadgePresented(held.subject))
        self._answer(BadgeJudged(self._now(), effect.at, invitee, held.paused))

    # -- coming in -------------------------------------------------------------------------------

    def _note(self, effect: NoteStep) -> None:
        event = EnrolmentSessionNoted(effect.step, effect.subject, effect.reason)
        self._open_home.recorder.note(event)
        self._listeners.observe(effect)

    def _finish(
        self, candidate: EnrolmentCandidate, work: Callable[[EnrolmentCandidate], Enrolment]
    ) -> None:
        """Enrol or renew, and say what came of it; a failure of a part is a fault as well."""
        subject = candidate.invitee.subject
        try:
            self._note_fewer(candidate)
            enrolment = work(candidate)
        except LintelError as error:
            self._answer(Finished(self._now(), subject, _failure(error)))
            if isinstance(error, (JournalUnwritable, StoreError)):
                raise
            return
        outcome = enrolment.outcome
        compared = outcome.identity is IdentityVerdict.FITS
        self._answer(Finished(self._now(), subject, _refusal(outcome), compared))

    def _note_fewer(self, candidate: EnrolmentCandidate) -> None:
        """Record that an admin let them do with fewer directions, and how many those are."""
        if candidate.poses_reason is not None:
            directions = len({sample.direction for sample in candidate.samples})
            subject, reason = candidate.invitee.subject, candidate.poses_reason
            self._open_home.recorder.note(FewerDirectionsTaken(subject, directions, reason))

    def _invitation(self, candidate: EnrolmentCandidate) -> Invitation | None:
        ident = candidate.invitee.invitation
        return None if ident is None else self._invitations.get(ident)

    def _enrol(self, candidate: EnrolmentCandidate) -> Enrolment:
        self._used = invitation = self._invitation(candidate)
        newcomer = Newcomer(
            candidate.invitee.subject,
            self._consent(candidate.agreed),
            None if invitation is None else invitation.given_name,
            rules=_rules(invitation),
            invitation=candidate.invitee.invitation,
            picture=self._picture(candidate),
            views=views_of(candidate.samples, self._rules.encode),
            photo=None if invitation is None else self._photo(invitation),
        )
        terms = self._rules.terms
        return self._people.enrol(newcomer, terms, lambda g: self._assessed(candidate, g))

    def _picture(self, candidate: EnrolmentCandidate) -> bytes | None:
        """The first picture that may be kept, as a file's content; None without their consent."""
        if candidate.agreed is None or not candidate.agreed.picture:
            return None
        taken = [sample.picture for sample in candidate.samples if sample.picture is not None]
        return self._rules.encode(taken[0]) if taken else None

    def _renew(self, candidate: EnrolmentCandidate) -> Enrolment:
        subject, terms = candidate.invitee.subject, self._rules.terms
        views = views_of(candidate.samples, self._rules.encode)
        return self._people.renew(
            subject, terms, lambda g: self._assessed(candidate, g), views=views
        )

    def _photo(self, invitation: Invitation) -> bytes | None:
        return self._invitations.photo(invitation) if invitation.has_photo else None

    def _assessed(self, candidate: EnrolmentCandidate, gallery: Gallery) -> EnrolmentOutcome:
        policy = self._rules.policy(len(gallery))
        views = best_views(candidate.samples, policy.max_references)
        samples = [
            Sample(it.direction.value, it.quality, it.pad, it.template, it.surroundings)
            for it in views
        ]
        return assess(samples, gallery, policy, lambda kept: self._identity(candidate, kept))

    def _identity(self, candidate: EnrolmentCandidate, kept: Sequence[Sample]) -> IdentityVerdict:
        """Whether these are views of the person in every trusted picture that there is."""
        if candidate.agreed is None:
            return IdentityVerdict.NOT_ASKED
        fits: list[bool] = []
        mean = mean_template([sample.template for sample in kept])
        invitation = self._invitation(candidate)
        if invitation is not None and invitation.has_photo:
            photo = self._invitations.photo(invitation)
            picture = None if photo is None else self._read_photo(photo)
            fits.append(_alike(mean, picture, self._rules.identity_threshold))
        elif self._rules.asks_reference:
            fits.append(False)
        if candidate.document is not None:
            portrait = candidate.document.portrait
            fits.append(_alike(mean, portrait, self._rules.document_threshold))
        elif candidate.invitee.asks_document:
            fits.append(False)
        if not fits:
            return IdentityVerdict.NOT_ASKED
        return IdentityVerdict.FITS if all(fits) else IdentityVerdict.DIFFERS

    def _consent(self, agreed: AgreedTo | None) -> Consent:
        """The consent as it is stored; nobody is enrolled without one.

        Where there are no words in the language of a session, those of the settings were shown.
        """
        if agreed is None:
            raise BadInput("Nobody is enrolled without their consent.", "Ask for it.")
        language = agreed.language if agreed.language in self._rules.languages else None
        text, version = self._rules.notice(language)
        return Consent(
            text,
            self._utc_of(agreed.given.at),
            version=version,
            language=language,
            act=agreed.given.act.value,
            picture=agreed.picture,
            cloud=agreed.cloud,
        )

    def _utc_of(self, at: Instant) -> datetime:
        ago = max(0.0, self._now() - at)
        return self._open_home.utc() - timedelta(seconds=ago)

    # -- my data ---------------------------------------------------------------------------------

    def _look_up(self, effect: LookUp) -> None:
        subject = effect.invitee.subject
        facts = None
        with suppress(SubjectUnknown):  # somebody may forget them in this moment
            if self._is_theirs(subject, effect.templates):
                facts = facts_of(self._people.person(subject))
        self._answer(DataFound(self._now(), subject, facts))

    def _is_theirs(self, subject: SubjectId, templates: Sequence[Template]) -> bool:
        """True if the door would know this face, and for this person."""
        everybody: Sequence[Reference] = self._open_home.references.load(self._rules.terms.space)
        gallery = Gallery.of(self._rules.terms.space, mean_references(everybody))
        if not templates or not len(gallery):
            return False
        best = gallery.identify(mean_template(list(templates))).best
        threshold = self._rules.door_threshold(len(gallery))
        return best is not None and best.subject == subject and best.score >= threshold

    def _withdraw(self, effect: Withdraw) -> None:
        try:
            tell = None if self._fleet is None else self._fleet.withdrawn
            receipt = withdraw(self._open_home, self._people, effect.subject, tell)
            if effect.undoes and self._used is not None:
                self._invitations.reopen(self._used)
        except SubjectUnknown:
            failure = None if effect.undoes else EndReason.FAULT
            self._answer(Withdrawn(self._now(), effect.subject, failure=failure))
        except LintelError:
            self._answer(Withdrawn(self._now(), effect.subject, failure=EndReason.FAULT))
            raise
        else:
            number = None if effect.undoes else receipt.number
            self._answer(Withdrawn(self._now(), effect.subject, number))

    def _answer(self, event: EnrolmentEvent) -> None:
        self._listeners.answer(event)


def _alike(mean: Template, picture: Template | None, threshold: float) -> bool:
    return picture is not None and float(mean.vector @ picture.vector) >= threshold


def _rules(invitation: Invitation | None) -> PersonRules | None:
    if invitation is None:
        return None
    return PersonRules(groups=invitation.groups, valid_until=invitation.valid_until)


def _failure(error: LintelError) -> EndReason:
    match error:
        case GalleryFull():
            return EndReason.NO_ROOM
        case SubjectExists():
            return EndReason.DUPLICATE
        case _:
            return EndReason.FAULT


def _refusal(outcome: EnrolmentOutcome) -> EndReason | None:
    """Why nobody was enrolled; None if somebody was."""
    if outcome.accepted:
        return None
    if outcome.identity is IdentityVerdict.DIFFERS:
        return EndReason.IDENTITY
    return EndReason.POOR_VIEW if outcome.duplicate_of is None else EndReason.DUPLICATE
