"""One run of the kiosk in one of three modes: replay, live without a window, live with a window.

It starts the parts that `kiosk.wiring` made, ends them on a signal, and stops them in order.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from config.settings import Settings
from hardware.camera import source as sources
from kiosk.app.age import end_start
from kiosk.app.reporter import Reporter, both, warn
from kiosk.app.screen_feed import ScreenFeed, unloadable, with_keys
from kiosk.app.signals import ENDING, Signals
from kiosk.domain.door.model import Condition
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.errors import (
    BadInput,
    CameraLost,
    LintelError,
    OutOfServiceError,
    StoreError,
    SubjectUnknown,
)
from kiosk.domain.ports import Camera
from kiosk.domain.prompts import Prompt, View
from kiosk.domain.vision.frame import Frame
from kiosk.door.calls import DoorQueue
from kiosk.door.effect_runner import Happened
from kiosk.fleet.polling import PollingWatch
from kiosk.operators.service import OperatorService
from kiosk.people.elsewhere.port import Elsewhere
from kiosk.pipeline.live import CameraSource, Listeners, LiveKiosk
from kiosk.store.open_home import OpenHome
from kiosk.wiring.camera import capture_rules, open_camera
from kiosk.wiring.kiosk import HearsViews, live_kiosk, replay_kiosk
from kiosk.wiring.networks import Networks
from kiosk.wiring.operators import operator_service
from kiosk.wiring.screen import screen_text, screen_words
from kiosk.wiring.vision import Weights

if TYPE_CHECKING:
    from kiosk.ui.app import WindowParts
    from kiosk.ui.bridge import Bridge
    from kiosk.ui.strings.texts import Strings

FIRST_FRAME_SECONDS = 10.0
"""If there is no frame within this time at the start, the camera counts as absent."""

LAST_FRAME_SECONDS = 10.0


def _nobody_looks(_: object) -> None:
    """Ignore the view: a headless run has no screen."""


class Run:
    """Runs a kiosk.

    Args:
        settings: all settings.
        loaded: the model pack.
        open_home: references and journal.
        source: the camera source.
        reporter: prints the events.
        signals: end the run; caught from before the door is opened until after it is closed.
        leave: prints and records the reason before the process ends at once.
        take: waits for networks that are being loaded; None to load them when they are needed.

    Attributes:
        fleet: what came of the latest look into the fleet's store.
        elsewhere: a service that is to know people too; None for none.
    """

    def __init__(
        self,
        settings: Settings,
        loaded: Weights,
        open_home: OpenHome,
        source: sources.Source,
        reporter: Reporter,
        signals: Signals,
        leave: Callable[[OutOfServiceError], None],
        take: Callable[[], Networks] | None = None,
    ) -> None:
        self._settings, self._loaded, self._open_home = settings, loaded, open_home
        self._source, self._reporter, self._signals = source, reporter, signals
        self._leave, self._take = leave, take
        self.fleet = PollingWatch()
        self.elsewhere: Elsewhere | None = None
        self.saw: Callable[[View], None] = _nobody_looks
        self.enrols: Callable[[EnrolmentView | None], None] = _nobody_looks
        self._service: OperatorService
        open_home.recorder.subscribe(warn)

    def replay(self, heard: HearsViews | None = None) -> None:
        """Process every frame of a recording, as long as the output is being read.

        At full speed, unless a service is asked, whose answers take real time. ``heard`` takes what
        a listener would hear.
        """
        camera = self._open(realtime=self._settings.cloud.used)
        self._signals.call(lambda: None)

        def observe(happened: Happened) -> None:
            self._reporter.observe(happened)
            if not self._reporter.heard():
                replay.stop()

        replay, door = replay_kiosk(
            self._settings,
            self._loaded,
            self._open_home,
            camera,
            self._reporter.stopwatch,
            observe,
            self._take,
            heard,
        )
        self._reporter.began_at = lambda: replay.began_at or 0.0
        self._reporter.restart()
        end_start()
        try:
            self._signals.call(replay.stop)
            replay.run()
        finally:
            door.close()
            camera.close()
        self._reporter.summarise(replay.frames)

    def live(self) -> None:
        """Run a camera, or a recording in real time, without a window.

        Raises:
            CameraLost: there is no camera at the start.
            OutOfServiceError: a thread has died.
        """
        over, done = threading.Event(), threading.Event()
        errors: list[BadInput] = []

        def ended(error: BadInput | None) -> None:
            errors.extend([error] if error else [])
            over.set()
            done.set()

        camera = self._first_camera()
        self._signals.call(done.set)
        kiosk = self._live(_nobody_looks, ended, first=camera)
        try:
            kiosk.start()
            while not (done.wait(0.2) or kiosk.failed.is_set()):
                pass
            if over.is_set() and not kiosk.failed.is_set():
                kiosk.finish(LAST_FRAME_SECONDS)
        finally:
            self._conclude(kiosk)
        for error in errors:
            raise error

    def windowed(self) -> None:
        """Run with the window until it is closed, a signal arrives or a recording ends.

        Raises:
            BadInput: the recording has a picture that cannot be read, or there are no words for the
                language of the settings.
            OutOfServiceError: the screen failed, or a thread did.
        """
        try:
            from kiosk.ui.app import run_window
        except ImportError as error:
            raise unloadable(error) from error

        strings = screen_words(self._settings)
        shown = ScreenFeed()
        self._signals.call(lambda: None)
        kiosk = self._live(
            lambda view: shown.show(view, self._greeted(view)),
            shown.ended,
            changed=shown.door,
            enrol=shown.enrol,
        )
        code = run_window(self._window(kiosk, shown, strings))
        if shown.error is not None:
            raise shown.error
        if code:
            raise OutOfServiceError(
                "The screen has failed; the door was secured.", "Look at `kiosk audit tail`."
            )

    def _window(self, kiosk: LiveKiosk, shown: ScreenFeed, strings: Strings) -> WindowParts:
        """The inputs of the window."""
        from kiosk.app.installer import parts as installer_parts
        from kiosk.ui.app import WindowParts

        def begin(bridge: Bridge) -> None:
            shown.bridge = bridge
            kiosk.start()
            if self._signals.arrived is not None:
                bridge.quit()

        screen = self._settings.screen
        parts = WindowParts(
            site=screen_text(self._settings),
            lane=self._settings.lane.lane(),
            latest=self._previewed(kiosk.preview),
            on_ready=begin,
            on_quit=lambda: self._conclude(kiosk),
            on_fault=kiosk.fault,
            on_help=lambda: self._service.call_help(shown.help_called),
            on_code=kiosk.type_pin,
            signals=ENDING,
            on_lost=lambda error: self._lost(kiosk, error),
            installer=installer_parts(self._settings, self._open_home, kiosk, self.fleet),
            names=self._names(),
            warn=lambda warning: print(f"kiosk: {warning}", file=sys.stderr),
            strings=strings,
            load_words=lambda language: screen_words(self._settings, language),
            speak=screen.speak,
            recordings=screen.recordings,
            fullscreen=screen.fullscreen,
            size=(screen.width, screen.height),
            text_scale=screen.text_scale,
        )
        return with_keys(parts, kiosk.keys, enrols=kiosk.enrolment is not None)

    def _lost(self, kiosk: LiveKiosk, error: OutOfServiceError) -> None:
        """Stop after the display was lost; the process ends directly after this call."""
        try:
            self._conclude(kiosk)
        except LintelError as late:
            error = OutOfServiceError(f"{error.problem} {late.problem}", error.remedy)
        finally:
            self._leave(error)

    def _greeted(self, view: View) -> str | None:
        """The given name for the greeting, if the settings allow it."""
        if view.subject is None or not self._settings.screen.show_names:
            return None
        try:
            return self._open_home.references.given_name(view.subject)
        except (SubjectUnknown, StoreError):
            return None  # just erased: the door is open, the greeting has no name

    def _names(self) -> dict[str, str]:
        """The given names that may be shown, by subject id."""
        people = self._open_home.references.people() if self._settings.screen.show_names else ()
        return {person.subject: person.profile.given_name or "" for person in people}

    def _live(
        self,
        show: Callable[[View], None],
        ended: Callable[[BadInput | None], None],
        first: Camera | None = None,
        changed: Callable[[Condition], None] = _nobody_looks,
        enrol: Callable[[EnrolmentView | None], None] = _nobody_looks,
    ) -> LiveKiosk:
        opened = [first] if first else []

        def open_camera() -> Camera:
            return opened.pop() if opened else self._open(realtime=True)

        rules = capture_rules(self._settings, endless=not self._ends)

        show, enrol = both(self.saw, show), both(self.enrols, enrol)
        listeners = Listeners(self._guided(show), self._reporter.observe, ended, changed, enrol)
        work = DoorQueue()
        self._service = operator_service(self._settings, self._open_home, work)
        try:
            kiosk = live_kiosk(
                self._settings,
                self._loaded,
                self._open_home,
                CameraSource(open_camera, rules),
                self._reporter.stopwatch,
                listeners,
                work,
                self._take,
                self.elsewhere,
            )
        except LintelError:
            self._service.close()
            raise
        self._reporter.began_at = lambda: kiosk.began_at
        kiosk.decisions.took = partial(self._reporter.stopwatch.heard, "capture")
        self.fleet.applied = kiosk.look_at_people
        return kiosk

    def _guided(self, show: Callable[[View], None]) -> Callable[[View], None]:
        """Wrap ``show`` to report `ready` with the first view, which ends the start.

        That view comes from the first analysed frame, unless it reports a fault.
        """

        def guide(view: View) -> None:
            if view.prompt is not Prompt.OUT_OF_SERVICE and self._reporter.reached("ready"):
                end_start()
            show(view)

        return guide

    def _previewed(self, latest: Callable[[], Frame | None]) -> Callable[[], Frame | None]:
        """Wrap ``latest`` to report `preview`: a second request means the first frame is shown."""
        given: list[bool] = []

        def pull() -> Frame | None:
            if given:
                self._reporter.reached("preview")
            frame = latest()
            if frame is not None and not given:
                given.append(True)
            return frame

        return pull

    def _conclude(self, kiosk: LiveKiosk) -> None:
        """Stop in order and print the summary."""
        try:
            self._service.close()
        finally:
            late = kiosk.stop()
        self._reporter.summarise(kiosk.decisions.frames_seen)
        if late or kiosk.failed.is_set():
            raise OutOfServiceError(
                f"The kiosk did not end in order: {', '.join(late) or 'a thread has died'}.",
                "Look at `kiosk audit tail`; the door was secured.",
            )

    def _first_camera(self) -> Camera:
        """A recording, or a camera that delivers frames: a headless run cannot show a fault."""
        camera = self._open(realtime=True)
        if self._ends:
            return camera
        try:
            camera.read(FIRST_FRAME_SECONDS)
        except CameraLost:
            camera.close()
            raise
        return camera

    @property
    def _ends(self) -> bool:
        return isinstance(self._source, sources.Replay)

    def _open(self, *, realtime: bool) -> Camera:
        return open_camera(self._settings, self._source, realtime=realtime)
