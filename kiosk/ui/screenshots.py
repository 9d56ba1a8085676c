"""Screenshots of the window for the demonstration. A kiosk at a door never takes any."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject, QTimer, pyqtSlot
from PyQt6.QtWidgets import QApplication

from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.prompts import View
from kiosk.ui.text import PromptText
from kiosk.ui.window import KioskWindow

SETTLED_MS = 120
"""The delay until a new view is painted; short, as a grant may follow soon."""


class Screenshots(QObject):
    """Takes one picture of each state in each scene. Create it in the main thread.

    Args:
        folder: the existing folder for the pictures.
        scene: returns the name of the current scene.
    """

    def __init__(self, folder: Path, scene: Callable[[], str]) -> None:
        super().__init__()
        self._folder = folder
        self._scene = scene
        self._taken: set[str] = set()
        windows = (w for w in QApplication.topLevelWidgets() if isinstance(w, KioskWindow))
        (self._window,) = (w for w in windows if w.isVisible())  # an earlier one may still be kept
        self._window.said.connect(self._on_said)

    @pyqtSlot(object, object)
    def _on_said(self, view: View | EnrolmentView, _message: PromptText) -> None:
        name = f"{self._scene()}-{view.prompt.value}".replace(" ", "-").replace("_", "-")
        if name not in self._taken:
            self._taken.add(name)
            QTimer.singleShot(SETTLED_MS, lambda: self._take(view, name))

    def _take(self, view: View | EnrolmentView, name: str) -> None:
        """Take the picture only if the view is still shown, so that its name is right."""
        if self._window.view.prompt is view.prompt:
            picture = self._window.grab()
            picture.save(str(self._folder / f"{name}.png"))
        else:
            self._taken.discard(name)
