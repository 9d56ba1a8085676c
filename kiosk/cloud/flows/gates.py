"""The steps of a registration that change nothing: quality, identity, duplicates (R25 to R27).

They come before anything is kept, here or there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from kiosk.cloud.flows.parts import FlowRefusal, FlowRequest
from kiosk.cloud.ports import FaceService
from kiosk.domain.cloud.faces import LEAST_SEARCHED, MOST_SEARCHED, CloudId
from kiosk.domain.cloud.flows import CloudFlow, FlowReason, FlowStep
from kiosk.domain.cloud.pictures import FacePicture
from kiosk.domain.cloud.quality import FaceDefect, defects
from kiosk.domain.cloud.shards import ShardedCollections
from kiosk.domain.errors import CloudUnavailable
from kiosk.journal.events.enrolling import StepOutcome

Told = Callable[[FlowStep, StepOutcome], None]


@dataclass(frozen=True, slots=True)
class GateThresholds:
    """The similarities that decide, 0 to 100.

    Attributes:
        identity: from which on a picture is of the person in the trusted one.
        duplicate: from which on somebody else is the same person.
    """

    identity: float = 99.0
    duplicate: float = 99.0


class FlowGates:
    """The steps before anything is kept.

    Args:
        service: Rekognition.
        thresholds: what decides.
        monotonic: a clock that only goes forward, in seconds.
    """

    def __init__(
        self, service: FaceService, thresholds: GateThresholds, monotonic: Callable[[], float]
    ) -> None:
        self._service, self._thresholds, self._monotonic = service, thresholds, monotonic

    def passed(
        self,
        flow: CloudFlow,
        request: FlowRequest,
        collections: ShardedCollections,
        told: Told,
        *,
        seconds: float,
    ) -> FlowRequest | FlowRefusal:
        """The request with the pictures that are good enough, or why it is refused.

        Args:
            flow: for a photo update the person has to be found by the new picture.
            request: what is asked.
            collections: those in force.
            told: hears of each step that passed.
            seconds: the most that all of it may take.

        Raises:
            CloudUnavailable, CloudRefused: it could not be found out.
        """
        ends = self._monotonic() + seconds
        good, defect = self._quality(request, ends)
        if not good:
            return FlowRefusal(FlowStep.QUALITY, defect)
        told(FlowStep.QUALITY, StepOutcome.PASSED)
        if (alike := self._identity(good[0], request.trusted, ends)) is False:
            return FlowRefusal(FlowStep.IDENTITY, FlowReason.IDENTITY)
        update = flow is CloudFlow.PHOTO_UPDATE
        found = self._found(good[0], collections, ends, update=update)
        others = tuple(
            person
            for person, similarity in found.items()
            if person != request.person and similarity >= self._thresholds.duplicate
        )
        if others and not request.different_person:
            return FlowRefusal(FlowStep.DUPLICATE, FlowReason.DUPLICATE, others)
        if update and request.person != max(found, key=lambda person: found[person], default=None):
            return FlowRefusal(FlowStep.IDENTITY, FlowReason.IDENTITY)
        asked = alike is not None or update
        told(FlowStep.IDENTITY, StepOutcome.PASSED if asked else StepOutcome.NOT_ASKED)
        told(FlowStep.DUPLICATE, StepOutcome.PASSED)
        return replace(request, pictures=good, passed=True)

    def _quality(
        self, request: FlowRequest, ends: float
    ) -> tuple[tuple[FacePicture, ...], FaceDefect]:
        """The pictures that are good enough, and what is wrong with the first that is not."""
        good: list[FacePicture] = []
        wrong: list[FaceDefect] = []
        for picture in request.pictures:
            faces = self._service.detect_faces(picture.jpeg, seconds=self._left(ends))
            found = defects(faces, picture.width, picture.height)
            if found:
                wrong.append(found[0])
            else:
                good.append(picture)
        return tuple(good), wrong[0] if wrong else FaceDefect.NO_FACE

    def _identity(
        self, picture: FacePicture, trusted: FacePicture | None, ends: float
    ) -> bool | None:
        if trusted is None:
            return None
        threshold = self._thresholds.identity
        alike = self._service.compare_faces(
            trusted.jpeg, picture.jpeg, threshold, seconds=self._left(ends)
        )
        return any(similarity >= threshold for similarity in alike)

    def _found(
        self,
        picture: FacePicture,
        collections: ShardedCollections,
        ends: float,
        *,
        update: bool,
    ) -> dict[CloudId, float]:
        """Who is found by a picture, and how surely; for a photo update, the less similar too."""
        sent = LEAST_SEARCHED if update else min(MOST_SEARCHED, self._thresholds.duplicate)
        found: dict[CloudId, float] = {}
        for name in collections.names:
            answer = self._service.search(name, picture.jpeg, sent, seconds=self._left(ends))
            for match in answer.matches:
                found[match.person] = max(match.similarity, found.get(match.person, 0.0))
        return found

    def _left(self, ends: float) -> float:
        left = ends - self._monotonic()
        if left <= 0.0:
            raise CloudUnavailable("The cloud did not answer in time.", "It is asked again later.")
        return left
