"""The question about Amazon Rekognition: asked after the choice, and silence is a no."""

from __future__ import annotations

from dataclasses import replace

import pytest
from enrolling import ANN, INVITEE, POLICY, Visit, kept

from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.enrolment.invitee import Invitee
from kiosk.domain.enrolment.poses import PoseDirection
from kiosk.domain.enrolment.states import Capturing, may_extract, may_take_picture
from kiosk.domain.enrolment.steps import EnrolmentStep
from kiosk.domain.prompts import Prompt
from kiosk.domain.vision.template import SubjectId

ASKS_CLOUD = replace(POLICY, asks_cloud=True)
ASKS_BOTH = replace(ASKS_CLOUD, asks_picture=True)
YES, NO = Answer.YES, Answer.NO


def chosen(visit: Visit) -> Visit:
    """Somebody has read the notice and said yes."""
    visit.invite()
    visit.read()
    visit.stand(2.0)
    visit.touch(YES)
    return visit


def undecided(visit: Visit) -> bool:
    return EnrolmentStep.CONSENTED not in [step for step, _ in visit.notes] and not may_extract(
        visit.state
    )


@pytest.mark.parametrize(("answer", "agrees"), [(YES, True), (NO, False), (None, False)])
def test_faces_are_sent_only_after_a_yes_of_its_own(answer: Answer | None, *, agrees: bool) -> None:
    visit = chosen(Visit(ASKS_CLOUD))
    assert visit.view.prompt is Prompt.CONSENT_CLOUD
    assert undecided(visit)
    if answer is None:
        visit.stand(POLICY.picture_seconds - 0.25)
        assert undecided(visit)
        visit.stand(0.5)
    else:
        visit.touch(answer)
    assert may_extract(visit.state)
    assert may_take_picture(visit.state) is agrees
    visit.turn(*PoseDirection, visage=ANN.but(picture=agrees))
    (candidate,) = visit.candidates
    assert candidate.agreed is not None
    assert (candidate.agreed.cloud, candidate.agreed.picture) == (agrees, False)


@pytest.mark.parametrize("cloud", [YES, NO])
@pytest.mark.parametrize("picture", [YES, NO])
def test_each_question_has_an_answer_of_its_own(cloud: Answer, picture: Answer) -> None:
    visit = chosen(Visit(ASKS_BOTH))
    visit.touch(cloud)
    assert visit.view.prompt is Prompt.CONSENT_PICTURE
    assert undecided(visit)
    visit.touch(picture)
    visit.turn(*PoseDirection, visage=ANN.but(picture=YES in {cloud, picture}))
    (candidate,) = visit.candidates
    assert candidate.agreed is not None
    assert candidate.agreed.cloud is (cloud is YES)
    assert candidate.agreed.picture is (picture is YES)


def test_a_nod_to_the_cloud_can_be_undone() -> None:
    visit = chosen(Visit(ASKS_CLOUD))
    visit.nod()
    assert visit.view.prompt is Prompt.ANSWERED_YES
    visit.shake()
    assert visit.view.prompt is Prompt.CONSENT_CLOUD
    assert undecided(visit)


def test_who_leaves_at_the_question_has_agreed_to_nothing() -> None:
    visit = chosen(Visit(ASKS_CLOUD))
    visit.nobody(POLICY.absence_seconds)
    assert undecided(visit)
    assert kept(visit.state) == []


def test_where_nothing_is_sent_nobody_is_asked() -> None:
    visit = chosen(Visit())
    assert visit.view.prompt is not Prompt.CONSENT_CLOUD
    assert may_extract(visit.state)


def test_the_dots_count_the_question() -> None:
    before = Visit(POLICY), Visit(ASKS_CLOUD), Visit(ASKS_BOTH)
    for visit in before:
        visit.invite()
    counts = [visit.view.dots[1] for visit in before]
    assert counts == [counts[0], counts[0] + 1, counts[0] + 2]


@pytest.mark.parametrize("cloud", [True, False])
def test_a_renewal_takes_pictures_of_who_agreed_to_the_cloud(*, cloud: bool) -> None:
    visit = chosen(Visit(ASKS_CLOUD))
    visit.touch(YES)
    assert isinstance(visit.state, Capturing)
    invitee = replace(INVITEE, enrolled=True, cloud=cloud)
    renewal = replace(visit.state, agreed=None, who=replace(visit.state.who, invitee=invitee))
    assert may_take_picture(renewal) is cloud


def test_who_is_not_enrolled_has_agreed_to_no_cloud() -> None:
    assert not Invitee(SubjectId("ann")).cloud
