"""Does the work of the outbox, ends flows that were interrupted, and finds who has to leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from kiosk.cloud.flows.parts import FlowRefusal, FlowRequest, Notes
from kiosk.cloud.flows.service import CloudFlows
from kiosk.cloud.outbox.port import CloudWork, Outbox, QueuedWork, WorkKind, backoff
from kiosk.domain.cloud.faces import CloudId
from kiosk.domain.cloud.flows import CloudFlow, FlowReason, FlowStep
from kiosk.domain.cloud.pictures import FacePicture
from kiosk.domain.errors import LintelError
from kiosk.domain.vision.template import SubjectId
from kiosk.journal.events.cloud import CloudWorkFailed

MOST_ATTEMPTS = 10
NO_PICTURES = "Their pictures are gone: new ones have to be taken."
AT_ONCE = 5
NOTED_ATTEMPTS = frozenset({1, 5, 10, 20, 50})
"""The attempts whose failure is an entry of the journal; and each hundredth."""
MOST_MISSING, MISSING_SHARE = 20, 0.05
"""If more people than this, and a larger share of all, are missing here at once, then something
else has happened than that they left: nobody is deleted on that account."""


@dataclass(frozen=True, slots=True)
class CloudMember:
    """An enrolled person whose consent names the cloud.

    Attributes:
        subject: their id here.
        consent: the version of the notice, or the hash of its text.
    """

    subject: SubjectId
    consent: str


class CloudPeople(Protocol):
    """The enrolled people, as far as the flows need them."""

    def members(self) -> Mapping[CloudId, CloudMember]:
        """Everybody whose consent names the cloud.

        Raises:
            StoreError: they cannot be read.
        """
        ...

    def picture(self, subject: SubjectId) -> FacePicture | None:
        """The picture of a person that they agreed is kept; None for none."""
        ...

    def refused(self, subject: SubjectId, refusal: FlowRefusal) -> None:
        """A person who is enrolled was refused by the cloud, after they were told otherwise."""
        ...


class CloudWorker:
    """Does what is to be done; one in each process that changes people.

    Args:
        flows: the flows.
        people: the enrolled people.
        wait: how long to wait after so many attempts, seconds.
    """

    def __init__(
        self,
        flows: CloudFlows,
        people: CloudPeople,
        wait: Callable[[int], float] = backoff,
    ) -> None:
        self._flows, self._people, self._wait = flows, people, wait

    def run_once(self) -> int:
        """Do the work whose time has come; how much there was.

        Raises:
            StoreError, CloudUnavailable, CloudRefused: an outbox cannot be used.
        """
        count = 0
        for outbox in self._flows.outboxes.all():
            for queued in outbox.take(AT_ONCE):
                count += 1
                if queued.work is not None:
                    self._do(outbox, queued, queued.work)
        return count

    def sweep(self) -> int:
        """Have everybody deleted who has faces there, but is not enrolled with consent any more.

        Raises:
            StoreError, CloudUnavailable, CloudRefused: people or metadata cannot be read.
        """
        parts = self._flows.parts
        rows = [row for row in parts.metadata.everybody() if row.owner == parts.owner]
        # Whoever is registered is enrolled before: read afterwards, they are among the people.
        members = self._people.members()
        gone = {
            row.person
            for row in rows
            if row.person not in members
            and not (row.intent is not None and row.intent.flow is CloudFlow.REGISTRATION)
        }
        if len(gone) > MOST_MISSING and len(gone) > MISSING_SHARE * len(rows):
            return 0
        for person in gone:
            self._flows.forget(person)
        return len(gone)

    def _do(self, outbox: Outbox, queued: QueuedWork, work: CloudWork) -> None:
        try:
            if work.kind is WorkKind.WITHDRAW:
                self._flows.withdraw(work, shared=outbox is not self._flows.outboxes.own)
            elif not self._registered(work):
                self._give_up(outbox, queued, work, NO_PICTURES)
                return
        except LintelError as error:
            self._failed(outbox, queued, work, error)
            return
        outbox.done(queued)

    def _registered(self, work: CloudWork) -> bool:
        """Bring a person in, or find that they are refused; False if there are no pictures."""
        person = work.person
        member = self._people.members().get(person)
        notes = Notes(self._flows.parts, CloudFlow.REGISTRATION, person)
        if member is None:
            self._flows.shelf.drop(person)
            notes.incomplete(FlowStep.QUALITY, FlowReason.NO_CONSENT)
            return True
        request = self._flows.shelf.get(person) or self._kept(person, member)
        if request is None:
            notes.incomplete(FlowStep.QUALITY, FlowReason.NO_PICTURES)
            return False
        refusal = self._flows.bring(replace(request, since=work.at))
        self._flows.shelf.drop(person, request)
        if refusal is not None:
            self._people.refused(member.subject, refusal)
        return True

    def _kept(self, person: CloudId, member: CloudMember) -> FlowRequest | None:
        """A request by the picture that they agreed is kept, after the others are gone."""
        picture = self._people.picture(member.subject)
        return None if picture is None else FlowRequest(person, (picture,), member.consent)

    def _failed(
        self, outbox: Outbox, queued: QueuedWork, work: CloudWork, error: LintelError
    ) -> None:
        attempts = queued.attempts + 1
        if work.kind is not WorkKind.WITHDRAW and attempts >= MOST_ATTEMPTS:
            self._give_up(outbox, queued, work, error.problem)
            return
        outbox.later(queued, error.problem, self._wait(attempts))
        if attempts in NOTED_ATTEMPTS or attempts % 100 == 0:
            self._flows.parts.note(
                CloudWorkFailed(work.kind.value, work.person, attempts, error.problem)
            )

    def _give_up(
        self,
        outbox: Outbox,
        queued: QueuedWork,
        work: CloudWork,
        problem: str,
    ) -> None:
        outbox.bury(queued, problem)
        event = CloudWorkFailed(
            work.kind.value, work.person, queued.attempts + 1, problem, given_up=True
        )
        self._flows.parts.note(event)
