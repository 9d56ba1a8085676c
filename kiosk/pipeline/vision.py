"""The vision stages, from a frame to an observation. Each stage runs only if the one before passed.

A finder may follow faces without searching the frame. Before a face is compared, it is made to
search: nobody is compared in a frame in which somebody else could stand there unseen.

Evidence is bound to one face in one frame: quality, attack detection and comparison all use the
same face of the same frame. Nobody is compared with a face that failed quality or attack detection.
Owned by one thread; what is kept of a frame's pixels, attack detection keeps until the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kiosk.domain.access.machine import Event, Observed, Probe
from kiosk.domain.ports import AttackDetector, FaceFinder, Matcher, QualityAssessor
from kiosk.domain.vision.face import UNSEEN, Face, Found, TrackedFace, TrackId
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.lane import Lane, LanePosition, place, too_close
from kiosk.domain.vision.quality import Defect, QualityAssessment, QualityBounds, judge
from kiosk.domain.vision.tracking import TrackingPolicy, Tracks
from kiosk.pipeline.badge_scanner import BadgeWatch
from kiosk.pipeline.identification.cloud import CloudIdentification
from kiosk.pipeline.identification.frames import ANSWER_SECONDS, Identification, Identifier
from kiosk.pipeline.identification.runs import RunIdentification
from kiosk.pipeline.pacing import EVERY_FRAME, Pacing, ProbePace
from kiosk.pipeline.stopwatch import Stopwatch


@dataclass(frozen=True, slots=True)
class Stages:
    """The models, in order of use; the matcher is asked about single frames or about runs."""

    finder: FaceFinder
    quality: QualityAssessor
    attack: AttackDetector
    matcher: Matcher | RunIdentification | CloudIdentification


@dataclass(frozen=True, slots=True)
class SeeingPolicy:
    """The rules for where a face counts, when it is the same as before, and when it is compared.

    Attributes:
        lane: where it counts.
        tracking: when it is the same face.
        bounds: the quality it needs.
        pad_threshold: the bona fide score that it needs in this very frame.
        answer_seconds: the most that the matcher's answer may be later than the frame.
        pace: how often a face is measured.
    """

    lane: Lane
    tracking: TrackingPolicy
    bounds: QualityBounds
    pad_threshold: float
    answer_seconds: float = ANSWER_SECONDS
    pace: ProbePace = EVERY_FRAME


class Vision:
    """Runs the stages over frames and tracks faces from one to the next.

    Args:
        stages: the models.
        policy: where and how well a face must be seen.
        stopwatch: times the stages.
        badges: scans for badges too; None where badges are not used.
    """

    def __init__(
        self,
        stages: Stages,
        policy: SeeingPolicy,
        stopwatch: Stopwatch,
        badges: BadgeWatch | None = None,
    ) -> None:
        self._stages = stages
        self._policy = policy
        self._stopwatch = stopwatch
        self._badges = badges
        self._tracks = Tracks()
        self._identification = _identifier(stages.matcher, policy.answer_seconds)
        self._pacing = Pacing(policy.pace, policy.pad_threshold)
        self._measured = True

    def observe(self, frame: Frame, *, measured: bool = True) -> Observed:
        """The observation of the lane in this frame.

        Args:
            frame: later than the one before.
            measured: False if it only matters who is there.
        """
        self._measured = measured
        observed = self._observed(frame)
        self._pacing.follow(observed)
        self._identification.follow(observed)
        return observed

    def may_decide(self, at: Instant) -> bool:
        """True if a frame captured then probably decides, if it is as good as those before."""
        return self._identification.may_decide(at)

    def _observed(self, frame: Frame) -> Observed:
        if self._badges is not None:
            self._badges.look(frame)
        if frame.still:
            return self._nobody(frame)
        with self._stopwatch.time("find"):
            found = self._stages.finder.find(frame)
        at, following = frame.captured_at, self._policy.tracking
        self._tracks, tracked = self._tracks.follow(found.faces, at, following)
        if found.full:
            return Observed(at, (*_blank(tracked, at), *_uncounted(at)))
        return self._judged(frame, tracked, found)

    def answers(self, now: Instant) -> Sequence[Event]:
        """What the matcher has answered late, or will not answer, about frames of before."""
        return self._identification.answers(now)

    def _judged(self, frame: Frame, tracked: Sequence[TrackedFace], found: Found) -> Observed:
        """The person in the lane, and if they are alone there."""
        at, around = frame.captured_at, found.around
        places = [self._place(frame, t.face) for t in tracked]
        others = [self._place(frame, face) for face in around]
        inside = any(place.inside for place in places)
        standing = [
            (face, place)
            for face, place in zip(tracked, places, strict=True)
            if (place.blocks if inside else place.present)
        ]
        beside = [Probe(UNSEEN, at) for place in others if standing and place.blocks]
        if len(standing) == 1 and not beside:
            bystanders = [t.face for t in tracked if t is not standing[0][0]]
            return Observed(at, self._alone(frame, found, (*bystanders, *around), *standing[0]))
        blank = (*_blank([face for face, _ in standing], at), *beside)
        return Observed(at, blank, _nearest((*(t.face for t in tracked), *around), places + others))

    def _nobody(self, frame: Frame) -> Observed:
        """An empty observation, ending all tracks: a still picture has no living face in it."""
        self._tracks = replace(self._tracks, known=())
        return Observed(frame.captured_at, ())

    def close(self) -> None:
        """Give up the question under way, and close the models."""
        self._identification.close()
        self._stages.finder.close()

    def _alone(
        self,
        frame: Frame,
        found: Found,
        bystanders: Sequence[Face],
        tracked: TrackedFace,
        at: LanePosition,
    ) -> tuple[Probe, ...]:
        """The face and its comparison; a search before that may show that it is not alone."""
        probe = self._probe(frame, tracked, at)
        if probe.pad is None or not probe.pad.passes(self._policy.pad_threshold):
            return (replace(probe, looked=found.looked),)
        if not self._identification.wants(probe):
            return (replace(probe, looked=found.looked),)
        others = () if found.looked else self._overlooked(frame, found, tracked.face)
        if others:
            return (Probe(tracked.track, frame.captured_at), *others)
        with self._stopwatch.time("match"):
            asked = self._identification.ask(
                frame, tracked.face, probe, lambda: self._apart(tracked.track), bystanders
            )
        return (asked,)

    def _overlooked(self, frame: Frame, followed: Found, alone: Face) -> tuple[Probe, ...]:
        """Whoever else is in the lane, by a search of the frame; followed faces are as they were.

        A face that takes the place of the followed one counts too: nothing was measured of it.
        """
        with self._stopwatch.time("find"):
            found = self._stages.finder.look(frame, followed)
        at, following = frame.captured_at, self._policy.tracking
        self._tracks, tracked = self._tracks.follow(found.faces, at, following)
        others = [t for t in tracked if t.face is not alone and self._place(frame, t.face).blocks]
        replaced = all(face is not alone for face in found.faces)
        return (*_blank(others, at), *(_uncounted(at) if found.full or replaced else ()))

    def _probe(self, frame: Frame, tracked: TrackedFace, at: LanePosition) -> Probe:
        """Run the stages on one face, up to attack detection or the first that does not pass."""
        face, probe = tracked.face, Probe(tracked.track, frame.captured_at)
        if not self._measured:
            return probe
        if self._passed_over(frame, tracked, at):
            return replace(probe, passed_over=True)
        with self._stopwatch.time("quality"):
            quality = self._assess(frame, face, at)
        probe = replace(probe, quality=quality)
        if not quality.acceptable:
            return probe
        with self._stopwatch.time("attack"):
            pad = self._stages.attack.assess(frame, face)
        return replace(probe, pad=pad)

    def _passed_over(self, frame: Frame, tracked: TrackedFace, at: LanePosition) -> bool:
        """True if the face need not be measured; where it is ill placed, that has to be said."""
        near = too_close(tracked.face.box, frame.width, frame.height, self._policy.lane)
        placed = at.defect is None and not near
        return placed and self._pacing.passes_over(tracked.track, frame.captured_at)

    def _apart(self, track: TrackId) -> TrackId:
        """A new track for a face that took another's place on this one."""
        self._tracks, new = self._tracks.apart(track)
        return new

    def _assess(self, frame: Frame, face: Face, at: LanePosition) -> QualityAssessment:
        """The quality of a face; one not wholly inside the lane is never acceptable."""
        quality = judge(self._stages.quality.measure(frame, face), self._policy.bounds)
        if too_close(face.box, frame.width, frame.height, self._policy.lane):
            return replace(quality, defects=(Defect.TOO_CLOSE, *quality.defects))
        if at.defect is not None:
            return replace(quality, defects=(at.defect, *quality.defects))
        return quality

    def _place(self, frame: Frame, face: Face) -> LanePosition:
        return place(face.box, frame.width, frame.height, self._policy.lane)


def _identifier(
    matcher: Matcher | RunIdentification | CloudIdentification, answer_seconds: float
) -> Identifier:
    if isinstance(matcher, RunIdentification | CloudIdentification):
        return matcher
    return Identification(matcher, answer_seconds)


def _blank(tracked: Sequence[TrackedFace], at: Instant) -> tuple[Probe, ...]:
    """Faces that are present, without measurements."""
    return tuple(Probe(t.track, at) for t in tracked)


def _uncounted(at: Instant) -> tuple[Probe, Probe]:
    """An unknown number of faces."""
    return Probe(UNSEEN, at), Probe(UNSEEN, at)


def _nearest(faces: Sequence[Face], places: Sequence[LanePosition]) -> Defect | None:
    """The defect of the largest face outside the lane, for guidance; None if nobody approaches."""
    outside = [(face.box.area, at.defect) for face, at in zip(faces, places, strict=True)]
    wanting = [(area, defect) for area, defect in outside if defect is not None]
    return max(wanting, key=lambda entry: entry[0])[1] if wanting else None
