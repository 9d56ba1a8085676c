"""The prompts on the screen, one at a time; `kiosk.domain.guidance` keeps them from flickering.

A prompt is a key; the screen has its sentence, quiet line, icon and spoken form.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from kiosk.domain.access.factors import Factor
from kiosk.domain.access.machine import (
    Acquiring,
    Admitting,
    Asking,
    Idle,
    LockedOut,
    Reason,
    Resolved,
    State,
    progress,
)
from kiosk.domain.access.policy import AccessPolicy, Hold
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect
from kiosk.domain.vision.template import SubjectId


class Prompt(Enum):
    """All prompts; the value is the key in the string tables."""

    STARTING = "starting"
    LOOK_HERE = "look_here"
    COME_CLOSER = "come_closer"
    STEP_BACK = "step_back"
    MOVE_LEFT = "move_left"
    MOVE_RIGHT = "move_right"
    MOVE_UP = "move_up"
    MOVE_DOWN = "move_down"
    LOOK_STRAIGHT = "look_straight"
    LIFT_CHIN = "lift_chin"
    LOWER_CHIN = "lower_chin"
    HEAD_UPRIGHT = "head_upright"
    OPEN_EYES = "open_eyes"
    TAKE_OFF_SUNGLASSES = "take_off_sunglasses"
    LOWER_MASK = "lower_mask"
    TOO_DARK = "too_dark"
    NOISY = "noisy"
    TOO_BRIGHT = "too_bright"
    BLURRED = "blurred"
    ONE_AT_A_TIME = "one_at_a_time"
    HOLD_STILL = "hold_still"
    GRANTED = "granted"
    NOT_RECOGNISED = "not_recognised"
    SECOND_FACTOR = "second_factor"
    OWN_FACE = "own_face"
    NOT_SEEN_WELL = "not_seen_well"
    ONE_PERSON_ONLY = "one_person_only"
    ONE_MOMENT = "one_moment"
    ENTER_PIN = "enter_pin"
    SHOW_BADGE = "show_badge"
    CODE_UNKNOWN = "code_unknown"
    CODE_MISSING = "code_missing"
    NOT_VALID = "not_valid"
    NOT_HERE = "not_here"
    NOT_NOW = "not_now"
    ALREADY_IN = "already_in"
    JUST_CAME = "just_came"
    NOT_YET_OPEN = "not_yet_open"
    DOOR_CLOSED = "door_closed"
    SOMEBODY_PASSING = "somebody_passing"
    OTHER_DOOR = "other_door"
    PANEL_SAYS_NO = "panel_says_no"
    PANEL_SILENT = "panel_silent"
    ASK_FOR_HELP = "ask_for_help"
    FACE_PAUSED = "face_paused"
    LOCKED_OUT = "locked_out"
    OUT_OF_SERVICE = "out_of_service"
    # -- self-enrolment, and my data
    INVITED_HELLO = "invited_hello"
    CONSENT_WHAT = "consent_what"
    CONSENT_USE = "consent_use"
    CONSENT_CHOICE = "consent_choice"
    CONSENT_CLOUD = "consent_cloud"
    CONSENT_PICTURE = "consent_picture"
    ANSWERED_YES = "answered_yes"
    ANSWERED_NO = "answered_no"
    DECLINED = "declined"
    FACE_IN_OVAL = "face_in_oval"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    LOOK_UP = "look_up"
    LOOK_DOWN = "look_down"
    POSE_TAKEN = "pose_taken"
    POSE_PASSED = "pose_passed"
    SHOW_DOCUMENT = "show_document"
    DOCUMENT_BLURRED = "document_blurred"
    DOCUMENT_GLARE = "document_glare"
    DOCUMENT_FACELESS = "document_faceless"
    DOCUMENT_EXPIRED = "document_expired"
    DOCUMENT_UNKNOWN = "document_unknown"
    SHOW_ZONE = "show_zone"
    DOCUMENT_CONFIRM = "document_confirm"
    IDENTITY_FITS = "identity_fits"
    SEE_RECEPTION = "see_reception"
    ENROLLED = "enrolled"
    CODE_USED = "code_used"
    CODE_EXPIRED = "code_expired"
    CODE_ELSEWHERE = "code_elsewhere"
    CODE_UNREADABLE = "code_unreadable"
    CODE_WAIT = "code_wait"
    STILL_THERE = "still_there"
    STOPPED = "stopped"
    DATA_BADGE = "data_badge"
    DATA_TITLE = "data_title"
    DATA_CONFIRM_WITHDRAW = "data_confirm_withdraw"
    DATA_WITHDRAWN = "data_withdrawn"
    DATA_RENEWED = "data_renewed"
    FEEDBACK_THANKS = "feedback_thanks"


class Tone(Enum):
    """The look of the oval and the screen; each has its own colour, line, pattern and icon."""

    WAITING = "waiting"
    WRONG = "wrong"
    RIGHT = "right"
    GRANTED = "granted"
    REFUSED = "refused"
    OFF = "off"


RESULTS = frozenset({Tone.GRANTED, Tone.REFUSED, Tone.OFF})
"""Tones that fill the screen and are shown at once."""

NOTICE = (
    Prompt.INVITED_HELLO,
    Prompt.CONSENT_WHAT,
    Prompt.CONSENT_USE,
    Prompt.CONSENT_CHOICE,
    Prompt.CONSENT_CLOUD,
    Prompt.CONSENT_PICTURE,
)
"""The layers of the consent notice, in their order: whole sentences, on a page of their own."""

OF_DEFECT = {
    Defect.TOO_FAR: Prompt.COME_CLOSER,
    Defect.TOO_CLOSE: Prompt.STEP_BACK,
    Defect.OFF_LEFT: Prompt.MOVE_RIGHT,
    Defect.OFF_RIGHT: Prompt.MOVE_LEFT,
    Defect.OFF_UP: Prompt.MOVE_DOWN,
    Defect.OFF_DOWN: Prompt.MOVE_UP,
    Defect.TOO_DARK: Prompt.TOO_DARK,
    Defect.NOISY: Prompt.NOISY,
    Defect.TOO_BRIGHT: Prompt.TOO_BRIGHT,
    Defect.MASK: Prompt.LOWER_MASK,
    Defect.SUNGLASSES: Prompt.TAKE_OFF_SUNGLASSES,
    Defect.TURNED_AWAY: Prompt.LOOK_STRAIGHT,
    Defect.CHIN_DOWN: Prompt.LIFT_CHIN,
    Defect.CHIN_UP: Prompt.LOWER_CHIN,
    Defect.TILTED: Prompt.HEAD_UPRIGHT,
    Defect.EYES_CLOSED: Prompt.OPEN_EYES,
    Defect.BLURRED: Prompt.BLURRED,
}

OF_REASON = {
    Reason.MATCHED: Prompt.GRANTED,
    Reason.NOT_RECOGNISED: Prompt.NOT_RECOGNISED,
    Reason.TIMED_OUT: Prompt.NOT_RECOGNISED,
    Reason.LEFT: Prompt.NOT_RECOGNISED,
    Reason.AMBIGUOUS: Prompt.SECOND_FACTOR,
    Reason.PRESENTATION_ATTACK: Prompt.OWN_FACE,
    Reason.POOR_VIEW: Prompt.NOT_SEEN_WELL,
    Reason.CROWDED: Prompt.ONE_PERSON_ONLY,
    Reason.FAULT: Prompt.OUT_OF_SERVICE,
    Reason.NOT_VALID: Prompt.NOT_VALID,
    Reason.NOT_HERE: Prompt.NOT_HERE,
    Reason.NOT_NOW: Prompt.NOT_NOW,
    Reason.PASSED_BACK: Prompt.ALREADY_IN,
    Reason.TOO_SOON: Prompt.JUST_CAME,
    Reason.FIRST_PERSON: Prompt.NOT_YET_OPEN,
    Reason.LOCKED_DOWN: Prompt.DOOR_CLOSED,
    Reason.FACTOR_NEEDED: Prompt.SECOND_FACTOR,
    Reason.FACTOR_SHOWN: Prompt.LOOK_HERE,
    Reason.FACTOR_PAUSED: Prompt.ASK_FOR_HELP,
    Reason.FACTOR_WRONG: Prompt.CODE_UNKNOWN,
    Reason.FACTOR_MISSING: Prompt.CODE_MISSING,
    Reason.UNDER_REVIEW: Prompt.ASK_FOR_HELP,
    Reason.OUT_OF_DATE: Prompt.ASK_FOR_HELP,
    Reason.PASSING: Prompt.SOMEBODY_PASSING,
    Reason.INTERLOCKED: Prompt.OTHER_DOOR,
    Reason.PANEL_DENIED: Prompt.PANEL_SAYS_NO,
    Reason.PANEL_SILENT: Prompt.PANEL_SILENT,
    Reason.OPERATOR_DENIED: Prompt.ASK_FOR_HELP,
    Reason.NOT_COMPARED: Prompt.FACE_PAUSED,
}

OF_FACTOR = {
    Factor.NONE: Prompt.SECOND_FACTOR,
    Factor.PIN: Prompt.ENTER_PIN,
    Factor.BADGE: Prompt.SHOW_BADGE,
    Factor.VERIFY: Prompt.SHOW_BADGE,
}

OF_HOLD = {Hold.PAUSED: Prompt.FACE_PAUSED, Hold.LOCKED_DOWN: Prompt.DOOR_CLOSED}


@dataclass(frozen=True, slots=True)
class View:
    """The content of the screen.

    Attributes:
        prompt: the sentence.
        tone: the look.
        progress: fill of the progress ring, 0 to 1.
        subject: the person greeted; None except after a grant.
        until: when a lockout ends; None otherwise.
        asks: the second factor that is awaited; None if there is none.
        opens: when the door opens for them again, local time; None if unknown.
    """

    prompt: Prompt
    tone: Tone
    progress: float = 0.0
    subject: SubjectId | None = None
    until: Instant | None = None
    asks: Factor | None = None
    opens: datetime | None = None

    @property
    def at_once(self) -> bool:
        """True if it is shown without settling: a result, or a request for a second factor."""
        return self.tone in RESULTS or self.asks is not None

    @property
    def left_at_once(self) -> bool:
        """True if the next view need not wait until this one could be read."""
        return self.at_once

    def kept(self) -> View:
        """The view while its sentence is only kept so that it can be read: its ring is empty."""
        return replace(self, progress=0.0)


def view_of(state: State, policy: AccessPolicy) -> View:
    """The view of a state, before any smoothing. Never a score."""
    match state:
        case Idle() if policy.hold is not None:
            return View(OF_HOLD[policy.hold], Tone.OFF)
        case Idle(outside=outside):
            return _asking(outside, View(Prompt.LOOK_HERE, Tone.WAITING))
        case Acquiring(crowded=True):
            return View(Prompt.ONE_AT_A_TIME, Tone.WRONG)
        case Acquiring(defect=defect, run=run):
            gathering = View(Prompt.HOLD_STILL, Tone.RIGHT, progress(run, policy))
            return _asking(defect, gathering)
        case Admitting():
            return View(Prompt.HOLD_STILL, Tone.RIGHT, 1.0)
        case Resolved(reason=Reason.MATCHED, subject=subject):
            return View(Prompt.GRANTED, Tone.GRANTED, 1.0, subject)
        case Asking():
            return _owing(state, policy)
        case Resolved(reason=reason, opens=opens):
            return View(OF_REASON[reason], Tone.REFUSED, opens=opens)
        case LockedOut(until=until):
            return View(Prompt.LOCKED_OUT, Tone.REFUSED, until=until)
        case _:
            return View(Prompt.OUT_OF_SERVICE, Tone.OFF)


def _owing(state: Asking, policy: AccessPolicy) -> View:
    """The view of a request for a factor; after it was shown, that of the face observed again."""
    watched = state.watched
    if watched is None or state.shown_at is None:
        if state.mistaken:
            return View(Prompt.CODE_UNKNOWN, Tone.WRONG, asks=state.factor)
        return View(OF_FACTOR[state.factor], Tone.WAITING, asks=state.factor)
    if watched.run or watched.crowded or watched.defect is not None:
        return view_of(watched, policy)
    return View(Prompt.LOOK_HERE, Tone.WAITING)


def _asking(defect: Defect | None, otherwise: View) -> View:
    return otherwise if defect is None else View(OF_DEFECT[defect], Tone.WRONG)
