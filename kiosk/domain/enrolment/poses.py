"""Directions in which a person turns their head while pictures are taken, and what is taken.

Theory of operation. One direction is wanted at a time, the centre first. A view counts for the
direction in which it is, wanted now or not: who turns the other way first loses no time. Turns are
measured from how the person looked straight ahead, because they may be taller or sit lower than the
camera, or stand beside its middle. Nobody has to turn as far as others can: how far is enough falls
while a direction is asked for, and one that does not come about in a few seconds is passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np

from kiosk.domain.enrolment.looked import LookedFace
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.face import Pose
from kiosk.domain.vision.frame import Instant, Pixels
from kiosk.domain.vision.quality import QualityAssessment
from kiosk.domain.vision.template import Template

MOST_STEP_SECONDS = 0.5
"""No more of the time between two frames counts against a direction: the face was away."""


class PoseDirection(Enum):
    """A direction of the head; left and right are the person's own, as in a mirror."""

    CENTRE = "centre"
    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"


class PosesReason(Enum):
    """An admin's reason for fewer directions; recorded, so it says nothing of anybody's health."""

    WISH = "wish"
    """The person wishes it."""
    PLACE = "place"
    """The light, the seat or the height of the camera do not allow more."""
    TRIED = "tried"
    """More was tried, and did not succeed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PosePolicy:
    """The conditions for a view in a direction.

    Attributes:
        first_yaw: the most yaw of the first views that look straight ahead.
        first_pitch: the most pitch of those.
        centre_degrees: the most by which later ones differ from them.
        turn_degrees: the least yaw of one that is turned to a side.
        lift_degrees: the least pitch, away from straight ahead, of one that looks up or down.
        most_degrees: beyond this yaw or pitch nothing is taken.
        views: the views that are taken in each direction, and kept of each but the centre.
        centre_views: the views of the centre that are kept: the door compares faces that look
            straight ahead, so that these count most.
        direction_seconds: a direction is passed over after so long with the face in view.
        least_share: the share of a turn that is enough by then in the direction that is wanted.
    """

    first_yaw: float = 10.0
    first_pitch: float = 15.0
    centre_degrees: float = 6.0
    turn_degrees: float = 10.0
    lift_degrees: float = 7.0
    most_degrees: float = 35.0
    views: int = 2
    centre_views: int = 4
    direction_seconds: float = 6.0
    least_share: float = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class PoseSample:
    """One view of a person who is being enrolled. It is kept in the session's state only.

    Attributes:
        direction: the direction of the head.
        at: capture time of the frame.
        pose: of the head, degrees.
        quality: its assessment.
        pad: its result in attack detection.
        template: its features.
        surroundings: size of the frame relative to the face, in the narrower direction.
        picture: the face with its surroundings; None unless it may be kept.
        views: the number of views of which the template is the mean.
    """

    direction: PoseDirection
    at: Instant
    pose: Pose
    quality: QualityAssessment
    pad: PadResult
    template: Template
    surroundings: float = float("inf")
    picture: Pixels | None = None
    views: int = 1

    def joined(self, other: PoseSample) -> PoseSample:
        """The sharper of this and one more view, with the mean of both templates."""
        vector = self.views * self.template.vector + other.template.vector
        mean = Template(vector / np.linalg.norm(vector), self.template.space)
        sharper = min(self, other, key=_dullness)
        return replace(sharper, template=mean, views=self.views + 1)

    def __repr__(self) -> str:
        return f"PoseSample({self.direction.value}, at={self.at:.3f})"


@dataclass(frozen=True, slots=True, kw_only=True)
class PoseCoach:
    """Which direction is wanted, and the best views of each so far.

    Attributes:
        required: the directions in which a view is needed, 1 to 5.
        counts: by direction, how many views were good enough.
        passed: the directions that were passed over.
        best: the views that are kept, the sharpest of each direction, the sharpest first.
        pose: of the face in the newest frame; None before the first.
        seen_at: capture time of that frame.
        spent: seconds for which the wanted direction has been asked for with the face in view.
    """

    required: int
    counts: Mapping[PoseDirection, int] = field(default_factory=dict)
    passed: frozenset[PoseDirection] = frozenset()
    best: tuple[PoseSample, ...] = ()
    pose: Pose | None = None
    seen_at: Instant | None = None
    spent: float = 0.0

    def taken(self, policy: PosePolicy) -> frozenset[PoseDirection]:
        """The directions with all their views."""
        return frozenset(d for d, count in self.counts.items() if count >= policy.views)

    def wanted(self, policy: PosePolicy) -> PoseDirection | None:
        """The direction that is asked for now; None once each was taken or passed over."""
        done = self.taken(policy) | self.passed
        return next((direction for direction in PoseDirection if direction not in done), None)

    def enough(self, policy: PosePolicy) -> bool:
        """True if as many directions were taken as are needed."""
        return len(self.taken(policy)) >= self.required

    def fill(self, policy: PosePolicy) -> float:
        """The fill of the ring on the wanted side, 0 to 1: how far turned, and what is taken."""
        wanted = self.wanted(policy)
        if wanted is None or self.pose is None:
            return 0.0
        reached = self._reach(self.pose, wanted, policy)
        made = self.counts.get(wanted, 0) / policy.views
        return max(made, 0.5 * (reached + made))

    @property
    def samples(self) -> tuple[PoseSample, ...]:
        """The views that are kept, by direction, the centre first, and the sharpest first."""
        order = list(PoseDirection)
        return tuple(sorted(self.best, key=lambda sample: order.index(sample.direction)))

    def seeing(self, face: LookedFace, at: Instant, policy: PosePolicy) -> PoseCoach:
        """The coach after one more frame of the person, alone; a good view of it is taken."""
        coach = self._spending(at, policy)
        coach = replace(coach, pose=face.pose, seen_at=at)
        direction = self.direction(face.pose, policy)
        if direction is None or face.quality is None or not face.quality.acceptable:
            return coach
        if face.pad is None or face.template is None:
            return coach
        sample = PoseSample(
            direction,
            at,
            face.pose,
            face.quality,
            face.pad,
            face.template,
            face.surroundings,
            face.picture,
        )
        return coach.taking(sample, policy)

    def direction(self, pose: Pose, policy: PosePolicy) -> PoseDirection | None:
        """The direction of a head; None if it is in none, too far in one, or between two."""
        wanted = self.wanted(policy)
        reached = [d for d in PoseDirection if self._reach(pose, d, policy) >= 1.0]
        if wanted in reached:
            return wanted
        return reached[0] if len(reached) == 1 else None

    def _reach(self, pose: Pose, direction: PoseDirection, policy: PosePolicy) -> float:
        """How far a head has come in a direction, 0 to 1; NaN and too far are 0.

        In the direction that is wanted, less and less is enough.
        """
        if not (abs(pose.yaw) <= policy.most_degrees and abs(pose.pitch) <= policy.most_degrees):
            return 0.0
        neutral = self._neutral(policy)
        if direction is PoseDirection.CENTRE:
            return _straight(pose, neutral, policy)
        share = _turn(pose, direction, neutral, policy)
        if direction is self.wanted(policy):
            share /= 1.0 - (1.0 - policy.least_share) * self.spent / policy.direction_seconds
        return min(max(share, 0.0), 1.0)

    def _neutral(self, policy: PosePolicy) -> Pose | None:
        """The pose in which the person looks straight ahead; None while it is not known."""
        seen = [sample.pose for sample in self._own(PoseDirection.CENTRE)[: policy.views]]
        if not seen:
            return None
        yaw = sum(pose.yaw for pose in seen) / len(seen)
        pitch = sum(pose.pitch for pose in seen) / len(seen)
        return replace(seen[0], yaw=yaw, pitch=pitch)

    def _spending(self, at: Instant, policy: PosePolicy) -> PoseCoach:
        """The coach with the time since the last frame; too much passes the direction over."""
        wanted = self.wanted(policy)
        if wanted is None or self.seen_at is None:
            return self
        spent = self.spent + max(0.0, min(at - self.seen_at, MOST_STEP_SECONDS))  # NaN adds 0
        if spent < policy.direction_seconds:
            return replace(self, spent=spent)
        return replace(self, spent=0.0, passed=self.passed | {wanted})

    def taking(self, sample: PoseSample, policy: PosePolicy) -> PoseCoach:
        """The coach with one more view."""
        wanted, direction = self.wanted(policy), sample.direction
        counts = {**self.counts, direction: self.counts.get(direction, 0) + 1}
        own = self._own(direction)
        others = tuple(s for s in self.best if s.direction is not direction)
        passed = self.passed - {direction}
        most = policy.centre_views if direction is PoseDirection.CENTRE else policy.views
        own = (*own, sample) if len(own) < most else _with(own, sample)
        best = (*others, *sorted(own, key=_dullness))
        coach = replace(self, counts=counts, best=best, passed=passed)
        return coach if coach.wanted(policy) is wanted else replace(coach, spent=0.0)

    def _own(self, direction: PoseDirection) -> tuple[PoseSample, ...]:
        return tuple(sample for sample in self.best if sample.direction is direction)


def _with(own: tuple[PoseSample, ...], sample: PoseSample) -> tuple[PoseSample, ...]:
    """The samples, of which the one with the fewest views has one more."""
    fewest = min(own, key=lambda each: each.views)
    return tuple(each.joined(sample) if each is fewest else each for each in own)


def _dullness(sample: PoseSample) -> float:
    return -sample.quality.measures.sharpness


def _turn(pose: Pose, direction: PoseDirection, neutral: Pose | None, policy: PosePolicy) -> float:
    """How far a head is turned to a side, up or down, 1 for far enough; less than 0 the other way.

    Nobody looks up or down before it is known how they look straight ahead.
    """
    lift = 0.0 if neutral is None else (pose.pitch - neutral.pitch) / policy.lift_degrees
    turn = (pose.yaw - (neutral.yaw if neutral else 0.0)) / policy.turn_degrees
    shares = {
        PoseDirection.LEFT: turn,
        PoseDirection.RIGHT: -turn,
        PoseDirection.UP: lift,
        PoseDirection.DOWN: -lift,
    }
    return shares[direction]


def _straight(pose: Pose, neutral: Pose | None, policy: PosePolicy) -> float:
    """How nearly a head looks straight ahead, 0 to 1."""
    if neutral is None:
        off = max(abs(pose.yaw) / policy.first_yaw, abs(pose.pitch) / policy.first_pitch)
    else:
        away = max(abs(pose.yaw - neutral.yaw), abs(pose.pitch - neutral.pitch))
        off = away / policy.centre_degrees
    return 1.0 / max(off, 1.0)
