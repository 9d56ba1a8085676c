"""The steps of an enrolment as other programs read them; the values are part of the JSON contract.

`kiosk run --json` prints one event for each step that comes about.
"""

from __future__ import annotations

from enum import Enum


class EnrolmentStep(Enum):
    """What came about in an enrolment."""

    INVITED = "invited"
    """An invitation was accepted, and the questions begin."""
    CONSENTED = "consented"
    DECLINED = "declined"
    CAPTURED = "captured"
    """Enough pictures of good quality were taken."""
    IDENTITY = "identity"
    """The pictures were compared with a trusted reference; the reason says if they differ."""
    DUPLICATE = "duplicate"
    """The pictures resemble somebody who is enrolled; nothing is kept, and a person decides."""
    ENROLLED = "enrolled"
    ABANDONED = "abandoned"
    FAILED = "failed"


class EndReason(Enum):
    """Why an enrolment ended without a result; no value says how close anything was."""

    # -- declined
    SAID_NO = "said_no"
    # -- abandoned
    LEFT = "left"
    """Nobody was seen for too long."""
    SILENT = "silent"
    """Nothing was done for too long, and nobody said that they were still there."""
    STOPPED = "stopped"
    # -- failed: the code
    CODE_USED = "code_used"
    CODE_EXPIRED = "code_expired"
    CODE_ELSEWHERE = "code_elsewhere"
    CODE_UNREADABLE = "code_unreadable"
    CODE_WAIT = "code_wait"
    # -- failed: the pictures
    PRESENTATION_ATTACK = "presentation_attack"
    ANOTHER_PERSON = "another_person"
    """Somebody else stepped in after the consent."""
    TOO_FEW = "too_few_views"
    TIMED_OUT = "timed_out"
    # -- failed: what follows the pictures
    NO_DOCUMENT = "no_document"
    """No usable identity document was shown in time."""
    POOR_VIEW = "poor_view"
    """The pictures did not pass the gates of an enrolment."""
    IDENTITY = "identity_mismatch"
    DUPLICATE = "duplicate"
    NOT_RECOGNISED = "not_recognised"
    """The person who asked for their data was not recognised."""
    NO_ROOM = "no_room"
    """The gallery holds no more people."""
    FAULT = "fault"
    """A part of the kiosk failed."""
