"""The parameters of an enrolment session."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.enrolment.acts.gestures import GesturePolicy
from kiosk.domain.enrolment.poses import PosePolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPolicy:
    """The conditions for enrolling at the kiosk; the gates are the door's, or stricter.

    Attributes:
        layer_seconds: how long each layer of the notice is shown if nobody answers sooner.
        picture_seconds: how long a question after the choice is shown; silence is no.
        voice_seconds: the most that a layer waits for the voice to end; 0 where nothing is spoken.
        code_delay_seconds: a code answers from so long after its question was shown.
        code_gone_seconds: a code appears newly if it was not seen for so long.
        undo_seconds: how long an answer of the head can be undone.
        idle_seconds: after so long without an answer or a new direction the person is asked if
            they are still there.
        still_there_seconds: how long that question is shown before everything is dropped.
        absence_seconds: a face that is absent for so long has left.
        hidden_seconds: replaces `absence_seconds` while a code or a document hides the face.
        document_seconds: how long a document is waited for.
        reads_zone: true if the machine-readable zone of a document is read.
        requires_zone: true if a document without one that was read does not count.
        zone_ask_seconds: so long after the portrait the person is asked for the zone.
        zone_seconds: so long after the portrait a document counts without it, if it may.
        confirm_seconds: how long what was read of it is shown; silence is yes, for it is not kept.
        answer_seconds: the most that a service takes to answer.
        session_seconds: a session without a result ends after this.
        result_seconds: how long a result is shown.
        asks_cloud: true if people are asked whether Amazon Rekognition may match them too.
        asks_picture: true if people are asked whether an encrypted picture may be kept.
        poses_required: the directions in which a view is needed, 1 to 5.
        poses: when a head is in a direction, and how long it is waited for.
        same_person_threshold: comparison score from which on a view agrees with those before.
        doubts_allowed: views in a row that need not agree.
        pad_threshold: the mean bona fide score of all views must reach it.
        attack_threshold: views with a lower mean are an attack.
        attack_views: the number of views in a row that are judged by that.
        recognition_views: the views by which an enrolled person is recognised.
        gestures: the shape of an answer given with the head.
    """

    layer_seconds: float = 4.0
    picture_seconds: float = 10.0
    voice_seconds: float = 0.0
    code_delay_seconds: float = 2.0
    code_gone_seconds: float = 1.5
    undo_seconds: float = 3.0
    idle_seconds: float = 30.0
    still_there_seconds: float = 10.0
    absence_seconds: float = 4.0
    hidden_seconds: float = 10.0
    document_seconds: float = 60.0
    reads_zone: bool = False
    requires_zone: bool = True
    zone_ask_seconds: float = 4.0
    zone_seconds: float = 20.0
    confirm_seconds: float = 6.0
    answer_seconds: float = 30.0
    session_seconds: float = 300.0
    result_seconds: float = 6.0
    asks_cloud: bool = False
    asks_picture: bool = False
    poses_required: int = 3
    poses: PosePolicy = PosePolicy()
    same_person_threshold: float
    doubts_allowed: int = 2
    pad_threshold: float
    attack_threshold: float
    attack_views: int
    recognition_views: int
    gestures: GesturePolicy = GesturePolicy()
