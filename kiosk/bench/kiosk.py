"""A real kiosk in real time for a benchmark: its threads, its door and optionally its window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from config.settings import Settings
from hardware.camera.replay import Paced
from kiosk.domain.errors import BadInput, OutOfServiceError
from kiosk.domain.ports import Camera, Clock, Door
from kiosk.domain.prompts import View
from kiosk.domain.vision.frame import Frame
from kiosk.door.calls import DoorQueue
from kiosk.door.effect_runner import DecisionOutcome, Happened
from kiosk.measure.preview import PreviewWitness
from kiosk.measure.walks import Witness
from kiosk.pipeline.clock import SystemClock
from kiosk.pipeline.gallery.feed import GalleryFeed
from kiosk.pipeline.live import CameraSource, Listeners, LiveKiosk
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.store.open_home import OpenHome
from kiosk.wiring import doors
from kiosk.wiring.camera import capture_rules
from kiosk.wiring.screen import screen_text
from kiosk.wiring.vision import Weights, gallery_feed, load_vision

if TYPE_CHECKING:
    from kiosk.ui.bridge import Bridge

LOAD_SECONDS = 3.0
"""The maximum wait of the first walk for the models; the supervisor would wait longer."""
LAST_FRAME_SECONDS = 10.0

Beside = Callable[[OpenHome, GalleryFeed, Callable[[], None]], AbstractContextManager[None]]
"""What a kiosk does while it runs, beside looking at frames; the last has it look at its people."""


def _nothing(
    _home: OpenHome, _people: GalleryFeed, _look: Callable[[], None]
) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass
class Lived:
    """The record of a run.

    Attributes:
        outcomes: every decision that was carried out, in order.
        witness: observed every frame; None if the models could not be loaded.
        preview: counted the frames that the window showed.
    """

    outcomes: list[DecisionOutcome] = field(default_factory=list)
    witness: Witness | None = None
    preview: PreviewWitness = field(default_factory=PreviewWitness)


class BenchKiosk:
    """A kiosk to which people walk up.

    Args:
        settings: all settings.
        loaded: the model pack.
        home: the home with the enrolled people; its journal is written.
        make_camera: makes the camera of the walk, unpaced; called once the models are loaded.
        make_door: makes the door; by default that of the settings.
        beside: what the kiosk does meanwhile.
    """

    def __init__(
        self,
        settings: Settings,
        loaded: Weights,
        home: Path,
        make_camera: Callable[[], Camera],
        make_door: Callable[[Settings, Clock], Door] = doors.door,
        beside: Beside = _nothing,
    ) -> None:
        self._settings = settings
        self._loaded = loaded
        self._home = home
        self._make_camera = make_camera
        self._make_door = make_door
        self._beside = beside
        self._lived = Lived()
        self._prepared = threading.Event()
        self._ended = threading.Event()
        self._bridge: Bridge | None = None

    def run(self, *, window: bool) -> Lived:
        """Run from the first frame to the last, in real time.

        Raises:
            OutOfServiceError: a thread or the window failed.
        """
        with OpenHome.open(self._home) as open_home:
            people = gallery_feed(self._settings, self._loaded.pack, open_home)
            kiosk = self._kiosk(open_home, people)
            with self._beside(open_home, people, kiosk.look_at_people):
                if window:
                    self._windowed(kiosk)
                else:
                    self._headless(kiosk)
        if kiosk.failed.is_set() or self._lived.witness is None:
            raise OutOfServiceError("The measured kiosk failed.", "Try `kiosk run` by itself.")
        return self._lived

    def _headless(self, kiosk: LiveKiosk) -> None:
        kiosk.start()
        while not (self._ended.wait(0.1) or kiosk.failed.is_set()):
            pass
        kiosk.finish(LAST_FRAME_SECONDS)
        kiosk.stop()

    def _windowed(self, kiosk: LiveKiosk) -> None:
        from kiosk.ui.app import WindowParts, run_window
        from kiosk.ui.strings import load as load_strings

        def begin(bridge: Bridge) -> None:
            self._bridge = bridge
            kiosk.start()

        screen = self._settings.screen
        code = run_window(
            WindowParts(
                site=screen_text(self._settings),
                lane=self._settings.lane.lane(),
                latest=lambda: self._given(kiosk.preview()),
                on_ready=begin,
                on_quit=lambda: _drop(kiosk.stop()),
                on_fault=_drop,
                strings=load_strings(screen.language),
                fullscreen=screen.fullscreen,
                size=(screen.width, screen.height),
            )
        )
        if code:
            raise OutOfServiceError("The measured window failed.", "Try `kiosk run` by itself.")

    def _kiosk(self, open_home: OpenHome, people: GalleryFeed) -> LiveKiosk:
        """A kiosk as `live_kiosk` makes it, with a witness between the vision and the session."""
        settings, clock = self._settings, SystemClock()

        def prepare() -> Witness:
            vision = load_vision(settings, self._loaded, people, Stopwatch())
            self._lived.witness = Witness(vision, settings.access.absence_seconds)
            self._prepared.set()
            return self._lived.witness

        return LiveKiosk(
            source=CameraSource(self._open, capture_rules(settings, endless=False)),
            prepare=prepare,
            people=people,
            recorder=open_home.recorder,
            door=doors.door_parts(
                settings, open_home, self._make_door(settings, clock), people.people
            ),
            clock=clock,
            listeners=Listeners(self._show, self._observe, self._end),
            work=DoorQueue(),
        )

    def _open(self) -> Camera:
        """Open the camera only when the models are ready: start-up is measured separately."""
        self._prepared.wait(LOAD_SECONDS)
        return Paced(self._make_camera())

    def _given(self, frame: Frame | None) -> Frame | None:
        if frame is not None:
            self._lived.preview.given()
        return frame

    def _show(self, view: View) -> None:
        self._lived.preview.shown(view)
        if self._bridge is not None:
            self._bridge.show(view)

    def _observe(self, happened: Happened) -> None:
        if isinstance(happened, DecisionOutcome):
            self._lived.outcomes.append(happened)

    def _end(self, _error: BadInput | None) -> None:
        self._ended.set()
        if self._bridge is not None:
            self._bridge.quit()


def _drop(_said: object) -> None:
    """Discard the value."""
