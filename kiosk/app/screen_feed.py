"""The screen's end of a running kiosk: what its threads say, passed on to the window."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.domain.door.model import Condition
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.errors import BadInput, OutOfServiceError
from kiosk.domain.prompts import View
from kiosk.pipeline.enrolment.keys import EnrolmentKeys

if TYPE_CHECKING:
    from kiosk.ui.app import WindowParts
    from kiosk.ui.bridge import Bridge

LINGER_SECONDS = 3.0
"""The time that the window stays after the end of a recording, so that its result can be read."""


class ScreenFeed:
    """Passes views from the threads to the window, once it exists."""

    def __init__(self) -> None:
        self.bridge: Bridge | None = None
        self.error: BadInput | None = None

    def show(self, view: View, given_name: str | None) -> None:
        """Show a view on the screen."""
        if self.bridge is not None:
            self.bridge.show(view, given_name)

    def enrol(self, view: EnrolmentView | None) -> None:
        """Show a step of an enrolment on the screen; None for the door's views again."""
        if self.bridge is not None:
            self.bridge.enrol(view)

    def door(self, condition: Condition) -> None:
        """Show the door's condition."""
        if self.bridge is not None:
            self.bridge.door(condition.value)

    def help_called(self, sent: bool) -> None:
        """Show whether a call for help was sent."""
        if self.bridge is not None:
            self.bridge.help_called(sent)

    def ended(self, error: BadInput | None) -> None:
        """Keep the last result of a finished recording for a moment, then close the window."""
        self.error = error
        if self.bridge is not None:
            linger = threading.Timer(LINGER_SECONDS, self.bridge.quit)
            linger.daemon = True
            linger.start()


def with_keys(parts: WindowParts, keys: EnrolmentKeys, *, enrols: bool) -> WindowParts:
    """The inputs of the window, with what a person says to an enrolment by touch, key or button.

    Args:
        parts: the other inputs.
        keys: take it.
        enrols: false where nobody can enrol or see their data.
    """
    return replace(
        parts,
        on_answer=keys.reply,
        on_stop=keys.stop,
        on_language=keys.choose_language,
        on_feedback=keys.give_feedback,
        on_voiced=keys.voiced,
        on_data=keys.want_data if enrols else None,
    )


def unloadable(error: ImportError) -> OutOfServiceError:
    """The error for a missing system library of the screen, without which Qt cannot be imported."""
    return OutOfServiceError(
        f"The screen cannot be loaded: {error}.",
        "`make setup` installs what is missing; `--headless` runs without a screen.",
    )
