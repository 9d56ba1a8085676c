"""The notice and the consent (R73, R79): layer by layer, and no template before there is one.

The first layers say what would happen, and go on by themselves, or at a yes. The choice waits for
an answer, and nothing stands in for it. A no ends the enrolment at any layer. The questions about
Amazon Rekognition and about an encrypted picture come after the choice, are asked only where the
settings allow either, and take silence for a no.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.enrolment.answers import AgreedTo, Answer, Given
from kiosk.domain.enrolment.effects import EnrolmentMove, NoteStep
from kiosk.domain.enrolment.events import EnrolmentEvent, LanguageChosen
from kiosk.domain.enrolment.policy import SessionPolicy
from kiosk.domain.enrolment.stages.attendance import Attendance
from kiosk.domain.enrolment.stages.capturing import begun
from kiosk.domain.enrolment.stages.endings import declined, show
from kiosk.domain.enrolment.stages.inquiry import hear, opened
from kiosk.domain.enrolment.states import Consenting, Layer
from kiosk.domain.enrolment.steps import EnrolmentStep
from kiosk.domain.prompts import Prompt
from kiosk.domain.vision.frame import Instant

NEXT = {Layer.HELLO: Layer.WHAT, Layer.WHAT: Layer.USE, Layer.USE: Layer.CHOICE}
"""The layers that go on by themselves, and to which."""


def asked(who: Attendance, layer: Layer, at: Instant, chosen: Given | None = None) -> Consenting:
    """A layer that is shown from then on."""
    inquiry = opened(Prompt(layer.value), at)
    return Consenting(who=who, layer=layer, inquiry=inquiry, chosen=chosen)


def consent(state: Consenting, event: EnrolmentEvent, policy: SessionPolicy) -> EnrolmentMove:
    """Apply one event to the notice; another language begins it again."""
    if isinstance(event, LanguageChosen):
        return show(asked(state.who, Layer.HELLO, event.at))
    hearing = hear(state.inquiry, state.who, event, policy)
    state = replace(state, inquiry=hearing.inquiry)
    if hearing.given is None:
        return _waiting(state, event.at, policy)
    return _answered(state, hearing.given, event.at, policy)


def _answered(state: Consenting, given: Given, at: Instant, policy: SessionPolicy) -> EnrolmentMove:
    if state.chosen is not None:
        return _further(state, state.chosen, at, policy, agrees=given.answer is Answer.YES)
    if given.answer is Answer.NO:
        return declined(state.who, at, policy)
    if state.layer in NEXT:
        return show(asked(state.who, NEXT[state.layer], at))
    who = replace(state.who, track=state.inquiry.track) if given.by_head else state.who
    return _further(replace(state, who=who), given, at, policy, agrees=False)


def _further(
    state: Consenting, chosen: Given, at: Instant, policy: SessionPolicy, *, agrees: bool
) -> EnrolmentMove:
    """Ask what else is asked after the choice, or begin.

    Args:
        state: at the layer that was answered.
        chosen: the choice.
        at: when the layer was answered.
        policy: says what is asked.
        agrees: the answer to the layer; false for that of the choice.
    """
    cloud = agrees if state.layer is Layer.CLOUD else state.cloud
    if policy.asks_cloud and state.layer is Layer.CHOICE:
        return show(asked(state.who, Layer.CLOUD, at, chosen=chosen))
    if policy.asks_picture and state.layer is not Layer.PICTURE:
        return show(replace(asked(state.who, Layer.PICTURE, at, chosen=chosen), cloud=cloud))
    picture = agrees and state.layer is Layer.PICTURE
    return _agreed(state.who, AgreedTo(chosen, state.who.language, picture, cloud), at, policy)


def _waiting(state: Consenting, at: Instant, policy: SessionPolicy) -> EnrolmentMove:
    """Go on by itself where no answer is needed, once there was time to read and to listen."""
    shown = at - state.inquiry.shown_at
    if state.inquiry.given is not None:
        return show(state)
    if state.chosen is not None:
        if shown >= policy.picture_seconds:
            return _further(state, state.chosen, at, policy, agrees=False)
        return show(state)
    heard = state.inquiry.voiced or shown >= policy.voice_seconds
    if state.layer in NEXT and heard and shown >= policy.layer_seconds:
        return show(asked(state.who, NEXT[state.layer], at))
    return show(state)


def _agreed(who: Attendance, to: AgreedTo, at: Instant, policy: SessionPolicy) -> EnrolmentMove:
    """The consent is given: from now on pictures may be taken."""
    begins = begun(who, to, at, policy)
    return show(begins, NoteStep(at, EnrolmentStep.CONSENTED, who.invitee.subject))
