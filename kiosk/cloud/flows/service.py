"""The flows as a whole: who is asked for is registered, updated or withdrawn, and resumed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.cloud.flows.gates import FlowGates
from kiosk.cloud.flows.parts import FlowParts, FlowRefusal, FlowRequest, Notes
from kiosk.cloud.flows.places import FlowPlaces
from kiosk.cloud.flows.registration import Registering
from kiosk.cloud.flows.shelf import PictureShelf
from kiosk.cloud.flows.withdrawal import CloudWithdrawing
from kiosk.cloud.outbox.port import CloudWork, Outbox, WorkKind
from kiosk.domain.cloud.faces import CloudId
from kiosk.domain.cloud.flows import CloudFlow, FacesState, FlowReason, FlowStep, PersonFaces
from kiosk.domain.cloud.shards import ShardedCollections
from kiosk.domain.errors import CloudRefused, CloudUnavailable, LintelError

GATE_SECONDS = 60.0
"""The most that the gates take where nobody waits for them."""
OWN_STALE_SECONDS = 150.0
"""A flow of this kiosk that has not moved for so long was interrupted; no step takes as long."""
OTHERS_STALE_SECONDS = 3600.0
"""The same for a flow of another kiosk, which may come back to it."""
SKEW_SECONDS = 60.0
"""How far the clocks of two kiosks may differ; within it whoever left is deleted."""


@dataclass(frozen=True, slots=True)
class Outboxes:
    """Where work is put.

    Attributes:
        own: of this kiosk, for what needs pictures.
        shared: for what any kiosk of the site can do; the same where there is one only.
    """

    own: Outbox
    shared: Outbox

    def all(self) -> tuple[Outbox, ...]:
        """Each of them once."""
        return (self.own,) if self.own is self.shared else (self.own, self.shared)


class CloudFlows:
    """The flows of one kiosk.

    Args:
        parts: what they work with.
        places: says which collections are in force.
        gates: the steps before anything is kept.
        outboxes: where work is put.
        shelf: the pictures that there are.
    """

    def __init__(
        self,
        parts: FlowParts,
        places: FlowPlaces,
        gates: FlowGates,
        outboxes: Outboxes,
        shelf: PictureShelf,
    ) -> None:
        self.parts, self.outboxes, self.shelf = parts, outboxes, shelf
        self._places, self._gates = places, gates
        self._registering = Registering(parts)
        self._withdrawing = CloudWithdrawing(parts, places.prefix)

    def judged(self, request: FlowRequest, *, seconds: float) -> FlowRequest | FlowRefusal:
        """The request with the pictures that passed the gates, or why it failed.

        Raises:
            CloudUnavailable, CloudRefused, StoreError: it could not be found out.
        """
        return self._judged(request, self._places.recent(seconds=seconds), seconds)

    def bring(self, request: FlowRequest) -> FlowRefusal | None:
        """Register a person, or give them other faces.

        Returns:
            Why it failed, and what was before is as it was; None if it is done.

        Raises:
            CloudUnavailable, CloudRefused, StoreError: it could not be done now, or in collections
                only that are in force no longer.
        """
        place = self._places.now(seconds=GATE_SECONDS)
        judged = request if request.passed else self._judged(request, place, GATE_SECONDS)
        refusal = judged if isinstance(judged, FlowRefusal) else self._bring(judged, place)
        if refusal is None:
            self._places.refuse_other_than(place)
        return refusal

    def withdraw(self, work: CloudWork, *, shared: bool) -> int:
        """Delete a person everywhere, unless they were registered anew since it was put in.

        Args:
            work: what was put in.
            shared: True if it was not in the outbox of this kiosk alone.

        Returns:
            How many faces there were.

        Raises:
            CloudUnavailable, CloudRefused, StoreError: as `bring`.
        """
        if self._overtaken(work, shared=shared):
            notes = Notes(self.parts, CloudFlow.WITHDRAWAL, work.person)
            notes.incomplete(FlowStep.DELETE_USER, FlowReason.CHANGED)
            return 0
        return self._withdrawing.withdraw(work.person, work.faces)

    def forget(self, person: CloudId, at: float | None = None) -> None:
        """Have a person deleted, now or later: this is durable when it returns.

        Args:
            person: who.
            at: when they left, seconds since 1970; None for now.
        """
        self.shelf.drop(person)
        left = self.parts.now() if at is None else at
        work = CloudWork(WorkKind.WITHDRAW, person, at=left)
        self.outboxes.own.add(work)  # it replaces what was to be done for them
        if self.outboxes.shared is not self.outboxes.own:
            self.outboxes.shared.add(work)

    def want(self, request: FlowRequest) -> None:
        """Have a person brought in, now or later; the pictures stay in memory until then."""
        self.shelf.put(request)
        self.outboxes.own.add(CloudWork(WorkKind.REGISTER, request.person, at=self.parts.now()))

    def resume(
        self,
        failed: Callable[[LintelError], None],
        own_seconds: float = OWN_STALE_SECONDS,
        others_seconds: float = OTHERS_STALE_SECONDS,
    ) -> int:
        """End each flow that was interrupted; how many there were.

        Args:
            failed: told where one cannot be ended now; it is tried again the next time.
            own_seconds: how long a flow of this kiosk has not moved.
            others_seconds: the same for flows of others.
        """
        ended = 0
        for row in self.parts.metadata.unfinished():
            limit = own_seconds if row.owner == self.parts.owner else others_seconds
            if row.intent is None or self.parts.now() - row.intent.at < limit:
                continue
            try:
                self._resume(row)
                ended += 1
            except (CloudUnavailable, CloudRefused) as error:
                failed(error)
        return ended

    def _overtaken(self, work: CloudWork, *, shared: bool) -> bool:
        """True if everything that is there of a person was asked for after they had left.

        In doubt it is False. What this kiosk has registered itself comes after what was before it
        in its own outbox, by whatever clock; and a time to come is that of a clock that is wrong.
        """
        rows = self.parts.metadata.of_person(work.person)
        first, last = work.at + SKEW_SECONDS, self.parts.now() + SKEW_SECONDS
        return (
            bool(rows)
            and not work.faces
            and all(
                row.state is not FacesState.LEAVING
                and first < row.since <= last
                and (shared or row.owner != self.parts.owner)
                for row in rows
            )
        )

    def _judged(
        self, request: FlowRequest, place: ShardedCollections, seconds: float
    ) -> FlowRequest | FlowRefusal:
        row = self.parts.metadata.get(request.person, place.of(request.person))
        known = row is not None and bool(row.faces)
        flow = CloudFlow.PHOTO_UPDATE if known else CloudFlow.REGISTRATION
        notes = Notes(self.parts, flow, request.person)
        judged = self._gates.passed(flow, request, place, notes.step, seconds=seconds)
        if isinstance(judged, FlowRefusal):
            notes.failed(judged)
        return judged

    def _bring(self, judged: FlowRequest, place: ShardedCollections) -> FlowRefusal | None:
        name = place.of(judged.person)
        row = self.parts.metadata.get(judged.person, name)
        if row is not None and row.intent is not None:
            self._resume(row)
            row = self.parts.metadata.get(judged.person, name)
        flow = CloudFlow.REGISTRATION if row is None else CloudFlow.PHOTO_UPDATE
        try:
            if row is None:
                return self._registering.register(judged, name, place.model)
            return self._registering.update(judged, row)
        except (CloudUnavailable, CloudRefused) as error:
            refused = isinstance(error, CloudRefused)
            reason = FlowReason.REFUSED if refused else FlowReason.UNAVAILABLE
            Notes(self.parts, flow, judged.person).incomplete(FlowStep.INDEX, reason)
            raise

    def _resume(self, row: PersonFaces) -> None:
        if row.intent is not None and row.intent.flow is CloudFlow.WITHDRAWAL:
            self._withdrawing.withdraw(row.person)
        else:
            self._registering.resume(row)
