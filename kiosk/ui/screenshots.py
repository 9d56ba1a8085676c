"""Pictures of the window for the demonstration. A kiosk at a door never takes any."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject, QTimer, pyqtSlot
from PyQt6.QtWidgets import QApplication

from kiosk.domain.prompts import View
from kiosk.ui.text import PromptText
from kiosk.ui.window import KioskWindow

SETTLED_MS = 120
"""A picture is taken when a new view has been painted; a grant may follow a moment later."""


class Screenshots(QObject):
    """Takes one picture of each state in each scene. Made in the main thread.

    Args:
        folder: where the pictures go; it exists.
        scene: what is going on now.
    """

    def __init__(self, folder: Path, scene: Callable[[], str]) -> None:
        super().__init__()
        self._folder = folder
        self._scene = scene
        self._taken: set[str] = set()
        (self._window,) = (w for w in QApplication.topLevelWidgets() if isinstance(w, KioskWindow))
        self._window.said.connect(self._on_said)

    @pyqtSlot(object, object)
    def _on_said(self, view: View, _message: PromptText) -> None:
        name = f"{self._scene()}-{view.prompt.value}".replace(" ", "-").replace("_", "-")
        if name not in self._taken:
            self._taken.add(name)
            QTimer.singleShot(SETTLED_MS, lambda: self._take(view, name))

    def _take(self, view: View, name: str) -> None:
        """Only if the view still stands: a picture must show what its name says."""
        if self._window.view.prompt is view.prompt:
            picture = self._window.grab()
            picture.save(str(self._folder / f"{name}.png"))
        else:
            self._taken.discard(name)
