"""A whole enrolment with an identity document: a real person, a drawn document, real networks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import evaluation_data
import numpy as np
import pytest
from drawn_documents import GIVEN, NUMBER, SURNAME, document, held_up, zone_text
from enrolment_films import frames_of

from config.sections.enrolment import EnrolmentSettings, Identity
from config.settings import Settings
from hardware.camera.codec import cv2
from kiosk.domain.enrolment.answers import Act, Answer, Given
from kiosk.domain.enrolment.document import DocumentKind
from kiosk.domain.enrolment.effects import NoteStep
from kiosk.domain.enrolment.events import CodesRead, EnrolmentEvent, Replied
from kiosk.domain.enrolment.states import EnrolmentState, ShowingDocument
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.prompts import Prompt
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from kiosk.domain.vision.template import SubjectId
from kiosk.door.factor_checker import BadgeHolder
from kiosk.people.feedback import FeedbackService
from kiosk.people.invitations import InvitationService, InvitationWish
from kiosk.pipeline.enrolment.session import EnrolmentSession
from kiosk.pipeline.face_search import LaneSearch
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.store.open_home import OpenHome
from kiosk.wiring.enrolment import enrolment_parts, enrolment_vision
from kiosk.wiring.networks import load_networks

pytestmark = [pytest.mark.weights, pytest.mark.data]

GRACE, *_, OTHER = evaluation_data.people()
SUBJECT = SubjectId("s-1")
SETTINGS = Settings(enrolment=EnrolmentSettings(identity=Identity.DOCUMENT, poses_required=1))
SECONDS, SLOWLY = 0.1, 0.25
"""Between two frames: of a face, and of a document that is held up."""

CARD = DocumentKind.ID_CARD
LONG_AGO = "200101"


@dataclass
class Booth:
    """A session in this process, with what a kiosk has for it, and a clock of frames."""

    open_home: OpenHome
    now: float = 100.0
    answers: list[EnrolmentEvent] = field(default_factory=list)
    notes: list[NoteStep] = field(default_factory=list)
    views: list[EnrolmentView | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        loaded = evaluation_data.pack()
        feedback = FeedbackService(self.open_home, self.at)
        parts = enrolment_parts(SETTINGS, loaded, self.open_home, self.at, feedback)
        assert parts is not None
        poses = replace(parts.policy.poses, direction_seconds=0.3)
        policy = replace(parts.policy, poses=poses, layer_seconds=0.3, confirm_seconds=0.5)
        service = parts.service(
            self.answers.append, self.notes.append, lambda _badge, _pin: BadgeHolder()
        )
        self.session = EnrolmentSession(policy, service.carry_out, self.views.append)
        self.networks = load_networks(loaded)
        finder = LaneSearch(SETTINGS.lane.lane(), *self.networks.finders)
        self.vision = enrolment_vision(SETTINGS, self.networks, finder, Stopwatch())

    def at(self) -> Instant:
        return Instant(self.now)

    def handle(self, event: EnrolmentEvent) -> None:
        self.session.handle(event)
        while self.answers:
            self.session.handle(self.answers.pop(0))

    def show(self, pixels: Pixels, seconds: float = SECONDS) -> None:
        """One frame of the camera."""
        self.now += seconds
        for event in self.vision.observe(Frame(pixels, self.at(), 0), self.session.state):
            self.handle(event)

    def hold(self, pixels: Pixels, until: Prompt | None = None) -> list[Prompt]:
        """A document in front of the camera, until the screen says that, or for a while."""
        said: list[Prompt] = []
        for _ in range(6 if until is None else 24):
            before = len(self.views)
            self.show(pixels, SLOWLY)
            said += [view.prompt for view in self.views[before:] if view is not None]
            if until in said:
                break
        return said

    def said(self) -> list[tuple[str, str | None]]:
        return [(it.step.value, it.reason and it.reason.value) for it in self.notes]


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    with OpenHome.open(tmp_path / "home") as open_home:
        made = Booth(open_home)
        with closing(made.networks):
            yield made


def before_the_document(booth: Booth, frames: Sequence[Pixels]) -> EnrolmentState:
    """An invitation, a consent and pictures; returns the state in which a document is asked for."""
    wish = InvitationWish(SUBJECT, timedelta(days=7))
    text = InvitationService(booth.open_home).issue(wish).text
    booth.handle(CodesRead(booth.at(), frozenset({text})))
    for number in range(200):
        booth.show(frames[number % len(frames)])
        view = booth.views[-1]
        if view is not None and view.prompt is Prompt.CONSENT_CHOICE:
            given = Given(Answer.YES, Act.TOUCH, booth.at())
            booth.handle(Replied(Prompt.CONSENT_CHOICE, given))
        if isinstance(booth.session.state, ShowingDocument):
            return booth.session.state
    raise AssertionError(booth.said())


def portrait(booth: Booth, person: str) -> Pixels:
    """The face of a person in a picture of another recording, as on a document."""
    picture = evaluation_data.picture(evaluation_data.for_enrolment(person)[0])
    faces = booth.networks.finders[1].find(evaluation_data.frame_of(picture))
    box = max(faces, key=lambda face: face.box.area).box
    border = 0.35 * box.height
    left, top = int(max(0, box.x - border)), int(max(0, box.y - border))
    right, bottom = int(box.x + box.width + border), int(box.y + box.height + border)
    return picture[top:bottom, left:right]


def test_somebody_shows_their_document_and_not_another_persons(booth: Booth) -> None:
    """R14, R26, R29, R30."""
    frames = frames_of(GRACE)
    asked, began = before_the_document(booth, frames), booth.now
    assert booth.said() == [("invited", None), ("consented", None), ("captured", None)]
    room, own = frames[0], portrait(booth, GRACE)

    held = held_up(document(portrait(booth, OTHER)), room, CARD, 0.95).pixels
    assert Prompt.DOCUMENT_CONFIRM in booth.hold(held, Prompt.SEE_RECEPTION)
    assert booth.said()[3:] == [("identity", "identity_mismatch"), ("failed", "identity_mismatch")]
    last = booth.views[-1]
    assert last is not None
    assert (last.prompt, last.fill, last.facts) == (Prompt.SEE_RECEPTION, 0.0, ())
    assert booth.open_home.references.subjects() == []

    booth.session.state = _again(asked, booth.now - began)
    expired = held_up(document(own, zone=zone_text(CARD, LONG_AGO)), room, CARD, 0.95).pixels
    assert Prompt.DOCUMENT_EXPIRED in booth.hold(expired, Prompt.DOCUMENT_EXPIRED)
    faceless = held_up(document(None), room, DocumentKind.PASSPORT, 0.95).pixels
    assert Prompt.DOCUMENT_FACELESS in booth.hold(faceless, Prompt.DOCUMENT_FACELESS)
    photograph = cv2.resize(own, (1012, 638))
    booth.hold(held_up(np.asarray(photograph, np.uint8), room, CARD, 0.95).pixels)
    assert isinstance(booth.session.state, ShowingDocument)
    assert booth.session.state.portrait is None

    held = held_up(document(own), room, CARD, 0.95).pixels
    said = booth.hold(held, Prompt.IDENTITY_FITS)
    assert said[-2:] == [Prompt.ONE_MOMENT, Prompt.IDENTITY_FITS]
    assert Prompt.DOCUMENT_CONFIRM in said
    assert booth.said()[5:] == [("identity", None), ("enrolled", None)]
    assert booth.open_home.references.subjects() == [SUBJECT]
    _nothing_left(booth.open_home.home.path)


def _again(asked: EnrolmentState, seconds: float) -> EnrolmentState:
    """The state in which a document was asked for, as if that were now."""
    assert isinstance(asked, ShowingDocument)
    now = Instant(asked.since + seconds)
    who = replace(asked.who, seen_at=now, now=now, looked_at=now, began_at=now)
    return replace(asked, since=now, moved_at=now, who=who)


def _nothing_left(home: Path) -> None:
    """No line of the zone is in whatever the home holds."""
    for path in home.rglob("*"):
        content = path.read_bytes().upper() if path.is_file() else b""
        for text in (SURNAME, GIVEN, NUMBER, "2030-12-31"):
            assert text.encode() not in content, path
