"""The events of an access session: what was observed, and what others said.

Values only. Each carries its time; the machine has no other clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kiosk.domain.access.factors import BY_BADGE, Factor
from kiosk.domain.access.grant import Recognised, Released
from kiosk.domain.access.states import Part, Reason
from kiosk.domain.cloud.opinion import Opinion
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.comparison import CandidateList
from kiosk.domain.vision.face import TrackId
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect, QualityAssessment
from kiosk.domain.vision.template import SubjectId


@dataclass(frozen=True, slots=True)
class Probe:
    """One face in the lane in one frame, as far as the pipeline processed it.

    Attributes:
        track: identifies the face across frames.
        captured_at: capture time of its frame; evidence from any other frame proves nothing.
        quality: None if more than one face was in the lane, or the frame was passed over: nothing
            was measured.
        pad: None unless the view was acceptable.
        candidates: None unless a comparison was made at once; see `Identified`.
        looked: true if the detector searched the frame for other faces; where it did not, somebody
            may stand beside the face, and no comparison counts.
        passed_over: true for a face that is alone in the lane, in a frame that came sooner than the
            next probe was due: it shows who is there, adds no evidence and breaks no run.
        since: capture time of the oldest frame in the mean that was compared; None if this frame
            was compared alone. With an opinion, of the oldest frame that is known to show the same
            face.
        opinion: what a service said of this face, in a frame of the same run; None without one.
        gone: true if no such opinion will come, and what is declared for that applies.
    """

    track: TrackId
    captured_at: Instant
    quality: QualityAssessment | None = None
    pad: PadResult | None = None
    candidates: CandidateList | None = None
    looked: bool = True
    passed_over: bool = False
    since: Instant | None = None
    opinion: Opinion | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Observed:
    """A frame was captured.

    Attributes:
        at: capture time of the frame.
        probes: the faces in the lane.
        outside: the correction that would bring the nearest face outside the lane into it.
    """

    at: Instant
    probes: tuple[Probe, ...]
    outside: Defect | None = None


@dataclass(frozen=True, slots=True)
class Identified:
    """The matcher answered late about one frame, or will not answer.

    Attributes:
        at: when.
        track: the face that it was asked about.
        captured_at: capture time of the frame that it was asked about.
        candidates: the answer; None if none will come.
        used_up: true if none will come because the session has been asked about as often as it may
            be: the matcher has not failed.
    """

    at: Instant
    track: TrackId
    captured_at: Instant
    candidates: CandidateList | None
    used_up: bool = False


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time passed without a frame."""

    at: Instant


@dataclass(frozen=True, slots=True)
class Faulted:
    """A part failed."""

    at: Instant
    part: Part
    detail: str


@dataclass(frozen=True, slots=True)
class Recovered:
    """A part works again."""

    at: Instant
    part: Part


@dataclass(frozen=True, slots=True)
class Answered:
    """Rules, factor, door or panel do not let a person in, or not yet.

    Attributes:
        at: when.
        reason: why not.
        person: the recognition that is answered; an answer about an earlier one means nothing.
        factor: the factor to ask for, if the reason is `FACTOR_NEEDED`.
        presented_at: when the factor was shown, if the reason is `FACTOR_SHOWN`.
        opens: when the door opens for them again, local time, if the reason is `NOT_NOW`.
    """

    at: Instant
    reason: Reason
    person: Recognised
    factor: Factor | None = None
    presented_at: Instant | None = None
    opens: datetime | None = None


@dataclass(frozen=True, slots=True)
class Presented:
    """A PIN was typed, or a code was held in front of the camera. It is passed on unread.

    Attributes:
        at: when it was typed or read. It is evidence, and goes stale as all evidence does.
        factor: `PIN` or `BADGE`.
        text: never printed.
    """

    at: Instant
    factor: Factor
    text: str = field(repr=False)

    def serves(self, asked: Factor) -> bool:
        """True if it is of the kind that was asked for."""
        return self.factor is asked or (self.factor in BY_BADGE and asked in BY_BADGE)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A valid badge was shown to nobody's request.

    Attributes:
        at: when that was known.
        subject: the badge's owner.
        shown_at: when it was shown.
    """

    at: Instant
    subject: SubjectId
    shown_at: Instant


@dataclass(frozen=True, slots=True)
class Overruled:
    """An operator denies access to the person in the lane."""

    at: Instant


@dataclass(frozen=True, slots=True)
class SetAside:
    """Somebody begins to enrol themselves; the door decides on nobody meanwhile."""

    at: Instant


Told = Answered | Released | Presented | Claimed | Overruled | SetAside
"""Events from the door subsystem, the person or an operator."""

Event = Observed | Identified | Ticked | Faulted | Recovered | Told
