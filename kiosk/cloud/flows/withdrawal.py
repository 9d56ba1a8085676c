"""Withdrawal: every face and the user of a person, deleted in every collection of the site.

Nothing counts as deleted that is still listed. What cannot be done now stays written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kiosk.cloud.flows.parts import (
    CALL_SECONDS,
    SETTLING_SECONDS,
    FlowParts,
    FlowProgress,
    Notes,
    delete_wholly,
    listed,
)
from kiosk.domain.cloud.faces import CloudId, FaceId
from kiosk.domain.cloud.flows import CloudFlow, FlowIntent, FlowStep, PersonFaces
from kiosk.domain.cloud.shards import place_of
from kiosk.domain.errors import CloudUnavailable
from kiosk.journal.events.enrolling import StepOutcome


class CloudWithdrawing:
    """Deletes people from the cloud.

    Args:
        parts: what it works with.
        prefix: what the collections' names begin with.
    """

    def __init__(self, parts: FlowParts, prefix: str) -> None:
        self._parts, self._prefix = parts, prefix

    def withdraw(self, person: CloudId, faces: Sequence[FaceId] = ()) -> int:
        """Delete everything of a person in every generation and shard; may be repeated.

        Args:
            person: their id.
            faces: faces of theirs that are known beside the metadata.

        Returns:
            How many faces there were.

        Raises:
            CloudUnavailable, CloudRefused: it could not be done wholly; it has to be repeated.
        """
        notes = Notes(self._parts, CloudFlow.WITHDRAWAL, person)
        notes.step(FlowStep.DELETE_USER, StepOutcome.BEGUN)
        rows = [self._leaving(row) for row in self._parts.metadata.of_person(person)]
        kept = {row.collection: row for row in rows}
        deleted = 0
        for name in self._collections():
            deleted += self._delete(name, person, (*faces, *_faces_of(kept.get(name))))
        notes.step(FlowStep.DELETE_FACES, StepOutcome.PASSED)
        for name in self._collections():
            self._verify(name, person)
        notes.step(FlowStep.VERIFY, StepOutcome.PASSED)
        for row in self._parts.metadata.of_person(person):
            self._parts.metadata.delete(row)
        notes.approved(deleted=deleted)
        return deleted

    def _collections(self) -> tuple[str, ...]:
        """Every collection of this site: those that are left, in force, and being filled."""
        there = self._parts.service.collections(seconds=CALL_SECONDS)
        return tuple(name for name, _ in there if place_of(self._prefix, name) is not None)

    def _leaving(self, row: PersonFaces) -> PersonFaces:
        """Write down that they leave: their faces count no more."""
        if row.intent is not None and row.intent.flow is CloudFlow.WITHDRAWAL:
            return row
        known = () if row.intent is None else (*row.intent.added, *row.intent.removed)
        progress = FlowProgress.begin(
            self._parts,
            replace(row, faces=tuple(dict.fromkeys((*row.faces, *known)))),
            CloudFlow.WITHDRAWAL,
            FlowStep.DELETE_FACES,
        )
        return progress.row

    def _delete(self, name: str, person: CloudId, known: Sequence[FaceId]) -> int:
        # A face that is a user's cannot be deleted: the user goes first.
        self._parts.service.delete_user(name, person, self._parts.token(), seconds=CALL_SECONDS)
        there = listed(self._parts, name, person)
        deleted = delete_wholly(self._parts, name, person, there)
        others = [face for face in dict.fromkeys(known) if face not in there]
        if others:  # a listing may lag behind; those that are elsewhere or gone are no error
            self._parts.service.delete_faces(name, others, seconds=CALL_SECONDS)
        return deleted

    def _verify(self, name: str, person: CloudId) -> None:
        for seconds in SETTLING_SECONDS:
            self._parts.pause(seconds)
            users = self._parts.service.users(name, seconds=CALL_SECONDS)
            if not listed(self._parts, name, person) and person not in users:
                return
        raise CloudUnavailable(
            f"Somebody who was deleted is still listed in the collection {name}.",
            "It is tried again.",
        )


def _faces_of(row: PersonFaces | None) -> tuple[FaceId, ...]:
    match row:
        case None:
            return ()
        case PersonFaces(faces=faces, intent=FlowIntent() as intent):
            return (*faces, *intent.added, *intent.removed)
        case _:
            return row.faces
