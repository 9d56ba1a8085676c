"""An identity document is held up where policy asks for one (R14, R26, R29, R30)."""

from __future__ import annotations

from dataclasses import astuple, replace
from datetime import date

import pytest
from enrolling import ANN, BEN, INVITEE, POLICY, Visit, kept, template

from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.enrolment.document import (
    CardFrame,
    DocumentFault,
    DocumentKind,
    DocumentSeen,
    DocumentZone,
    ReadDocument,
)
from kiosk.domain.enrolment.events import StopWanted
from kiosk.domain.enrolment.facts import DataFact, FactKind
from kiosk.domain.enrolment.policy import SessionPolicy
from kiosk.domain.enrolment.poses import PoseDirection
from kiosk.domain.enrolment.states import (
    Committing,
    Dormant,
    ShowingDocument,
    StillThere,
    may_extract,
    may_read_document,
)
from kiosk.domain.enrolment.steps import EndReason, EnrolmentStep
from kiosk.domain.enrolment.view import OF_FAULT
from kiosk.domain.prompts import Prompt, Tone
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import Template

PORTRAIT, OTHERS = template("ann"), template("ben")
ZONE = DocumentZone(DocumentKind.ID_CARD, ("EXAMPLE", "ANN"), date(2031, 5, 1))
PASSPORT = DocumentZone(DocumentKind.PASSPORT, ("EXAMPLE", "BEN"), date(2032, 5, 1))
READING = replace(POLICY, reads_zone=True)
LENIENT = replace(READING, requires_zone=False)


def asked(policy: SessionPolicy = POLICY) -> Visit:
    """Ann's pictures are taken, and a document is asked for."""
    visit = Visit(policy)
    visit.invite(replace(INVITEE, asks_document=True))
    visit.read()
    visit.touch(Answer.YES)
    visit.turn(*PoseDirection)
    assert isinstance(visit.state, ShowingDocument)
    return visit


def seen(
    visit: Visit,
    portrait: Template | None = None,
    zone: DocumentZone | None = None,
    fault: DocumentFault | None = None,
) -> None:
    visit.handle(DocumentSeen(visit.at(), held=True, fault=fault, portrait=portrait, zone=zone))


def shown(visit: Visit) -> ReadDocument:
    """The document that the saga was given."""
    assert isinstance(visit.state, Committing)
    (candidate,) = visit.candidates
    assert candidate.document is not None
    return candidate.document


def test_ann_shows_a_document() -> None:
    visit = asked()
    assert (visit.view.prompt, visit.view.document) == (Prompt.SHOW_DOCUMENT, True)
    seen(visit)
    seen(visit, PORTRAIT)
    assert (shown(visit).portrait, shown(visit).zone) == (PORTRAIT, None)
    assert len(visit.candidates[0].samples) == 10
    assert visit.notes[-1] == (EnrolmentStep.CAPTURED, None)


def test_nothing_of_a_document_is_printed() -> None:
    look = DocumentSeen(Instant(0.0), held=True, portrait=PORTRAIT, zone=ZONE)
    visit = asked(READING)
    seen(visit, PORTRAIT, ZONE)
    for each in (look, ReadDocument(PORTRAIT, ZONE), visit.state):
        assert "EXAMPLE" not in repr(each)
        assert "2031" not in repr(each)
    assert repr(ReadDocument(PORTRAIT, ZONE)) == "ReadDocument(with a zone)"
    assert repr(ReadDocument(PORTRAIT)) == "ReadDocument(without a zone)"


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
    """Two looks in a row have to agree: a card on its way into the frame has many faults."""
    visit = asked()
    seen(visit, fault=fault)
    assert visit.view.prompt is Prompt.SHOW_DOCUMENT
    seen(visit, PORTRAIT, fault=fault)
    assert (visit.view.prompt, visit.view.tone) == (prompt, Tone.WRONG)
    assert visit.view.document
    assert isinstance(visit.state, ShowingDocument)
    visit.handle(DocumentSeen(visit.at()))
    assert visit.view.prompt is Prompt.SHOW_DOCUMENT


def test_what_was_read_is_shown_and_confirmed() -> None:
    visit = asked(READING)
    seen(visit, PORTRAIT, ZONE)
    lines = (
        DataFact(FactKind.READ, text="EXAMPLE"),
        DataFact(FactKind.READ, text="ANN"),
        DataFact(FactKind.UNTIL, day=date(2031, 5, 1)),
    )
    assert (visit.view.prompt, visit.view.facts, visit.view.asks) == (
        Prompt.DOCUMENT_CONFIRM,
        lines,
        True,
    )
    assert may_read_document(visit.state) is False
    visit.touch(Answer.YES)
    assert shown(visit).zone is ZONE


def test_no_document_is_looked_for_where_nobody_enrols() -> None:
    assert may_read_document(Dormant()) is False


def test_the_end_needs_no_answer() -> None:
    visit = asked(READING)
    seen(visit, PORTRAIT, ZONE)
    visit.stand(POLICY.confirm_seconds - 0.25)
    assert isinstance(visit.state, ShowingDocument)
    visit.stand(0.25)
    assert shown(visit).zone is ZONE


def test_what_is_not_right_is_shown_again() -> None:
    visit = asked(READING)
    visit.stand(20.0)
    seen(visit, OTHERS, ZONE)
    visit.shake()
    assert (visit.view.prompt, visit.view.facts) == (Prompt.SHOW_DOCUMENT, ())
    assert visit.candidates == []
    assert isinstance(visit.state, ShowingDocument)
    assert visit.state.since == visit.state.moved_at > visit.now - 1.0
    assert kept((visit.state.portrait, visit.state.document)) == []
    assert (visit.state.inquiry, may_read_document(visit.state)) == (None, True)
    seen(visit, PORTRAIT, ZONE)
    visit.touch(Answer.YES)
    assert shown(visit).portrait is PORTRAIT


# -- the zone ------------------------------------------------------------------------------------


def test_a_card_with_two_sides_is_turned_over() -> None:
    visit = asked(READING)
    seen(visit, PORTRAIT)
    assert (visit.view.prompt, visit.view.tone) == (Prompt.HOLD_STILL, Tone.RIGHT)
    assert visit.view.document
    visit.stand(POLICY.zone_ask_seconds)
    assert (visit.view.prompt, visit.view.document) == (Prompt.SHOW_ZONE, True)
    for _ in range(3):
        seen(visit, fault=DocumentFault.FACELESS)
        assert visit.view.prompt is Prompt.SHOW_ZONE, "its back has no portrait"
    seen(visit, zone=ZONE)
    assert visit.view.prompt is Prompt.DOCUMENT_CONFIRM
    visit.touch(Answer.YES)
    assert (shown(visit).portrait, shown(visit).zone) == (PORTRAIT, ZONE)


def test_the_back_may_come_first() -> None:
    visit = asked(READING)
    seen(visit, zone=ZONE)
    assert (visit.view.prompt, visit.view.tone) == (Prompt.DOCUMENT_FACELESS, Tone.WAITING)
    seen(visit, PORTRAIT)
    assert visit.view.prompt is Prompt.DOCUMENT_CONFIRM


def test_a_portrait_and_a_zone_of_one_look_belong_together() -> None:
    """A passport's portrait cannot be that of a card that was held up before."""
    visit = asked(READING)
    seen(visit, PORTRAIT)
    seen(visit, OTHERS, PASSPORT)
    visit.touch(Answer.YES)
    assert (shown(visit).portrait, shown(visit).zone) == (OTHERS, PASSPORT)


def test_the_first_portrait_stays_while_the_zone_is_looked_for() -> None:
    visit = asked(READING)
    seen(visit, PORTRAIT)
    seen(visit, OTHERS)
    seen(visit, zone=ZONE)
    visit.touch(Answer.YES)
    assert shown(visit).portrait is PORTRAIT


def test_without_a_zone_that_is_required_nobody_is_enrolled() -> None:
    visit = asked(READING)
    for _ in range(round(POLICY.document_seconds)):
        seen(visit, PORTRAIT)
        visit.see(ANN, times=7)
    assert visit.candidates == []
    assert visit.notes[-1] == (EnrolmentStep.FAILED, EndReason.NO_DOCUMENT)
    assert (visit.view.prompt, kept(visit.state)) == (Prompt.SEE_RECEPTION, [])


def test_where_it_is_not_required_the_portrait_counts_once_it_was_looked_for() -> None:
    visit = asked(LENIENT)
    seen(visit, PORTRAIT)
    visit.stand(POLICY.zone_seconds - 0.25)
    assert isinstance(visit.state, ShowingDocument)
    visit.stand(0.25)
    assert shown(visit).zone is None


@pytest.mark.parametrize("fault", [DocumentFault.EXPIRED, DocumentFault.UNKNOWN])
def test_of_a_document_that_does_not_count_nothing_stays(fault: DocumentFault) -> None:
    """Its portrait was seen before its zone: it does not count all the same."""
    visit = asked(LENIENT)
    seen(visit, zone=ZONE)
    seen(visit, fault=fault)
    assert isinstance(visit.state, ShowingDocument)
    assert (visit.state.portrait, visit.state.zone) == (None, None)
    seen(visit, PORTRAIT)
    seen(visit, fault=fault)
    assert isinstance(visit.state, ShowingDocument)
    assert (visit.state.portrait, visit.state.zone) == (None, None)
    visit.stand(POLICY.zone_seconds)
    assert visit.candidates == []


@pytest.mark.parametrize("fault", [DocumentFault.BLURRED, DocumentFault.EXPIRED])
def test_a_fault_is_told_after_the_portrait_too(fault: DocumentFault) -> None:
    visit = asked(READING)
    for _ in range(2):
        seen(visit, PORTRAIT)
        seen(visit, fault=fault)
        seen(visit, fault=fault)
        assert visit.view.prompt is OF_FAULT[fault]


# -- the frame on the screen ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "height", "kind", "frame"),
    [
        (1000, 1000, DocumentKind.ID_CARD, (100.0, 247.76, 800.0, 504.49)),
        (1000, 1000, DocumentKind.PASSPORT, (100.0, 218.4, 800.0, 563.2)),
        (2000, 400, DocumentKind.ID_CARD, (762.13, 50.0, 475.73, 300.0)),
        (2000, 400, DocumentKind.PASSPORT, (786.93, 50.0, 426.14, 300.0)),
    ],
)
def test_the_frame_is_as_large_as_the_picture_allows(
    width: int, height: int, kind: DocumentKind, frame: tuple[float, float, float, float]
) -> None:
    assert astuple(CardFrame.of(width, height, kind)) == pytest.approx(frame, abs=0.01)
    half = CardFrame.of(width, height, kind, size=0.5)
    assert (half.width, half.height) == pytest.approx((frame[2] / 2, frame[3] / 2), abs=0.01)
    assert half.left + half.width / 2 == pytest.approx(width / 2)
    assert half.top + half.height / 2 == pytest.approx(height / 2)


# -- ways out ------------------------------------------------------------------------------------


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


def test_looks_at_an_empty_frame_are_nothing_that_anybody_did() -> None:
    visit = asked()
    for _ in range(round(POLICY.idle_seconds / 0.25)):
        visit.see(ANN)
        visit.handle(DocumentSeen(visit.at()))
    assert isinstance(visit.state, StillThere)


def test_a_document_hides_whoever_holds_it_and_ten_seconds_more() -> None:
    visit = asked()
    for _ in range(16):
        visit.nobody(0.75)
        seen(visit)
    visit.nobody(POLICY.hidden_seconds - 0.25)
    assert isinstance(visit.state, ShowingDocument)
    visit.nobody(0.25)
    assert visit.notes[-1] == (EnrolmentStep.ABANDONED, EndReason.LEFT)
    assert kept(visit.state) == []


def test_a_document_that_is_not_held_up_hides_nobody() -> None:
    visit = asked()
    for _ in range(8):
        visit.handle(DocumentSeen(visit.at()))
        visit.nobody(0.5)
    assert visit.notes[-1] == (EnrolmentStep.ABANDONED, EndReason.LEFT)


def test_whoever_stops_with_a_document_in_hand_leaves_nothing() -> None:
    visit = asked(READING)
    seen(visit, PORTRAIT, ZONE)
    visit.handle(StopWanted(visit.at()))
    assert (visit.view.prompt, kept(visit.state)) == (Prompt.STOPPED, [])
