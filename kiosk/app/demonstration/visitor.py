"""What the person of the demonstration does before a camera, frame by frame.

They read the kiosk's screen as anybody would, and have nothing but their face and two cards: all
that a kiosk hears of them comes through its camera.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from hardware.camera.codec import cv2
from hardware.camera.still import still_in
from hardware.sim.steered import Posture
from kiosk.domain.enrolment.answers import YES_CODE
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.prompts import RESULTS, Prompt
from kiosk.domain.vision.frame import Pixels
from kiosk.people.badge_picture import badge_picture

STRAIGHT, AWAY = Posture(), Posture(there=False)
CARD_PX = 220
ARRIVED_SECONDS = 0.6
READ_SECONDS = 2.2
"""A card that answers is held up so long after the question was shown."""
RESULT_SECONDS = 0.8
ENROLMENT_SECONDS = 60.0
"""An enrolment takes 25."""
VISIT_SECONDS = 12.0
MOST_SECONDS = 60.0
"""What the fleet has not passed on by then is not waited for."""
STAY_SECONDS = 1.0
AWAY_SECONDS = 1.5
"""Long enough for the last result to leave the screen and for the face's absence to be noticed."""
TURNS = {
    Prompt.TURN_LEFT: Posture(turn=26.0),
    Prompt.TURN_RIGHT: Posture(turn=-26.0),
    Prompt.LOOK_UP: Posture(nod=-16.0),
    Prompt.LOOK_DOWN: Posture(nod=14.0),
}
"""What the head does when it is asked to."""


def card(text: str) -> Pixels:
    """A card with a code, as it is held up."""
    drawn = still_in(badge_picture(text, "png"))
    sized = cv2.resize(drawn, (CARD_PX, CARD_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(sized, np.uint8)


class Visitor:
    """The person: what they see on the screen, and what they do.

    Args:
        fps: frames per second of their camera.
    """

    def __init__(self, fps: float) -> None:
        self.fps = fps
        self._seen: EnrolmentView | None = None
        self._frames = self._since = 0

    def show(self, view: EnrolmentView | None) -> None:
        """See another view of an enrolment; None for a view of the door."""
        if (view and view.prompt) is not (self._seen and self._seen.prompt):
            self._since = self._frames
        self._seen = view

    def enrol(self, code: str) -> Iterator[Posture]:
        """Walk up with an invitation, read, agree, and turn the head as asked."""
        invitation, yes, began = card(code), card(YES_CODE), self._frames
        for _ in self._during(ENROLMENT_SECONDS):
            seen = self._seen
            shown = (self._frames - self._since) / self.fps
            if seen is None:
                arrived = (self._frames - began) / self.fps > ARRIVED_SECONDS
                yield Posture(card=invitation if arrived else None)
            elif seen.tone in RESULTS:
                if shown > RESULT_SECONDS:
                    return
                yield Posture()
            elif seen.prompt is Prompt.CONSENT_CHOICE and shown > READ_SECONDS:
                yield Posture(card=yes)
            else:
                yield TURNS.get(seen.prompt, STRAIGHT)

    def visit(self, decided: Callable[[], bool]) -> Iterator[Posture]:
        """Walk up, wait for the answer, and read it."""
        for _ in self._during(VISIT_SECONDS):
            if decided():
                break
            yield STRAIGHT
        yield from (STRAIGHT for _ in self._during(STAY_SECONDS))

    def leave(self) -> Iterator[Posture]:
        """Go away."""
        yield from (AWAY for _ in self._during(AWAY_SECONDS))

    def wait(self, done: Callable[[], bool]) -> Iterator[Posture]:
        """Be elsewhere until something is done; it is waited for `MOST_SECONDS` of real time."""
        began = time.monotonic()
        while not done() and time.monotonic() - began < MOST_SECONDS:
            self._frames += 1
            yield AWAY

    def _during(self, seconds: float) -> Iterator[None]:
        for _ in range(round(seconds * self.fps)):
            self._frames += 1
            yield
