"""Who enrols at the kiosk and agrees to it is asked about elsewhere too; nobody else ever is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from desk_kiosk import RULES
from enrolling import ANN, POLICY, Visit

from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.enrolment.effects import Enrol, EnrolmentCandidate, Renew
from kiosk.domain.enrolment.events import EnrolmentEvent, Finished
from kiosk.domain.enrolment.poses import PoseDirection
from kiosk.domain.enrolment.steps import EndReason
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId
from kiosk.people.beginning.best_views import MOST_ELSEWHERE
from kiosk.people.elsewhere.port import ElsewhereAnswer, ElsewhereRequest, ElsewhereVerdict
from kiosk.people.self_enrolment import SelfEnrolment
from kiosk.people.self_enrolment_rules import SelfEnrolmentListeners
from kiosk.store.open_home import OpenHome

SUBJECT = SubjectId("ann")


class Recording:
    """A service elsewhere that says what a test wants."""

    def __init__(self) -> None:
        self.verdict = ElsewhereVerdict.FITS
        self.asked: list[ElsewhereRequest] = []
        self.known: list[SubjectId] = []

    def judge(self, request: ElsewhereRequest) -> ElsewhereAnswer:
        self.asked.append(request)
        return ElsewhereAnswer(self.verdict, SubjectId("somebody"))

    def kept(self, subject: SubjectId) -> None:
        self.known.append(subject)


class Kiosk:
    """The services of an enrolment, over a home."""

    def __init__(self, path: Path) -> None:
        self.open_home = OpenHome.open(path)
        self.elsewhere = Recording()
        self.answers: list[EnrolmentEvent] = []
        listeners = SelfEnrolmentListeners(self.answers.append, _heard, _heard, _heard)  # type: ignore[arg-type]
        self.service = SelfEnrolment(
            self.open_home,
            replace(RULES, encode=lambda _: b"jpeg"),
            lambda _: None,
            lambda: Instant(1000.0),
            listeners,
            elsewhere=self.elsewhere,
        )

    def failure(self) -> EndReason | None:
        """Why the last enrolment failed; None if it did not."""
        finished = self.answers[-1]
        assert isinstance(finished, Finished)
        return finished.failure


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    kiosk = Kiosk(tmp_path / "home")
    yield kiosk
    kiosk.open_home.close()


def candidate(cloud: Answer) -> EnrolmentCandidate:
    """Somebody who was asked about the cloud, and whose pictures were taken if they agreed."""
    visit = Visit(replace(POLICY, asks_cloud=True))
    visit.invite()
    visit.read()
    visit.stand(2.0)
    visit.touch(Answer.YES)
    visit.touch(cloud)
    visit.turn(*PoseDirection, visage=ANN.but(picture=cloud is Answer.YES))
    (made,) = visit.candidates
    return replace(made, invitee=replace(made.invitee, invitation=None))


def test_who_agrees_is_asked_about_and_then_known(kiosk: Kiosk) -> None:
    kiosk.service.carry_out([Enrol(candidate(Answer.YES))])
    assert kiosk.failure() is None
    (asked,) = kiosk.elsewhere.asked
    assert asked.subject == SUBJECT
    assert asked.consent.cloud
    assert 1 <= len(asked.pictures) <= MOST_ELSEWHERE
    assert {(it.jpeg, it.width, it.height) for it in asked.pictures} == {(b"jpeg", 2, 2)}
    assert kiosk.elsewhere.known == [SUBJECT]
    kept = kiosk.open_home.references.show(SUBJECT).profile.consent
    assert (kept.cloud, kept.picture) == (True, False)
    assert kiosk.open_home.references.picture(SUBJECT) is None, "taken to be sent, not to be kept"


def test_who_says_no_is_enrolled_here_alone(kiosk: Kiosk) -> None:
    kiosk.service.carry_out([Enrol(candidate(Answer.NO))])
    assert kiosk.failure() is None
    assert (kiosk.elsewhere.asked, kiosk.elsewhere.known) == ([], [])
    assert not kiosk.open_home.references.show(SUBJECT).profile.consent.cloud


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        (ElsewhereVerdict.DIFFERS, EndReason.IDENTITY),
        (ElsewhereVerdict.DUPLICATE, EndReason.DUPLICATE),
        (ElsewhereVerdict.POOR_VIEW, EndReason.POOR_VIEW),
    ],
)
def test_a_refusal_enrols_nobody(
    kiosk: Kiosk, verdict: ElsewhereVerdict, reason: EndReason
) -> None:
    kiosk.elsewhere.verdict = verdict
    kiosk.service.carry_out([Enrol(candidate(Answer.YES))])
    assert kiosk.failure() is reason
    assert kiosk.open_home.references.subjects() == []
    assert kiosk.elsewhere.known == []


def test_without_an_answer_they_are_enrolled_and_known_later(kiosk: Kiosk) -> None:
    kiosk.elsewhere.verdict = ElsewhereVerdict.LATER
    kiosk.service.carry_out([Enrol(candidate(Answer.YES))])
    assert kiosk.failure() is None
    assert kiosk.elsewhere.known == [SUBJECT]


@pytest.mark.parametrize("cloud", [Answer.YES, Answer.NO])
def test_a_renewal_rests_on_the_consent_of_the_enrolment(kiosk: Kiosk, cloud: Answer) -> None:
    first = candidate(cloud)
    kiosk.service.carry_out([Enrol(first)])
    kiosk.elsewhere.asked.clear()
    again = replace(candidate(Answer.YES), agreed=None)
    kiosk.service.carry_out([Renew(again)])
    assert kiosk.failure() is None
    assert len(kiosk.elsewhere.asked) == (cloud is Answer.YES)
    assert kiosk.service._invitees.of(SUBJECT, None).cloud is (cloud is Answer.YES)


def _heard(*_what: object) -> None:
    """Nobody listens."""
