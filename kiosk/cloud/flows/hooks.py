"""What the people service hears of the cloud, and the cloud of the people service."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from datetime import datetime

from kiosk.cloud.flows.parts import FlowRefusal, FlowRequest
from kiosk.cloud.flows.service import CloudFlows
from kiosk.cloud.ids import CloudIds
from kiosk.domain.cloud.faces import CloudId
from kiosk.domain.cloud.flows import FlowStep
from kiosk.domain.cloud.pictures import FacePicture
from kiosk.domain.errors import LintelError, StoreError, SubjectUnknown
from kiosk.domain.people.consent import Consent
from kiosk.domain.vision.template import SubjectId
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.people import Erased
from kiosk.people.elsewhere.port import ElsewhereAnswer, ElsewhereRequest, ElsewhereVerdict
from kiosk.store.people.references import References

JUDGE_SECONDS = 3.0
"""The most that an enrolment waits for the cloud's word."""
HASH_DIGITS = 16
_OF_STEP = {
    FlowStep.QUALITY: ElsewhereVerdict.POOR_VIEW,
    FlowStep.IDENTITY: ElsewhereVerdict.DIFFERS,
    FlowStep.DUPLICATE: ElsewhereVerdict.DUPLICATE,
}


class CloudRegistrar:
    """Asks the cloud about newcomers, and has them registered; see `Elsewhere`.

    Args:
        flows: the flows.
        ids: makes people's ids in the cloud.
        crop: cuts the one face out of a photograph's file; None where there is not one.
        wake: has the work done soon.
        seconds: the most that a judgement takes.
    """

    def __init__(
        self,
        flows: CloudFlows,
        ids: CloudIds,
        crop: Callable[[bytes], FacePicture | None],
        wake: Callable[[], None],
        seconds: float = JUDGE_SECONDS,
    ) -> None:
        self._flows, self._ids, self._crop, self._wake = flows, ids, crop, wake
        self._seconds = seconds
        self._judged: dict[SubjectId, FlowRequest] = {}
        self._thread = ThreadPoolExecutor(max_workers=2, thread_name_prefix="cloud-gates")

    def close(self) -> None:
        """Wait for nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def judge(self, request: ElsewhereRequest) -> ElsewhereAnswer:
        """What the cloud says of a person, within a few seconds."""
        photo = None if request.photo is None else self._crop(request.photo)
        if request.photo is not None and photo is None:
            return ElsewhereAnswer(ElsewhereVerdict.DIFFERS)
        asked = FlowRequest(
            self._ids.of(request.subject),
            request.pictures,
            consent_label(request.consent),
            photo,
            different_person=request.different_person,
            adding=request.adding,
        )
        self._judged[request.subject] = asked
        try:
            judged = self._thread.submit(self._flows.judged, asked, seconds=self._seconds).result(
                self._seconds
            )
        except (LintelError, LateError):
            return ElsewhereAnswer(ElsewhereVerdict.LATER)
        if isinstance(judged, FlowRefusal):
            del self._judged[request.subject]
            return self._refused(judged)
        self._judged[request.subject] = judged
        return ElsewhereAnswer(ElsewhereVerdict.FITS)

    def kept(self, subject: SubjectId) -> None:
        """Have the person registered whom `judge` was asked about."""
        request = self._judged.pop(subject, None)
        if request is None:
            return
        try:
            self._flows.want(request)
        except LintelError:  # the pictures are on the shelf, where the sweep finds them
            return
        self._wake()

    def _refused(self, refusal: FlowRefusal) -> ElsewhereAnswer:
        others = [self._subject(person) for person in refusal.duplicates]
        return ElsewhereAnswer(_OF_STEP[refusal.step], others[0] if others else None)

    def _subject(self, person: CloudId) -> SubjectId:
        return self._flows.parts.subject_of(person) or SubjectId(person)


class ErasureListener:
    """Has everybody deleted in the cloud who is erased here; a listener of the journal.

    Whoever moves in the fleet stays there: the kiosks of the other scope have them.

    Args:
        flows: the flows.
        ids: makes people's ids in the cloud.
        references: the people, from whom the erased one is not gone yet.
        wake: has the work done soon.

    Attributes:
        heard: the erasures that it has heard of: who, and when.
    """

    def __init__(
        self,
        flows: CloudFlows,
        ids: CloudIds,
        references: References,
        wake: Callable[[], None],
    ) -> None:
        self._flows, self._ids, self._references, self._wake = flows, ids, references, wake
        self.heard: set[tuple[str, datetime]] = set()

    def hear(self, event: JournalEvent, at: datetime) -> None:
        """Hear of an event."""
        if not isinstance(event, Erased) or event.moved:
            return
        if self._may_be_there(SubjectId(event.subject)):
            self._flows.forget(self._ids.of(SubjectId(event.subject)))
            self._wake()
        self.heard.add((event.subject, at))

    def _may_be_there(self, subject: SubjectId) -> bool:
        """False only for somebody whose consent never named the cloud."""
        try:
            return self._references.show(subject).profile.consent.cloud
        except (StoreError, SubjectUnknown):
            return True


def consent_label(consent: Consent) -> str:
    """The version of a consent, or the beginning of its text's hash."""
    return consent.version or consent.text_sha256[:HASH_DIGITS]
