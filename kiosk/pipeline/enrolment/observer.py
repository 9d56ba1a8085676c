"""What an enrolment sees in a frame, by the models and the gates of the door.

Before the consent it is seen who is there and how the head is held, and nothing is measured.
Afterwards each view passes the door's gates, and only then is a template made of it. The frame is
always searched before: nobody is taken for alone in a frame in which somebody else could stand
unseen. Owned by one thread; nothing of a frame is kept here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kiosk.domain.enrolment.document import DocumentSeen
from kiosk.domain.enrolment.events import CodesRead, EnrolmentEvent
from kiosk.domain.enrolment.looked import Looked, LookedFace
from kiosk.domain.enrolment.states import (
    EnrolmentState,
    may_extract,
    may_read_document,
    may_take_picture,
)
from kiosk.domain.ports import (
    AttackDetector,
    CodeReader,
    DocumentReader,
    FaceFinder,
    QualityAssessor,
    TemplateExtractor,
)
from kiosk.domain.vision.face import UNSEEN, Face, Found, Pose, TrackedFace
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from kiosk.domain.vision.lane import Lane, LanePosition, place, too_close
from kiosk.domain.vision.quality import Defect, QualityAssessment, QualityBounds, judge
from kiosk.domain.vision.tracking import TrackingPolicy, Tracks
from kiosk.pipeline.stopwatch import Stopwatch

CODES_SECONDS = 0.2
"""The interval between two searches for codes; shorter than a code is held up."""

DOCUMENT_SECONDS = 0.5
"""The interval between two searches for a document, which take longer than a frame."""

MEASURE_SECONDS = 0.098
"""A face is measured this often at most, ten times a second: each measured view is encoded as well,
of which the door does a few a run, and a frame is to take no longer than there."""

PICTURE_SHARE = 1.0
"""The border round a face in a picture that is kept, as a share of the face's size."""

_NOWHERE = Pose(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class EnrolmentSight:
    """The models, shared with the door's vision and used in the same thread.

    Attributes:
        finder: finds faces; it goes on from frame to frame, whoever has the frame.
        quality: measures a face.
        attack: measures whether it is bona fide.
        extractor: makes templates; asked only where the state allows it.
        codes: finds codes.
        documents: reads identity documents; None where none is asked for.
    """

    finder: FaceFinder
    quality: QualityAssessor
    attack: AttackDetector
    extractor: TemplateExtractor
    codes: CodeReader
    documents: DocumentReader | None = None


@dataclass(frozen=True, slots=True)
class EnrolmentGates:
    """Where and how well a face must be seen.

    Attributes:
        lane: where it counts.
        tracking: when it is the same face.
        bounds: the quality it needs; those of the door, but for the pose, which the coach asks for.
        pad_threshold: the bona fide score that a single view needs.
    """

    lane: Lane
    tracking: TrackingPolicy
    bounds: QualityBounds
    pad_threshold: float


class EnrolmentVision:
    """Turns frames into the events of an enrolment.

    Args:
        sight: the models.
        gates: where and how well a face must be seen.
        stopwatch: times the stages, under the names of the door's.
    """

    def __init__(self, sight: EnrolmentSight, gates: EnrolmentGates, stopwatch: Stopwatch) -> None:
        self._sight = sight
        self._gates = gates
        self._stopwatch = stopwatch
        self._tracks = Tracks()
        self._searched_at = Instant(float("-inf"))
        self._measured_at = Instant(float("-inf"))
        self._shown_at = Instant(float("-inf"))

    def observe(self, frame: Frame, state: EnrolmentState) -> Sequence[EnrolmentEvent]:
        """What is seen in a frame: its codes from time to time, and its faces.

        Args:
            frame: later than the one before.
            state: of the session; it says whether templates may be made, and pictures kept.
        """
        looked = self._looked(frame, state)
        found = (self._codes(frame), self._document(frame, state), looked)
        return tuple(event for event in found if event is not None)

    # -- codes -----------------------------------------------------------------------------------

    def _codes(self, frame: Frame) -> CodesRead | None:
        at = frame.captured_at
        if at - self._searched_at < CODES_SECONDS:
            return None
        self._searched_at = at
        return CodesRead(at, frozenset(self._sight.codes.read(frame)))

    # -- documents -------------------------------------------------------------------------------

    def _document(self, frame: Frame, state: EnrolmentState) -> DocumentSeen | None:
        """What is seen of the document that is asked for; None if it is not looked for now."""
        at = frame.captured_at
        documents = self._sight.documents
        if documents is None or frame.still or not may_read_document(state):
            return None
        if at - self._shown_at < DOCUMENT_SECONDS:
            return None
        self._shown_at = at
        with self._stopwatch.time("document"):
            return documents.look(frame)

    # -- faces -----------------------------------------------------------------------------------

    def _looked(self, frame: Frame, state: EnrolmentState) -> Looked:
        at = frame.captured_at
        if frame.still:
            self._tracks = replace(self._tracks, known=())
            return Looked(at)
        found = self._found(frame, searched=may_extract(state))
        self._tracks, tracked = self._tracks.follow(found.faces, at, self._gates.tracking)
        places = [self._place(frame, each.face) for each in tracked]
        counting = [
            (each, position)
            for each, position in zip(tracked, places, strict=True)
            if position.blocks or position.present
        ]
        unseen = self._unseen(frame, found, beside=bool(counting))
        faces = [self._described(frame, each, position) for each, position in counting]
        if len(counting) == 1 and not unseen and found.looked and may_extract(state):
            faces = [self._measured(frame, *counting[0], faces[0], state)]
        outside = None if counting else _nearest(tracked, places)
        return Looked(at, (*faces, *unseen), outside, searched=found.looked)

    def _found(self, frame: Frame, *, searched: bool) -> Found:
        with self._stopwatch.time("find"):
            found = self._sight.finder.find(frame)
            if searched and not found.looked and self._due(frame.captured_at):
                found = self._sight.finder.look(frame, found)
        return found

    def _due(self, at: Instant) -> bool:
        """True if a face is measured again."""
        return at - self._measured_at >= MEASURE_SECONDS

    def _unseen(self, frame: Frame, found: Found, *, beside: bool) -> list[LookedFace]:
        """Faces beyond those that are followed: they are there, and nothing is known of them.

        Those of the last search count only beside a face that is there now: without one they may
        be the person who has just left.
        """
        around = [self._place(frame, face) for face in found.around] if beside else []
        count = sum(position.blocks for position in around) + found.full
        return [LookedFace(UNSEEN, _NOWHERE)] * count

    def _described(self, frame: Frame, tracked: TrackedFace, position: LanePosition) -> LookedFace:
        face, oval = tracked.face, self._gates.lane.oval(frame.width, frame.height)
        across, down = oval.offset(face.box.centre)
        return LookedFace(
            track=tracked.track,
            pose=face.pose,
            across=across,
            down=down,
            inside=position.inside,
            surroundings=_surroundings(frame, face),
        )

    def _measured(
        self,
        frame: Frame,
        tracked: TrackedFace,
        position: LanePosition,
        seen: LookedFace,
        state: EnrolmentState,
    ) -> LookedFace:
        """The lone face with its measures, as far as each gate was passed."""
        if not self._due(frame.captured_at):
            return seen
        self._measured_at = frame.captured_at
        face = tracked.face
        with self._stopwatch.time("quality"):
            quality = self._assess(frame, face, position)
        seen = replace(seen, quality=quality)
        if not quality.acceptable:
            return seen
        with self._stopwatch.time("attack"):
            pad = self._sight.attack.assess(frame, face)
        seen = replace(seen, pad=pad)
        if not pad.passes(self._gates.pad_threshold):
            return seen
        with self._stopwatch.time("match"):
            template = self._sight.extractor.extract(frame, face)
        picture = _cut(frame, face) if may_take_picture(state) else None
        return replace(seen, template=template, picture=picture)

    def _assess(self, frame: Frame, face: Face, position: LanePosition) -> QualityAssessment:
        """The quality of a face; one not wholly inside the lane is never acceptable."""
        quality = judge(self._sight.quality.measure(frame, face), self._gates.bounds)
        if too_close(face.box, frame.width, frame.height, self._gates.lane):
            return replace(quality, defects=(Defect.TOO_CLOSE, *quality.defects))
        if position.defect is not None:
            return replace(quality, defects=(position.defect, *quality.defects))
        return quality

    def _place(self, frame: Frame, face: Face) -> LanePosition:
        return place(face.box, frame.width, frame.height, self._gates.lane)


def _surroundings(frame: Frame, face: Face) -> float:
    """The size of the frame relative to the face, in the narrower direction."""
    return min(frame.width / face.box.width, frame.height / face.box.height)


def _cut(frame: Frame, face: Face) -> Pixels:
    """A copy of the face with its surroundings, so that the frame itself is not kept."""
    border = max(face.box.width, face.box.height) * PICTURE_SHARE
    left, top = max(0, int(face.box.x - border)), max(0, int(face.box.y - border))
    right = int(face.box.x + face.box.width + border)
    bottom = int(face.box.y + face.box.height + border)
    return frame.pixels[top:bottom, left:right].copy()


def _nearest(tracked: Sequence[TrackedFace], places: Sequence[LanePosition]) -> Defect | None:
    """The defect of the largest face that approaches, for guidance; None if nobody does."""
    wanting = [
        (each.face.box.area, position.defect)
        for each, position in zip(tracked, places, strict=True)
        if position.defect is not None
    ]
    return max(wanting, key=lambda entry: entry[0])[1] if wanting else None
