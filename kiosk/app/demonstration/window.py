"""The window of a kiosk of the demonstration, with a picture of each state."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from config.settings import Settings
from kiosk.app.console import print_error
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.errors import BadInput, OutOfServiceError
from kiosk.domain.prompts import View
from kiosk.wiring.screen import screen_text

if TYPE_CHECKING:
    import threading

    from kiosk.domain.vision.frame import Frame
    from kiosk.ui.app import WindowParts
    from kiosk.ui.bridge import Bridge

LINGER_SECONDS = 1.0
PATIENCE_SECONDS = 0.5
"""On a slow or busy machine the scenes go on more slowly; below 2 frames a second some are lost."""


class ShownKiosk(Protocol):
    """A kiosk that can be shown; see `LiveKiosk`."""

    @property
    def failed(self) -> threading.Event:
        """Set if it has failed."""
        ...

    def start(self) -> None:
        """Start every thread."""
        ...

    def stop(self) -> list[str]:
        """Stop everything; returns the threads that did not end in time."""
        ...

    def preview(self) -> Frame | None:
        """The newest frame not yet shown."""
        ...


class DemoWindow:
    """Shows what a kiosk shows until its camera's recording ends; it can be used once.

    Args:
        settings: all settings.
        pictures: the folder for screenshots.
        scene: the name of what is being played, for the names of the pictures.
        kept: a folder to delete if the display is lost, when the process ends at once.
        linger_seconds: for how long the last result stays.

    Attributes:
        over: True once the recording has ended; False if somebody closed the window before.
        sentences: takes each sentence that is shown.
    """

    def __init__(
        self,
        settings: Settings,
        pictures: Path,
        scene: Callable[[], str],
        sentences: Callable[[str], None],
        kept: Path,
        linger_seconds: float = LINGER_SECONDS,
    ) -> None:
        from kiosk.ui.strings import ENGLISH
        from kiosk.ui.strings import load as load_strings
        from kiosk.ui.text import Speech

        self._settings, self._pictures, self._scene, self._kept = settings, pictures, scene, kept
        self._speech = Speech(load_strings(ENGLISH), screen_text(settings))
        self._bridge: Bridge | None = None
        self._linger_seconds = linger_seconds
        self.sentences = sentences
        self.over = False

    def show(self, view: View, given_name: str | None = None) -> None:
        """Show a view of the door."""
        self.sentences(self._speech.message(view).sentence)
        if self._bridge is not None:
            self._bridge.show(view, given_name)

    def enrol(self, view: EnrolmentView | None) -> None:
        """Show a view of an enrolment; None gives the screen back to the door."""
        if view is not None:
            self.sentences(self._speech.message(view).sentence)
        if self._bridge is not None:
            self._bridge.enrol(view)

    def end(self, _error: BadInput | None) -> None:
        """End the window after the last scene."""
        time.sleep(self._linger_seconds)
        self.over = True
        if self._bridge is not None:
            self._bridge.quit()

    def run(self, kiosk: ShownKiosk) -> None:
        """Run a kiosk with the window until the recording ends.

        Raises:
            OutOfServiceError: the kiosk or the screen failed.
        """
        from kiosk.ui.app import run_window

        code = run_window(self._parts(kiosk))
        if code or kiosk.failed.is_set():
            raise OutOfServiceError("The demonstration's kiosk failed.", "Look at the lines above.")

    def _parts(self, kiosk: ShownKiosk) -> WindowParts:
        """The parts of the window: those of the kiosk, plus a screenshot taker."""
        from kiosk.ui.app import WindowParts
        from kiosk.ui.screenshots import Screenshots

        kept: list[Screenshots] = []

        def begin(bridge: Bridge) -> None:
            self._bridge = bridge
            kept.append(Screenshots(self._pictures, self._scene))
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
        """Delete what is kept now, because the process ends directly after this call."""
        print_error(error)
        shutil.rmtree(self._kept, ignore_errors=True)


def _ignore(_late: list[str]) -> None:
    """Ignore threads that stop late: nothing can be lost here."""
