"""The pictures: of one person, alone, from their first lone face after the consent to the end.

Theory of operation. The first face that is alone in the lane is theirs, or the one that nodded.
Only frames that were searched for other faces count, and only while nobody else is in them. Each
view has to agree with those before; some that do not are dropped, and too many in a row are another
person. After the face was hidden behind a code, nothing counts before a view agrees. Attack
detection looks at all views together and at each stretch of them, not only at those that are kept.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.enrolment.answers import AgreedTo
from kiosk.domain.enrolment.document import ReadDocument
from kiosk.domain.enrolment.effects import (
    Enrol,
    EnrolmentCandidate,
    EnrolmentEffect,
    EnrolmentMove,
    NoteStep,
    Renew,
)
from kiosk.domain.enrolment.events import EnrolmentEvent
from kiosk.domain.enrolment.looked import Looked, LookedFace
from kiosk.domain.enrolment.policy import SessionPolicy
from kiosk.domain.enrolment.poses import PoseCoach, PoseDirection, PoseSample
from kiosk.domain.enrolment.stages.attendance import Attendance
from kiosk.domain.enrolment.stages.attending import lone
from kiosk.domain.enrolment.stages.endings import failed, show
from kiosk.domain.enrolment.states import CapturePurpose, Capturing, Committing, ShowingDocument
from kiosk.domain.enrolment.steps import EndReason, EnrolmentStep
from kiosk.domain.vision.attack import PadResult, life
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.run import mean_template
from kiosk.domain.vision.template import Template

MOST_KNOWN = 8
"""The views that the next one has to agree with: the first few, so that nobody shifts them."""


def begun(
    who: Attendance,
    agreed: AgreedTo | None,
    at: Instant,
    policy: SessionPolicy,
    known: tuple[Template, ...] = (),
) -> Capturing:
    """The state in which pictures begin to be taken; without a consent they renew others."""
    return Capturing(
        who=who,
        agreed=agreed,
        since=at,
        moved_at=at,
        coach=PoseCoach(required=policy.poses_required),
        known=known,
    )


def capture(state: Capturing, event: EnrolmentEvent, policy: SessionPolicy) -> EnrolmentMove:
    """Apply one event to the pictures; fewer directions count as soon as they are allowed."""
    required = state.who.poses_required
    if required is not None and required < state.coach.required:
        coach = replace(state.coach, required=required)
        return _complete(replace(state, coach=coach), event.at, policy)
    if not isinstance(event, Looked):
        return show(state)
    return _look(state, event, policy)


def _look(state: Capturing, event: Looked, policy: SessionPolicy) -> EnrolmentMove:
    face = lone(event)
    state = replace(state, crowded=len(event.faces) > 1, defect=event.outside)
    if face is None:
        return show(state)
    if face.quality is not None and face.quality.defects:
        state = replace(state, defect=event.outside or face.quality.defects[0])
    if not (event.searched and face.inside):
        return show(state)
    state = _weighed(_theirs(state, face), face)
    if suspect(state.pads, policy):
        return failed(state.who, EndReason.PRESENTATION_ATTACK, event.at, policy)
    template = usable(face, policy)
    if template is not None:
        state, template = _compared(state, template, policy)
        if state.doubts > policy.doubts_allowed:
            return failed(state.who, EndReason.ANOTHER_PERSON, event.at, policy)
    return _coached(state, replace(face, template=template), event.at, policy)


def _theirs(state: Capturing, face: LookedFace) -> Capturing:
    """The state with this face as theirs; after another track it has yet to prove it."""
    who = state.who
    if face.track == who.track:
        return state
    known = replace(who, track=face.track, seen_at=who.looked_at)
    return replace(state, who=known, proven=who.track is None)


def _weighed(state: Capturing, face: LookedFace) -> Capturing:
    return state if face.pad is None else replace(state, pads=(*state.pads, face.pad))


def usable(face: LookedFace, policy: SessionPolicy) -> Template | None:
    """The template of a view that passed quality and attack detection; None of any other."""
    passed = face.pad is not None and face.pad.passes(policy.pad_threshold)
    good = face.quality is not None and face.quality.acceptable
    return face.template if passed and good else None


def _compared(
    state: Capturing, template: Template, policy: SessionPolicy
) -> tuple[Capturing, Template | None]:
    """The state after a comparison with the views before, and the template if it agrees.

    A face that came back before anything was known of it can never prove that it is the same.
    """
    if not (agrees(state.known, template, policy) if state.known else state.proven):
        return replace(state, doubts=state.doubts + 1), None
    known = state.known if len(state.known) >= MOST_KNOWN else (*state.known, template)
    return replace(state, known=known, doubts=0, proven=True), template


def agrees(known: tuple[Template, ...], template: Template, policy: SessionPolicy) -> bool:
    """True if a template is of the face that is known by one or more others, of one space."""
    if template.space != known[0].space:
        return False
    score = float(mean_template(known).vector @ template.vector)
    return score >= policy.same_person_threshold


def suspect(pads: tuple[PadResult, ...], policy: SessionPolicy) -> bool:
    """True if the newest views look like an attack, however good those before them were."""
    newest = pads[-policy.attack_views :]
    return len(newest) >= policy.attack_views and life(newest) < policy.attack_threshold


def _coached(
    state: Capturing, face: LookedFace, at: Instant, policy: SessionPolicy
) -> EnrolmentMove:
    coach = state.coach.seeing(face, at, policy.poses)
    if done(coach, policy) != done(state.coach, policy):
        state = replace(state, moved_at=at, skipped=coach.passed > state.coach.passed)
    return _complete(replace(state, coach=coach), at, policy)


def done(coach: PoseCoach, policy: SessionPolicy) -> frozenset[PoseDirection]:
    """The directions that were taken or passed over."""
    return coach.taken(policy.poses) | coach.passed


# -- what follows the pictures -------------------------------------------------------------------


def _complete(state: Capturing, at: Instant, policy: SessionPolicy) -> EnrolmentMove:
    """Go on once every direction was taken or passed over."""
    if state.coach.wanted(policy.poses) is not None:
        return show(state)
    if not state.coach.enough(policy.poses):
        return failed(state.who, EndReason.TOO_FEW, at, policy)
    if not life(state.pads) >= policy.pad_threshold:
        return failed(state.who, EndReason.POOR_VIEW, at, policy)
    who, samples = state.who, state.coach.samples
    if state.agreed is None:
        return committed(who, None, samples, at)
    note = NoteStep(at, EnrolmentStep.CAPTURED, who.invitee.subject)
    if not who.invitee.asks_document:
        return committed(who, state.agreed, samples, at, note)
    asked = ShowingDocument(
        who=replace(who, track=None),
        agreed=state.agreed,
        since=at,
        moved_at=at,
        samples=samples,
    )
    return show(asked, note)


def committed(
    who: Attendance,
    agreed: AgreedTo | None,
    samples: tuple[PoseSample, ...],
    at: Instant,
    *before: EnrolmentEffect,
    document: ReadDocument | None = None,
) -> EnrolmentMove:
    """Hand everything on; the state keeps nothing of it."""
    candidate = EnrolmentCandidate(
        at, who.invitee, agreed, samples, document=document, poses_reason=who.poses_reason
    )
    purpose = CapturePurpose.RENEW if agreed is None else CapturePurpose.ENROL
    order = Renew(candidate) if agreed is None else Enrol(candidate)
    return show(Committing(who=who, purpose=purpose, since=at), *before, order)
