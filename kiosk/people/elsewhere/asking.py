"""Asks the service elsewhere about what an enrolment has accepted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.cloud.pictures import FacePicture
from kiosk.domain.people.consent import Consent
from kiosk.domain.people.enrolment import (
    EnrolmentOutcome,
    IdentityVerdict,
    SampleRefusal,
    refuse_all,
)
from kiosk.domain.vision.template import SubjectId
from kiosk.people.elsewhere.port import (
    Elsewhere,
    ElsewhereRequest,
    ElsewhereVerdict,
    TakeViews,
)


class AskedElsewhere:
    """Asks a service about what an enrolment has accepted, if there is one and they agreed to it.

    Args:
        elsewhere: the service; None for none.
    """

    def __init__(self, elsewhere: Elsewhere | None) -> None:
        self._elsewhere = elsewhere

    def judged(
        self,
        outcome: EnrolmentOutcome,
        views: TakeViews | None,
        made: Callable[[tuple[FacePicture, ...]], ElsewhereRequest],
        consent: Consent,
    ) -> tuple[EnrolmentOutcome, bool]:
        """The outcome with the service's word in it, and whether it is to know them.

        What was refused here is never sent.
        """
        if self._elsewhere is None or views is None or not consent.cloud or not outcome.accepted:
            return outcome, False
        pictures = tuple(views(outcome.accepted))
        if not pictures:
            return outcome, False
        answer = self._elsewhere.judge(made(pictures))
        match answer.verdict:
            case ElsewhereVerdict.FITS | ElsewhereVerdict.LATER:
                return outcome, True
            case ElsewhereVerdict.POOR_VIEW:
                return _refused(outcome, SampleRefusal.POOR_FOR_CLOUD), False
            case ElsewhereVerdict.DIFFERS:
                refused = _refused(outcome, SampleRefusal.ANOTHER_PERSON)
                return replace(refused, identity=IdentityVerdict.DIFFERS), False
            case ElsewhereVerdict.DUPLICATE:
                refused = _refused(outcome, SampleRefusal.ALREADY_ENROLLED)
                return replace(refused, duplicate_of=answer.duplicate_of), False

    def kept(self, subject: SubjectId, *, known: bool) -> None:
        """Their references are kept here; the service learns of them if it is to know them."""
        if self._elsewhere is not None and known:
            self._elsewhere.kept(subject)


def _refused(outcome: EnrolmentOutcome, reason: SampleRefusal) -> EnrolmentOutcome:
    refused = refuse_all(outcome.accepted, reason)
    return replace(outcome, accepted=(), refused=(*outcome.refused, *refused))
