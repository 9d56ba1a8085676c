"""Registration and photo update: faces are indexed, associated, and then written down as valid.

Whatever fails is undone, and leaves nothing. A photo update indexes and associates the new faces
before one write makes them the valid ones; only then are the old ones deleted. So after a crash at
any point exactly one set is valid, and what is left of the other is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from kiosk.cloud.flows.parts import (
    CALL_SECONDS,
    FlowParts,
    FlowProgress,
    FlowRefusal,
    FlowRequest,
    FlowStopped,
    Notes,
    delete_wholly,
    listed,
)
from kiosk.cloud.metadata.port import MetadataChanged
from kiosk.domain.cloud.faces import FaceId, ModelVersion
from kiosk.domain.cloud.flows import CloudFlow, FlowReason, FlowStep, PersonFaces
from kiosk.domain.cloud.pictures import FacePicture
from kiosk.domain.errors import CloudRefused, CloudUnavailable, LintelError
from kiosk.journal.events.enrolling import StepOutcome

MOST_KEPT = 10
"""Faces of one person, to which pictures are added; then the oldest make room."""


class Registering:
    """Registers people, and gives them other faces. Passing the gates is the caller's affair.

    Args:
        parts: what it works with.
    """

    def __init__(self, parts: FlowParts) -> None:
        self._parts = parts

    def register(
        self, request: FlowRequest, collection: str, model: ModelVersion
    ) -> FlowRefusal | None:
        """Register a person of whom nothing is kept in the collection.

        Args:
            request: who, with pictures that passed.
            collection: theirs.
            model: the version of its face model.

        Returns:
            Why it failed, and nothing is left of it; None if they are registered.

        Raises:
            CloudUnavailable, CloudRefused: it could not be done; what was begun is undone, or will
                be by `resume`.
            MetadataChanged: somebody else registers them.
        """
        row = PersonFaces(request.person, collection, (), model, request.consent, self._parts.owner)
        notes = Notes(self._parts, CloudFlow.REGISTRATION, request.person)
        notes.step(FlowStep.CREATE_USER, StepOutcome.BEGUN)
        progress = FlowProgress.begin(
            self._parts,
            row,
            CloudFlow.REGISTRATION,
            FlowStep.CREATE_USER,
            len(request.pictures),
            since=request.since,
        )
        return self._run(progress, request.pictures, notes)

    def update(self, request: FlowRequest, row: PersonFaces) -> FlowRefusal | None:
        """Give a registered person the faces of new pictures, instead of or beside those they have.

        Args:
            request: who, with pictures that passed.
            row: what is kept of them, with no flow under way.

        Returns, Raises: as `register`; what they had stays valid where it fails.
        """
        notes = Notes(self._parts, CloudFlow.PHOTO_UPDATE, request.person)
        notes.step(FlowStep.INDEX, StepOutcome.BEGUN)
        row = replace(row, consent=request.consent, owner=self._parts.owner)
        progress = FlowProgress.begin(
            self._parts,
            row,
            CloudFlow.PHOTO_UPDATE,
            FlowStep.INDEX,
            len(request.pictures),
            adding=request.adding,
            since=request.since,
        )
        return self._run(progress, request.pictures, notes)

    def resume(self, row: PersonFaces) -> None:
        """End a registration or a photo update that was interrupted, one way or the other.

        Where all its faces were indexed it is completed, else it is undone.

        Raises:
            CloudUnavailable, CloudRefused: it could not be done now.
        """
        progress = FlowProgress(self._parts, row)
        intent, notes = progress.intent, Notes(self._parts, progress.intent.flow, row.person)
        if intent.removed or intent.step is FlowStep.METADATA:
            self._finish(progress, notes)
            return
        there = listed(self._parts, row.collection, row.person)
        added = tuple(dict.fromkeys((*intent.added, *(f for f in there if f not in row.faces))))
        whole = len(added) >= max(1, intent.pictures)
        if intent.step in {FlowStep.INDEX, FlowStep.ASSOCIATE} and whole and not intent.undoing:
            progress.write(FlowStep.INDEX, added=added)
            self._complete(progress, notes)
            return
        self._undo(progress)
        notes.incomplete(intent.step, FlowReason.INTERRUPTED)

    # -- steps -----------------------------------------------------------------------------------

    def _run(
        self, progress: FlowProgress, pictures: Sequence[FacePicture], notes: Notes
    ) -> FlowRefusal | None:
        try:
            if progress.intent.flow is CloudFlow.REGISTRATION:
                self._create_user(progress)
                notes.step(FlowStep.CREATE_USER, StepOutcome.PASSED)
            for picture in pictures:
                progress.write(FlowStep.INDEX)
                added = (*progress.intent.added, self._index(progress, picture))
                progress.write(FlowStep.INDEX, added=added)
            notes.step(FlowStep.INDEX, StepOutcome.PASSED)
            self._complete(progress, notes)
        except FlowStopped as stopped:
            self._undo(progress)
            notes.failed(stopped.refusal)
            return stopped.refusal
        except MetadataChanged:
            self._leave(progress)
            raise
        except (CloudUnavailable, CloudRefused):
            if not progress.row.intent or progress.intent.removed:
                raise  # the new faces count; what is left to do is written down
            with suppress(CloudUnavailable, CloudRefused):
                self._undo(progress)
            raise
        return None

    def _create_user(self, progress: FlowProgress) -> None:
        row, token = progress.row, progress.token(FlowStep.CREATE_USER)
        self._parts.service.create_user(row.collection, row.person, token, seconds=CALL_SECONDS)

    def _index(self, progress: FlowProgress, picture: FacePicture) -> FaceId:
        """Index one picture; an answer that was lost is looked up in the listing."""
        row, service = progress.row, self._parts.service
        try:
            made = service.index_face(
                row.collection, picture.jpeg, row.person, seconds=CALL_SECONDS
            )
        except CloudUnavailable:
            known = {*row.faces, *progress.intent.added}
            there = listed(self._parts, row.collection, row.person)
            new = [face for face in there if face not in known]
            if not new:
                raise
            return new[0]
        if made is None:
            raise FlowStopped(FlowRefusal(FlowStep.INDEX, FlowReason.NOT_INDEXED))
        face, model = made
        if row.model is not None and model != row.model:
            raise CloudRefused(
                f"The collection {row.collection} answers with face model {model}, and was made"
                f" with {row.model}.",
                "Look at the state of the collections.",
            )
        return face

    def _complete(self, progress: FlowProgress, notes: Notes) -> None:
        """Associate what was indexed, and make it what counts."""
        progress.write(FlowStep.ASSOCIATE)
        row, intent = progress.row, progress.intent
        associated = self._parts.service.associate_faces(
            row.collection,
            row.person,
            intent.added,
            progress.token(FlowStep.ASSOCIATE, intent.added),
            seconds=CALL_SECONDS,
        )
        if not {*intent.added} <= {*associated}:
            raise FlowStopped(FlowRefusal(FlowStep.ASSOCIATE, FlowReason.NOT_ASSOCIATED))
        notes.step(FlowStep.ASSOCIATE, StepOutcome.PASSED)
        progress.write(FlowStep.METADATA)
        self._finish(progress, notes)

    def _finish(self, progress: FlowProgress, notes: Notes) -> None:
        """Make the new faces valid, then delete those that they replace."""
        intent, row = progress.intent, progress.row
        if intent.step is FlowStep.METADATA:
            room = max(0, MOST_KEPT - len(intent.added)) if intent.adding else 0
            old = max(0, len(row.faces) - room)
            doomed = replace(intent, step=FlowStep.DELETE_FACES, removed=row.faces[:old])
            faces = (*row.faces[old:], *intent.added)
            since = intent.since if old == len(row.faces) else row.since
            progress.switch(replace(row, faces=faces, since=since, intent=doomed if old else None))
        deleted = self._delete_old(progress) if progress.row.intent else 0
        notes.step(FlowStep.METADATA, StepOutcome.PASSED)
        notes.approved(indexed=len(intent.added), deleted=deleted)

    def _delete_old(self, progress: FlowProgress) -> int:
        row, intent, service = progress.row, progress.intent, self._parts.service
        token = progress.token(FlowStep.DELETE_FACES, intent.removed)
        service.disassociate_faces(
            row.collection, row.person, intent.removed, token, seconds=CALL_SECONDS
        )
        there = listed(self._parts, row.collection, row.person)
        strays = tuple(face for face in there if face not in row.faces)
        deleted = delete_wholly(self._parts, row.collection, row.person, (*intent.removed, *strays))
        progress.switch(replace(row, intent=None))
        return deleted

    # -- undoing ---------------------------------------------------------------------------------

    def _undo(self, progress: FlowProgress) -> None:
        """Delete what the flow has added; of a registration nothing is left at all."""
        progress.write(FlowStep.DELETE_FACES, undoing=True)
        row, intent, service = progress.row, progress.intent, self._parts.service
        there = listed(self._parts, row.collection, row.person)
        strays = (face for face in there if face not in row.faces)
        added = tuple(dict.fromkeys((*intent.added, *strays)))
        if intent.flow is CloudFlow.REGISTRATION:  # a face that is a user's cannot be deleted
            token = progress.token(FlowStep.DELETE_FACES)
            service.delete_user(row.collection, row.person, token, seconds=CALL_SECONDS)
        elif added:
            token = progress.token(FlowStep.DELETE_FACES, added)
            service.disassociate_faces(
                row.collection, row.person, added, token, seconds=CALL_SECONDS
            )
        delete_wholly(self._parts, row.collection, row.person, added)
        if intent.flow is CloudFlow.REGISTRATION:
            self._parts.metadata.delete(progress.row)
        else:
            progress.switch(replace(row, intent=None))

    def _leave(self, progress: FlowProgress) -> None:
        """Somebody else has the person now: delete what they cannot know of, as far as possible."""
        row = progress.row
        added = () if row.intent is None else row.intent.added
        with suppress(LintelError):
            rows = self._parts.metadata.of_person(row.person)
            kept = {f for it in rows for f in (*it.faces, *(it.intent.added if it.intent else ()))}
            left = [face for face in added if face not in kept]
            delete_wholly(self._parts, row.collection, row.person, left)
