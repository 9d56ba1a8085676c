"""An identity document is held up where policy asks for one (R14, R26, R29, R30)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from enrolling import ANN, BEN, INVITEE, POLICY, Visit, kept, template

from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.enrolment.document import DocumentFault, DocumentSeen, ReadDocument
from kiosk.domain.enrolment.events import StopWanted
from kiosk.domain.enrolment.facts import DataFact, FactKind
from kiosk.domain.enrolment.poses import PoseDirection
from kiosk.domain.enrolment.states import Committing, ShowingDocument, StillThere, may_extract
from kiosk.domain.enrolment.steps import EndReason, EnrolmentStep
from kiosk.domain.prompts import Prompt, Tone

PLAIN = ReadDocument(template("ann"))
LINED = ReadDocument(template("ann"), ("EXAMPLE ANN", "2031-05-01"))


def asked() -> Visit:
    """Ann's pictures are taken, and a document is asked for."""
    visit = Visit()
    visit.invite(replace(INVITEE, asks_document=True))
    visit.read()
    visit.touch(Answer.YES)
    visit.turn(*PoseDirection)
    assert isinstance(visit.state, ShowingDocument)
    return visit


def seen(
    visit: Visit, document: ReadDocument | None = None, fault: DocumentFault | None = None
) -> None:
    visit.handle(DocumentSeen(visit.at(), held=True, fault=fault, document=document))


def test_ann_shows_a_document() -> None:
    visit = asked()
    assert (visit.view.prompt, visit.view.document) == (Prompt.SHOW_DOCUMENT, True)
    seen(visit)
    seen(visit, PLAIN)
    assert isinstance(visit.state, Committing)
    (candidate,) = visit.candidates
    assert candidate.document is PLAIN
    assert len(candidate.samples) == 10
    assert visit.notes[-1] == (EnrolmentStep.CAPTURED, None)
    assert repr(LINED) == "ReadDocument(2 hidden lines)"


def test_no_template_is_made_while_a_document_is_asked_for() -> None:
    """The face on it is another face in the picture."""
    visit = asked()
    visit.see(ANN, BEN)
    visit.see(BEN)
    assert isinstance(visit.state, ShowingDocument)
    assert not may_extract(visit.state)


@pytest.mark.parametrize(
    ("fault", "prompt"),
    [
        (DocumentFault.BLURRED, Prompt.DOCUMENT_BLURRED),
        (DocumentFault.GLARE, Prompt.DOCUMENT_GLARE),
        (DocumentFault.FACELESS, Prompt.DOCUMENT_FACELESS),
        (DocumentFault.EXPIRED, Prompt.DOCUMENT_EXPIRED),
        (DocumentFault.UNKNOWN, Prompt.DOCUMENT_UNKNOWN),
    ],
)
def test_a_document_that_cannot_be_used_says_why(fault: DocumentFault, prompt: Prompt) -> None:
    visit = asked()
    seen(visit, fault=fault)
    assert (visit.view.prompt, visit.view.tone) == (prompt, Tone.WRONG)
    assert visit.view.document
    seen(visit, PLAIN, fault)
    assert isinstance(visit.state, ShowingDocument)
    visit.handle(DocumentSeen(visit.at()))
    assert visit.view.prompt is Prompt.SHOW_DOCUMENT


def test_what_was_read_is_shown_and_confirmed() -> None:
    visit = asked()
    seen(visit, LINED)
    lines = tuple(DataFact(FactKind.READ, text=line) for line in LINED.lines)
    assert (visit.view.prompt, visit.view.facts, visit.view.asks) == (
        Prompt.DOCUMENT_CONFIRM,
        lines,
        True,
    )
    visit.touch(Answer.YES)
    assert visit.candidates[0].document is LINED


def test_the_end_needs_no_answer() -> None:
    visit = asked()
    seen(visit, LINED)
    visit.stand(POLICY.confirm_seconds - 0.25)
    assert isinstance(visit.state, ShowingDocument)
    visit.stand(0.25)
    assert visit.candidates[0].document is LINED


def test_what_is_not_right_is_shown_again() -> None:
    visit = asked()
    visit.stand(20.0)
    seen(visit, LINED)
    visit.shake()
    assert (visit.view.prompt, visit.view.facts) == (Prompt.SHOW_DOCUMENT, ())
    assert visit.candidates == []
    assert isinstance(visit.state, ShowingDocument)
    assert visit.state.since == visit.state.moved_at > visit.now - 1.0
    seen(visit, PLAIN)
    assert visit.candidates[0].document is PLAIN


def test_no_document_in_time_ends_it() -> None:
    visit = asked()
    for _ in range(round(POLICY.document_seconds) - 1):
        visit.see(ANN, times=7)
        seen(visit)
    assert isinstance(visit.state, ShowingDocument)
    visit.see(ANN, times=9)
    assert visit.notes[-1] == (EnrolmentStep.FAILED, EndReason.NO_DOCUMENT)
    assert (visit.view.prompt, kept(visit.state)) == (Prompt.SEE_RECEPTION, [])


def test_whoever_shows_nothing_is_asked_if_they_are_there() -> None:
    visit = asked()
    visit.stand(POLICY.idle_seconds)
    assert isinstance(visit.state, StillThere)
    visit.touch(Answer.YES)
    assert visit.view.prompt is Prompt.SHOW_DOCUMENT


def test_a_document_hides_a_face_for_ten_seconds_at_most() -> None:
    visit = asked()
    for _ in range(5):
        visit.nobody(0.75)
        seen(visit)
    visit.nobody(POLICY.hidden_seconds - 6.0)
    assert isinstance(visit.state, ShowingDocument)
    visit.nobody(2.0)
    assert visit.notes[-1] == (EnrolmentStep.ABANDONED, EndReason.LEFT)
    assert kept(visit.state) == []


def test_a_document_that_is_not_held_up_hides_nobody() -> None:
    visit = asked()
    for _ in range(8):
        visit.handle(DocumentSeen(visit.at()))
        visit.nobody(0.5)
    assert visit.notes[-1] == (EnrolmentStep.ABANDONED, EndReason.LEFT)


def test_whoever_stops_with_a_document_in_hand_leaves_nothing() -> None:
    visit = asked()
    seen(visit, LINED)
    visit.handle(StopWanted(visit.at()))
    assert (visit.view.prompt, kept(visit.state)) == (Prompt.STOPPED, [])
