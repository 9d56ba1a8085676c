"""The demonstration: scenes played to a real kiosk, and a record of its decisions."""

from __future__ import annotations

import shutil
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from config.settings import PROFILES, load
from hardware.camera.replay import Paced
from hardware.camera.still import read_still
from hardware.sim import scenes
from hardware.sim.camera import WalkUpCamera
from hardware.sim.scene import Portrait, Scene
from kiosk.app.console import print_error
from kiosk.domain.access.machine import Decision
from kiosk.domain.errors import ModelError, OutOfServiceError
from kiosk.domain.people.consent import Consent
from kiosk.domain.prompts import View
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.template import SubjectId
from kiosk.door.effect_runner import DecisionOutcome, Happened
from kiosk.people.enrolment import Newcomer
from kiosk.people.service import PeopleService
from kiosk.pipeline.live import CameraSource, Listeners
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.store.open_home import OpenHome
from kiosk.wiring.camera import capture_rules
from kiosk.wiring.kiosk import live_kiosk
from kiosk.wiring.screen import screen_text
from kiosk.wiring.vision import enrolment_terms, photograph_assessor, verified_weights
from models.landmarks import FrameKind
from models.loading import face_finder
from models.packs.installed import load_manifest, verified, weights_directory

if TYPE_CHECKING:
    from kiosk.pipeline.live import LiveKiosk
    from kiosk.ui.app import WindowParts
    from kiosk.ui.bridge import Bridge
    from kiosk.ui.text import Speech

PORTRAITS = "demo-portraits"
ENROLLED, STRANGER = "portrait/grace-hopper", "portrait/astronaut"
SUBJECT, GIVEN_NAME = SubjectId("demo-1"), "Grace"
CONSENT = "Public-domain portrait, used for the demonstration only."
FPS = 20.0
MAX_BYTES = 5_000_000
PATIENCE_SECONDS = 0.5
"""On a slow or busy machine the scenes go on more slowly; below 2 frames a second some are lost."""
LINGER_SECONDS = 1.0


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


class Demonstration:
    """A real kiosk with a window, to which every scene is played after one portrait was enrolled.

    Args:
        home: an empty folder for the kiosk; its content is not needed afterwards.
        pictures: the folder for screenshots.

    Raises:
        ModelError: weights or portraits are not installed.
    """

    def __init__(self, home: Path, pictures: Path) -> None:
        self._home = home
        self._pictures = pictures
        self._settings = load(home, PROFILES / "demo.toml")
        self._loaded = verified_weights(self._settings, home)
        pack = load_manifest().pack(PORTRAITS)
        directory = weights_directory(self._settings.models.directory, home, pack)
        self._photographs = verified(pack, directory)
        self.seconds = 0.0

    def enrol(self) -> None:
        """Enrol the first portrait, as `kiosk enrol` does.

        Raises:
            OutOfServiceError: the quality gates refused it.
        """
        newcomer = Newcomer(SUBJECT, Consent(CONSENT, datetime.now(UTC)), GIVEN_NAME)
        terms = enrolment_terms(self._settings, self._loaded.pack)
        portrait = [self._photographs[ENROLLED]]
        assess = photograph_assessor(self._settings, self._loaded, portrait)
        with OpenHome.open(self._home) as open_home:
            enrolment = PeopleService(open_home).enrol(newcomer, terms, assess)
        if not enrolment.references:
            raise OutOfServiceError(
                "The portrait was refused at enrolment.", "Run `kiosk models verify`."
            )

    def run(self) -> list[PlayedScene]:
        """Play every scene in real time with the window, and return the record."""
        from kiosk.ui.app import run_window
        from kiosk.ui.strings import ENGLISH
        from kiosk.ui.strings import load as load_strings
        from kiosk.ui.text import Speech

        played = self._scenes()
        camera = WalkUpCamera([scene for scene, _ in played], fps=FPS)
        speech = Speech(load_strings(ENGLISH), screen_text(self._settings))
        record = Record(camera, played, speech)
        started = time.perf_counter()
        with OpenHome.open(self._home) as open_home:
            kiosk = live_kiosk(
                self._settings,
                self._loaded,
                open_home,
                CameraSource(
                    lambda: Paced(camera),
                    capture_rules(self._settings, endless=False),
                    PATIENCE_SECONDS,
                ),
                Stopwatch(),
                Listeners(record.show, record.observe, lambda _: record.end()),
            )
            code = run_window(self._window(kiosk, record))
        self.seconds = time.perf_counter() - started
        if code or kiosk.failed.is_set():
            raise OutOfServiceError("The demonstration's kiosk failed.", "Look at the lines above.")
        return record.acts

    def _window(self, kiosk: LiveKiosk, record: Record) -> WindowParts:
        """The parts of the window: those of the kiosk, plus a screenshot taker."""
        from kiosk.ui.app import WindowParts
        from kiosk.ui.screenshots import Screenshots

        kept: list[Screenshots] = []

        def begin(bridge: Bridge) -> None:
            record.bridge = bridge
            kept.append(Screenshots(self._pictures, record.scene))
            kiosk.start()

        screen = self._settings.screen
        return WindowParts(
            site=screen_text(self._settings),
            lane=self._settings.lane.lane(),
            latest=kiosk.preview,
            on_ready=begin,
            on_quit=lambda: _ignore(kiosk.stop()),
            on_fault=lambda detail: print(f"The screen failed: {detail}"),
            on_lost=self._lost,
            fullscreen=False,
            size=(screen.width, screen.height),
        )

    def _lost(self, error: OutOfServiceError) -> None:
        """Delete the home now, because the process ends directly after this call."""
        print_error(error)
        shutil.rmtree(self._home, ignore_errors=True)

    def _scenes(self) -> list[tuple[Scene, bool]]:
        """Each scene, with True if the door must be released in it."""
        loaded = self._loaded
        with closing(face_finder(loaded.pack, loaded.files, FrameKind.STILLS)) as finder:

            def portrait(role: str) -> Portrait:
                pixels = read_still(self._photographs[role], MAX_BYTES)
                faces = finder.find(Frame(pixels, Instant(0.0), 0))
                if len(faces) != 1:
                    raise ModelError("A portrait shows no face.", "Run `kiosk models verify`.")
                return Portrait(np.ascontiguousarray(pixels), faces[0].box)

            enrolled, stranger = portrait(ENROLLED), portrait(STRANGER)
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
        speech: the texts of the screen.
    """

    def __init__(
        self, camera: WalkUpCamera, played: list[tuple[Scene, bool]], speech: Speech
    ) -> None:
        self._camera = camera
        self._speech = speech
        self.acts = [PlayedScene(scene.name, may_enter) for scene, may_enter in played]
        self.bridge: Bridge | None = None

    def scene(self) -> str:
        """The name of the current scene."""
        return self._act().scene

    def show(self, view: View) -> None:
        """Record a view and pass it to the screen."""
        act, sentence = self._act(), self._speech.message(view).sentence
        if sentence not in act.sentences:
            act.sentences.append(sentence)
        if self.bridge is not None:
            self.bridge.show(view, GIVEN_NAME if view.subject == SUBJECT else None)

    def observe(self, happened: Happened) -> None:
        """Record a decision that was carried out."""
        if isinstance(happened, DecisionOutcome):
            act = self._act()
            act.outcomes.append("granted" if happened.released else "refused")
            act.reasons.append(_why(happened.decision))
            act.releases += happened.released

    def end(self) -> None:
        """End the window after the last scene."""
        time.sleep(LINGER_SECONDS)
        if self.bridge is not None:
            self.bridge.quit()

    def _act(self) -> PlayedScene:
        current = self._camera.current
        name = current.scene.name if current else self.acts[0].scene
        return next(act for act in self.acts if act.scene == name)


def _why(decision: Decision) -> str:
    """The reason in words, with the image defect if there was one."""
    defect = f" ({decision.defect.value})" if decision.defect else ""
    return f"{decision.reason.value}{defect}".replace("_", " ")


def _ignore(_late: list[str]) -> None:
    """Ignore threads that stop late: nothing can be lost here."""
