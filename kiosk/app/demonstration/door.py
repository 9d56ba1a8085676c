"""The first part of the demonstration: scenes played to a real kiosk, and its decisions."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from hardware.camera.replay import Paced
from hardware.sim import scenes
from hardware.sim.camera import WalkUpCamera
from hardware.sim.scene import Scene
from kiosk.app.demonstration.people import ENROLLED, GIVEN_NAME, SUBJECT, DemoPeople
from kiosk.app.demonstration.window import PATIENCE_SECONDS, DemoWindow
from kiosk.domain.access.machine import Decision
from kiosk.domain.errors import OutOfServiceError
from kiosk.domain.people.consent import Consent
from kiosk.domain.prompts import View
from kiosk.door.effect_runner import DecisionOutcome, Happened
from kiosk.people.enrolment import Newcomer
from kiosk.people.service import PeopleService
from kiosk.pipeline.live import CameraSource, Listeners
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.store.open_home import OpenHome
from kiosk.wiring.camera import capture_rules
from kiosk.wiring.kiosk import live_kiosk
from kiosk.wiring.vision import enrolment_terms, photograph_assessor

CONSENT = "Public-domain portrait, used for the demonstration only."
FPS = 20.0


@dataclass
class PlayedScene:
    """One scene and its results."""

    scene: str
    may_enter: bool
    outcomes: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    releases: int = 0

    @property
    def as_it_should(self) -> bool:
        """True if the door was released if, and only if, the person may enter."""
        return (self.releases > 0) == self.may_enter


class DoorDemonstration:
    """A real kiosk with a window, to which every scene is played after one portrait was enrolled.

    Args:
        home: an empty folder for the kiosk; its content is not needed afterwards.
        pictures: the folder for screenshots.
        people: who walks up.

    Attributes:
        seconds: how long the scenes took.
        over: False if somebody closed the window before the last scene had ended.
    """

    def __init__(self, home: Path, pictures: Path, people: DemoPeople) -> None:
        self._home, self._pictures, self._people = home, pictures, people
        self.seconds = 0.0
        self.over = False

    def enrol(self) -> None:
        """Enrol the first portrait, as `kiosk enrol` does.

        Raises:
            OutOfServiceError: the quality gates refused it.
        """
        newcomer = Newcomer(SUBJECT, Consent(CONSENT, datetime.now(UTC)), GIVEN_NAME)
        settings, loaded = self._people.settings, self._people.loaded
        terms = enrolment_terms(settings, loaded.pack)
        portrait = [self._people.photographs[ENROLLED]]
        assess = photograph_assessor(settings, loaded, portrait)
        with OpenHome.open(self._home) as open_home:
            enrolment = PeopleService(open_home).enrol(newcomer, terms, assess)
        if not enrolment.references:
            raise OutOfServiceError(
                "The portrait was refused at enrolment.", "Run `kiosk models verify`."
            )

    def run(self) -> list[PlayedScene]:
        """Play every scene in real time with the window, and return the record."""
        settings = self._people.settings
        played = self._scenes()
        camera = WalkUpCamera([scene for scene, _ in played], fps=FPS)
        record = Record(camera, played)
        window = DemoWindow(settings, self._pictures, record.scene, record.sentence, self._home)
        started = time.perf_counter()
        with OpenHome.open(self._home) as open_home:

            def show(view: View) -> None:
                window.show(view, GIVEN_NAME if view.subject == SUBJECT else None)

            kiosk = live_kiosk(
                settings,
                self._people.loaded,
                open_home,
                CameraSource(
                    lambda: Paced(camera), capture_rules(settings, endless=False), PATIENCE_SECONDS
                ),
                Stopwatch(),
                Listeners(show, record.observe, window.end),
            )
            window.run(kiosk)
        self.seconds = time.perf_counter() - started
        self.over = window.over
        return record.acts

    def _scenes(self) -> list[tuple[Scene, bool]]:
        """Each scene, with True if the door must be released in it."""
        enrolled, stranger = self._people.enrolled, self._people.stranger
        return [
            (scenes.approach("the enrolled person", enrolled), True),
            (scenes.approach("a stranger", stranger), False),
            (scenes.too_far(enrolled), False),
            (scenes.too_dark(enrolled), False),
            (scenes.turned_away(enrolled), False),
            (scenes.two_at_once(enrolled, stranger), False),
            (scenes.flat_print(enrolled), False),
            (scenes.covered(enrolled), False),
        ]


class Record:
    """The record per scene: decisions, reasons and the sentences on the screen.

    Args:
        camera: knows which scene is being played.
        played: every scene, with True if the door must be released in it.
    """

    def __init__(self, camera: WalkUpCamera, played: list[tuple[Scene, bool]]) -> None:
        self._camera = camera
        self.acts = [PlayedScene(scene.name, may_enter) for scene, may_enter in played]

    def scene(self) -> str:
        """The name of the current scene."""
        return self._act().scene

    def sentence(self, sentence: str) -> None:
        """Record a sentence on the screen."""
        act = self._act()
        if sentence not in act.sentences:
            act.sentences.append(sentence)

    def observe(self, happened: Happened) -> None:
        """Record a decision that was carried out."""
        if isinstance(happened, DecisionOutcome):
            act = self._act()
            act.outcomes.append("granted" if happened.released else "refused")
            act.reasons.append(why(happened.decision))
            act.releases += happened.released

    def _act(self) -> PlayedScene:
        current = self._camera.current
        name = current.scene.name if current else self.acts[0].scene
        return next(act for act in self.acts if act.scene == name)


def why(decision: Decision) -> str:
    """The reason in words, with the image defect if there was one."""
    defect = f" ({decision.defect.value})" if decision.defect else ""
    return f"{decision.reason.value}{defect}".replace("_", " ")
