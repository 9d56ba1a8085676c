"""How a person is enrolled, and how they get other references: step by step, wholly or not at all.

The steps are quality, identity, duplicate, references, metadata (R25, R31). Each is an entry of the
journal. Nothing is stored before the first three have passed; the last two are one transaction,
which also uses the invitation up. If what has to follow it fails, it is undone.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from enum import Enum

from kiosk.domain.access.factors import StepUp
from kiosk.domain.access.policy import GalleryRoom
from kiosk.domain.cloud.pictures import FacePicture
from kiosk.domain.enrolment.invitation import Invitation
from kiosk.domain.errors import LintelError, StoreError
from kiosk.domain.people.enrolment import (
    EnrolmentOutcome,
    IdentityVerdict,
    SampleRefusal,
    duplicate_of,
    refuse_all,
)
from kiosk.domain.vision.comparison import Gallery, mean_references
from kiosk.domain.vision.template import Reference, SubjectId
from kiosk.journal.events.enrolling import EnrolmentStepped, ReferencesReplaced, StepOutcome
from kiosk.journal.events.people import (
    Enrolled,
    EnrolmentBegun,
    EnrolmentRefused,
    Erased,
    RulesChanged,
)
from kiosk.people.elsewhere.asking import AskedElsewhere
from kiosk.people.elsewhere.port import Elsewhere, ElsewhereRequest, TakeViews
from kiosk.people.enrolment import Assess, Enrolment, EnrolmentTerms, Newcomer
from kiosk.people.rules import stepped_up
from kiosk.store.open_home import OpenHome
from kiosk.store.people.invitations import Invitations
from kiosk.store.written_down import written_down


class SagaStep(Enum):
    """The steps of an enrolment, in their order; the value is that in the journal."""

    QUALITY = "quality"
    IDENTITY = "identity"
    DUPLICATE = "duplicate"
    REFERENCES = "references"
    METADATA = "metadata"


class Enrolling:
    """Enrols and renews people in one open home; callers take turns.

    Args:
        open_home: holds people and journal.
        turn: held while people are compared and stored, so that nobody is enrolled twice.
        elsewhere: a service that is to know people too; None for none.
    """

    def __init__(
        self, open_home: OpenHome, turn: threading.Lock, elsewhere: Elsewhere | None = None
    ) -> None:
        self._elsewhere = AskedElsewhere(elsewhere)
        self._open_home = open_home
        self._references = open_home.references
        self._turn = turn

    def enrol(self, newcomer: Newcomer, terms: EnrolmentTerms, assess: Assess) -> Enrolment:
        """Enrol a person, unless every sample is refused; see `PeopleService.enrol`."""
        with self._turn:
            self._references.refuse_existing(newcomer.subject, newcomer.invitation)
            self._references.refuse_crowd(terms.most)
            known = mean_references(self._references.load(terms.space))
            compared = () if newcomer.different_person else known
            outcome = assess(Gallery.of(terms.space, compared))
            outcome, known_there = self._elsewhere.judged(
                outcome, newcomer.views, lambda it: _asked(newcomer, it), newcomer.consent
            )
            self._note_gates(newcomer.subject, outcome)
            if outcome.accepted:
                alike = _lookalike(newcomer, outcome, known, terms)
                self._keep(newcomer, outcome, terms.most, alike)
                self._elsewhere.kept(newcomer.subject, known=known_there)
            else:
                self._open_home.recorder.note(EnrolmentRefused(outcome.duplicate_of))
            room = GalleryRoom(len(self._references.subjects()), terms.most)
        return Enrolment(newcomer.subject, outcome, room)

    def renew(
        self,
        subject: SubjectId,
        terms: EnrolmentTerms,
        assess: Assess,
        *,
        adding: bool,
        views: TakeViews | None = None,
    ) -> Enrolment:
        """Give an enrolled person other references; see `PeopleService.renew`."""
        with self._turn:
            consent = self._references.show(subject).profile.consent
            everybody = self._references.load(terms.space)
            own = [each for each in everybody if each.subject == subject]
            others = mean_references(each for each in everybody if each.subject != subject)
            outcome = assess(Gallery.of(terms.space, others))
            outcome, known_there = self._elsewhere.judged(
                _theirs(outcome, own, terms, adding=adding),
                views,
                lambda it: ElsewhereRequest(subject, consent, it, adding=adding),
                consent,
            )
            self._note_gates(subject, outcome)
            if outcome.accepted:
                self._replace(subject, outcome, adding=adding)
                self._elsewhere.kept(subject, known=known_there)
            else:
                self._open_home.recorder.note(EnrolmentRefused(outcome.duplicate_of))
            room = GalleryRoom(len(self._references.subjects()), terms.most)
        return Enrolment(subject, outcome, room)

    # -- steps -----------------------------------------------------------------------------------

    def _note_gates(self, subject: SubjectId, outcome: EnrolmentOutcome) -> None:
        """Record the steps before anything is stored, up to the first that did not pass."""
        for step, passed in _gates(outcome):
            self._note(subject, step, passed)
            if passed is StepOutcome.FAILED:
                return

    def _note(self, subject: SubjectId, step: SagaStep, outcome: StepOutcome) -> None:
        self._open_home.recorder.note(EnrolmentStepped(subject, step.value, outcome))

    def _keep(
        self, newcomer: Newcomer, outcome: EnrolmentOutcome, most: int, alike: SubjectId | None
    ) -> None:
        """Store references and metadata; recorded in the journal before and after."""
        templates = [sample.template for sample in outcome.accepted]
        details = (
            newcomer.subject,
            len(templates),
            newcomer.consent.text_sha256,
            newcomer.different_person,
        )
        self._references.refuse_crowd(most)
        self._note(newcomer.subject, SagaStep.REFERENCES, StepOutcome.BEGUN)
        self._open_home.recorder.note(EnrolmentBegun(*details))
        before, invitation = self._step_up(alike), self._invitation(newcomer)
        try:
            self._references.enrol(
                newcomer.subject,
                templates,
                newcomer.consent,
                newcomer.given_name,
                most=most,
                rules=newcomer.rules,
                step_up=StepUp.NONE if alike is None else StepUp.LOOKALIKE,
                invitation=newcomer.invitation,
                picture=newcomer.picture,
            )
        except LintelError as error:
            self._set_step_up(alike, before)
            self._open_home.recorder.note(EnrolmentRefused(None, error.problem))
            raise
        try:
            self._note(newcomer.subject, SagaStep.METADATA, StepOutcome.PASSED)
            self._open_home.recorder.note(Enrolled(*details))
        except LintelError:
            self._undo(newcomer.subject, len(templates), invitation)
            self._set_step_up(alike, before)
            raise
        self._shred(newcomer.subject)

    def _replace(self, subject: SubjectId, outcome: EnrolmentOutcome, *, adding: bool) -> None:
        templates = [sample.template for sample in outcome.accepted]
        self._note(subject, SagaStep.REFERENCES, StepOutcome.BEGUN)
        event = ReferencesReplaced(subject, len(templates), adding)
        with written_down(self._open_home, event, subject):
            self._references.replace(subject, templates, adding=adding)
        self._shred(subject)

    def _step_up(self, alike: SubjectId | None) -> StepUp:
        """Ask the person who is resembled for a second factor from now on; as it was before."""
        if alike is None:
            return StepUp.NONE
        before = self._references.factors_of(alike).step_up
        event = RulesChanged(alike, ("step_up",))
        with written_down(self._open_home, event, alike):
            self._references.amend(alike, lambda it: stepped_up(it, StepUp.LOOKALIKE))
        return before

    def _set_step_up(self, alike: SubjectId | None, why: StepUp) -> None:
        """Undo `_step_up` after a failure, as far as that can be done."""
        if alike is not None:
            with suppress(LintelError):
                self._references.amend(alike, lambda it: stepped_up(it, why))

    def _invitation(self, newcomer: Newcomer) -> Invitation | None:
        if newcomer.invitation is None:
            return None
        return Invitations(self._references).find(newcomer.invitation)

    def _undo(self, subject: SubjectId, count: int, invitation: Invitation | None) -> None:
        """Take an enrolment back that could not be recorded; it may still fail to be.

        The log is emptied first: on a full disk that makes the room in which to erase. Their
        invitation counts again, unless its photograph is gone, with which they were compared.
        """
        self._shred(subject)
        with suppress(LintelError):
            self._references.erase(subject)
            if invitation is not None:
                Invitations(self._references).reopen(invitation)
        with suppress(LintelError):
            self._open_home.recorder.note(Erased(subject, count))

    def _shred(self, subject: SubjectId) -> None:
        """Overwrite what was removed; where somebody reads just now, the daily job does it."""
        with suppress(StoreError):
            self._references.shred(subject)


def _asked(newcomer: Newcomer, pictures: tuple[FacePicture, ...]) -> ElsewhereRequest:
    return ElsewhereRequest(
        newcomer.subject, newcomer.consent, pictures, newcomer.photo, newcomer.different_person
    )


def _gates(outcome: EnrolmentOutcome) -> Sequence[tuple[SagaStep, StepOutcome]]:
    """The outcome of each gate, in the order of the steps."""
    identity = {
        IdentityVerdict.NOT_ASKED: StepOutcome.NOT_ASKED,
        IdentityVerdict.FITS: StepOutcome.PASSED,
        IdentityVerdict.DIFFERS: StepOutcome.FAILED,
    }[outcome.identity]
    duplicate = outcome.duplicate_of is not None
    found = bool(outcome.accepted) or duplicate or identity is StepOutcome.FAILED
    return (
        (SagaStep.QUALITY, StepOutcome.PASSED if found else StepOutcome.FAILED),
        (SagaStep.IDENTITY, identity),
        (SagaStep.DUPLICATE, StepOutcome.FAILED if duplicate else StepOutcome.PASSED),
    )


def _lookalike(
    newcomer: Newcomer,
    outcome: EnrolmentOutcome,
    known: Sequence[Reference],
    terms: EnrolmentTerms,
) -> SubjectId | None:
    """Whom a newcomer resembles although somebody has seen that they are two people."""
    if not newcomer.different_person:
        return None
    everybody = Gallery.of(terms.space, known)
    return duplicate_of(outcome.accepted, everybody, terms.duplicate_threshold)


def _theirs(
    outcome: EnrolmentOutcome, own: Sequence[Reference], terms: EnrolmentTerms, *, adding: bool
) -> EnrolmentOutcome:
    """The outcome, if the new samples are of the person who is enrolled, and there is room."""
    means = mean_references(own)
    kept = outcome.accepted
    if means and kept:
        (mean,) = means
        scores = [float(mean.template.vector @ sample.template.vector) for sample in kept]
        strangers = [s for s, score in zip(kept, scores, strict=True) if score < terms.same_person]
        if strangers:
            refused = refuse_all(kept, SampleRefusal.ANOTHER_PERSON)
            return replace(outcome, accepted=(), refused=(*outcome.refused, *refused))
    room = max(0, terms.most_references - len(own)) if adding else terms.most_references
    spare = refuse_all(kept[room:], SampleRefusal.TOO_MANY)
    return replace(outcome, accepted=kept[:room], refused=(*outcome.refused, *spare))
