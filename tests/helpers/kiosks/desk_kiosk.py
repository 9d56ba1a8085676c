"""A kiosk in one thread: a window, the switch, the sessions of door and enrolment, a real home.

Faces and codes are told by the test in place of the camera; everything else is the product's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
from doorway import FRAME, SPACE, Look
from doorway import POLICY as ACCESS
from enrolling import ANN, POLICY, TURNS, Visage
from hand_clock import HandClock
from kiosk_screen import LANE, SITE, speech
from people_changes import POLICY as GATES

from config.settings import Settings
from kiosk.app import installer
from kiosk.app.admin.vouching import vouch_parts
from kiosk.domain.access.factors import Factor
from kiosk.domain.access.grant import Authorised, Released
from kiosk.domain.access.machine import Admit, Effect, Observed
from kiosk.domain.access.states import Admitting
from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.enrolment.effects import EnrolmentEffect, NoteStep
from kiosk.domain.enrolment.events import CodesRead, EnrolmentEvent
from kiosk.domain.enrolment.looked import Looked
from kiosk.domain.enrolment.poses import PoseDirection
from kiosk.domain.enrolment.states import EnrolmentState
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.people.enrolled import Person
from kiosk.domain.prompts import View
from kiosk.domain.vision.frame import Frame
from kiosk.domain.vision.template import SubjectId
from kiosk.door.attempts import Attempts, Forgetful
from kiosk.door.factor_checker import FactorChecker
from kiosk.people.enrolment import EnrolmentTerms
from kiosk.people.invitations import InvitationService, InvitationWish, IssuedInvitation
from kiosk.people.self_enrolment import SelfEnrolment
from kiosk.people.self_enrolment_rules import SelfEnrolmentListeners, SelfEnrolmentRules
from kiosk.people.service import PeopleService
from kiosk.pipeline.enrolment.keys import EnrolmentKeys
from kiosk.pipeline.enrolment.session import EnrolmentSession
from kiosk.pipeline.enrolment.switch import EnrolmentSwitch
from kiosk.pipeline.session import Session
from kiosk.store.journal.verification import walk
from kiosk.store.open_home import OpenHome
from kiosk.store.people.badges import Badges
from kiosk.store.people.directory import PeopleDirectory
from kiosk.store.secrets.admin_pin import AdminPin
from kiosk.store.secrets.keys import FileKey, Purpose
from kiosk.ui.installer import DoorNow, InstallerParts
from kiosk.ui.window import KioskWindow

PIXELS = np.zeros((4, 4, 3), np.uint8)
ADMIN_PIN = "402958"
RULES = SelfEnrolmentRules(
    terms=EnrolmentTerms(SPACE, most=10),
    policy=lambda _: GATES,
    door_threshold=lambda _: 0.5,
    identity_threshold=0.5,
    document_threshold=0.5,
    asks_reference=False,
    asks_document=False,
    signed_answers=False,
    encode=bytes,
    notice=lambda _: ("the notice", "1"),
    languages=("en",),
)


@dataclass
class DeskKiosk:
    """Made over a home; `window` is not shown yet.

    Attributes:
        path: of the home.
        settings: what the installer's page goes by.
        asks_document: true if whoever shows an invitation is asked for a document.
        steps: the steps of enrolments, as they were told.
        asked: what the door's session asked for.
    """

    path: Path
    settings: Settings = field(default_factory=Settings)
    asks_document: bool = False
    steps: list[NoteStep] = field(default_factory=list)
    asked: list[Effect] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = HandClock(100.0)
        self.open_home = OpenHome.open(self.path)
        self.people = PeopleService(self.open_home)
        self.invitations = InvitationService(self.open_home)
        AdminPin(self.open_home.home, FileKey(self.open_home.home)).set(ADMIN_PIN)
        self._events: Sequence[EnrolmentEvent] = ()
        self.access = Session(lambda: ACCESS, self._commit, self._show)
        self.session = EnrolmentSession(POLICY, self._carry, self._guide)
        self.switch = EnrolmentSwitch(self.session, self.access)
        self.switch.sees = self
        self.keys = EnrolmentKeys(self.switch.inbox, self.clock.monotonic)
        listeners = SelfEnrolmentListeners(
            self.switch.inbox.put,
            self.steps.append,
            lambda _feedback, _at: None,
            self._factors().holder,
        )
        rules = replace(RULES, asks_document=self.asks_document)
        self.service = SelfEnrolment(
            self.open_home, rules, lambda _: None, self.clock.monotonic, listeners
        )
        self.window = KioskWindow(
            speech(SITE),
            LANE,
            self.clock.monotonic,
            on_code=self.keys.type_pin,
            installer=self._installer(),
        )
        self.window.my_data.offer()
        self.window.my_data.wanted.connect(self.keys.want_data)
        self.window.answered.connect(self.keys.reply)
        self.window.stop_wanted.connect(self.keys.stop)
        self.window.resize(1280, 800)

    # -- what the switch and the installer's page ask of it

    @property
    def enrolling(self) -> bool:
        """True if a session is going on."""
        return self.switch.active

    def observe(self, frame: Frame, state: EnrolmentState) -> Sequence[EnrolmentEvent]:  # noqa: ARG002
        """What the test says is seen."""
        return self._events

    def _commit(self, effects: tuple[Effect, ...], view: View) -> None:
        self.asked.extend(effects)
        self._show(view)

    def _carry(self, effects: tuple[EnrolmentEffect, ...]) -> None:
        self.service.carry_out(effects)

    def _show(self, view: View) -> None:
        self.window.show_view(view)

    def _factors(self) -> FactorChecker:
        """What the door checks factors by."""
        badges = Badges(self.open_home.references, FileKey(self.open_home.home))
        return FactorChecker(
            people=PeopleDirectory(self._everybody, badges),
            attempts=Attempts(Forgetful(), self.clock.monotonic),
            now=self.clock.monotonic,
            recorder=self.open_home.recorder,
            report=lambda _: None,
        )

    def _everybody(self) -> Mapping[SubjectId, Person]:
        return {
            it.subject: Person(it.profile.rules, it.profile.factors) for it in self.people.people()
        }

    def _guide(self, view: EnrolmentView | None) -> None:
        self.window.show_enrolment(view)

    def _installer(self) -> InstallerParts:
        pin = AdminPin(self.open_home.home, FileKey(self.open_home.home))
        return InstallerParts(
            check_pin=installer._checked(pin, self.open_home),
            reading=lambda: DoorNow("secured", None),
            release=lambda: None,
            secure=lambda: None,
            test=lambda: (),
            doctor=lambda: (),
            vouch=vouch_parts(self.settings, self.open_home, self),
        )

    # -- what happens before the camera

    def frame(
        self, *visages: Visage, codes: tuple[str, ...] = (), door: tuple[Look, ...] = ()
    ) -> bool:
        """One frame; returns whether it was the enrolment's."""
        self.clock.pass_(FRAME)
        at = self.clock.monotonic()
        faces = tuple(visage.face() for visage in visages)
        self._events = (CodesRead(at, frozenset(codes)), Looked(at, faces))
        if self.switch.takes(Frame(PIXELS, at, 0)):
            return True
        self.access.handle(Observed(at, tuple(look.probe(at) for look in door)))
        if isinstance(self.access.state, Admitting):  # rules and door let in at once
            by = Authorised(self.access.state.person, Factor.NONE)
            self.access.handle(Released(at, by))
        return False

    def stand(self, seconds: float, visage: Visage = ANN) -> None:
        """Somebody stands there and does nothing."""
        for _ in range(round(seconds / FRAME)):
            self.frame(visage)

    def turn(self, *directions: PoseDirection, visage: Visage = ANN) -> None:
        """All views of these directions, and time for what follows them."""
        for direction in directions:
            for _ in range(POLICY.poses.views):
                self.frame(visage.but(**TURNS[direction]))

    def answer(self, answer: Answer, visage: Visage = ANN) -> None:
        """A key of the question on the screen is touched, once it may be."""
        self.stand(1.0, visage)
        page = self.window.enrolment
        asking = page.question if page.question.isVisible() else page.facts
        asking.answers.keys[answer].click()
        self.frame(visage)

    def agree(self, visage: Visage = ANN) -> None:
        """The notice is read, and the choice touched."""
        self.stand(3 * POLICY.layer_seconds + 1.0, visage)
        self.answer(Answer.YES, visage)

    # -- what came of it

    def invite(self, subject: str = "ann", **wish: object) -> IssuedInvitation:
        """An open invitation."""
        week = timedelta(days=7)
        return self.invitations.issue(InvitationWish(SubjectId(subject), week, **wish))  # type: ignore[arg-type]

    def written(self, *events: str) -> list[dict[str, object]]:
        """The details of these events in the journal, oldest first."""
        seal = FileKey(self.open_home.home).derive(Purpose.JOURNAL_HEAD)
        entries = [place.entry.entry for place in walk(self.open_home.home, seal)]
        return [dict(entry.details) for entry in entries if entry.event in events]

    @property
    def released(self) -> bool:
        """True if the door's session let anybody in."""
        return any(isinstance(effect, Admit) for effect in self.asked)

    def close(self) -> None:
        """Close the home."""
        self.open_home.close()
