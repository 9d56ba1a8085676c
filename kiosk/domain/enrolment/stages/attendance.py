"""Who is in an enrolment session, and what they are asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.domain.enrolment.acts.codes import CodeSightings
from kiosk.domain.enrolment.acts.gestures import HeadAt
from kiosk.domain.enrolment.answers import Given
from kiosk.domain.enrolment.invitee import Invitee
from kiosk.domain.enrolment.poses import PosesReason
from kiosk.domain.prompts import Prompt
from kiosk.domain.vision.face import TrackId
from kiosk.domain.vision.frame import Instant

NEVER = Instant(float("-inf"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """Who is in the session, and whether they are still there.

    Attributes:
        invitee: who may enrol, or see their data.
        began_at: when the session began.
        now: the newest time of a frame.
        looked_at: capture time of the newest frame in which faces were looked for.
        seen_at: when their face was last seen; before one is known, any face.
        held_at: when something was last held up that may hide a face: a code, or a document.
        track: the track of their face; None until their face is known.
        language: the language of screen and notice; None for that of the settings.
        codes: which answer codes were seen when.
        code: the code of the invitation; never printed. Empty if none was shown.
        poses_required: the directions that an admin lets them do with; None for the policy's.
        poses_reason: the admin's reason.
    """

    invitee: Invitee
    began_at: Instant
    now: Instant = NEVER
    looked_at: Instant = NEVER
    seen_at: Instant = NEVER
    held_at: Instant = NEVER
    track: TrackId | None = None
    language: str | None = None
    codes: CodeSightings = CodeSightings()
    code: str = field(default="", repr=False)
    poses_required: int | None = None
    poses_reason: PosesReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """A question on the screen.

    Attributes:
        prompt: the question.
        shown_at: since when.
        voiced: true once the voice has said the whole of it.
        heads: the head before the camera since then, oldest first, without a break.
        track: whose head that is.
        given: an answer of the head that may still be undone; None if there is none.
    """

    prompt: Prompt
    shown_at: Instant
    voiced: bool = False
    heads: tuple[HeadAt, ...] = field(default=(), repr=False)
    track: TrackId | None = None
    given: Given | None = None
