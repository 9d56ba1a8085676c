"""Somebody who enrols and does what the screen says: a camera that is told what is shown."""

from __future__ import annotations

from collections.abc import Sequence

from enrolment_films import AROUND, FPS, NOBODY, NOISE, with_code
from moving_heads import nod
from turned_heads import Turn, landmarks, turned

from hardware.camera.codec import cv2
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.errors import EndOfSource
from kiosk.domain.prompts import RESULTS, Prompt, View
from kiosk.domain.vision.frame import Frame, Instant, Pixels

COMES_AT = 0.5
"""Seconds until the code is held up."""
REACTION_SECONDS = 0.8
"""People hear what is asked, and then begin."""
LOWERS_SECONDS = 0.5
"""The code is held up for so long after it was read."""
READS_SECONDS = 3.0
"""People think about a question for so long."""
TURNS_DEGREES = 25.0
"""A head turns so far in a second."""
STAYS_SECONDS = 2.0
"""People look at the result, and go."""
LONGEST_SECONDS = 60.0
NOD = nod(14.0, 1.5)
AGAIN_SECONDS = 4.0
"""People nod again if nothing came of it."""
OF_PROMPT = dict(
    zip(
        (Prompt.TURN_LEFT, Prompt.TURN_RIGHT, Prompt.LOOK_UP, Prompt.LOOK_DOWN), AROUND, strict=True
    )
)


class CoachedPerson:
    """A camera before which somebody enrols, with a head that turns by computation.

    Args:
        frames: of a recording of them; they are seen again and again.
        code: the invitation.
        fps: frames a second.
    """

    def __init__(self, frames: Sequence[Pixels], code: str, fps: float = 10.0) -> None:
        self._frames = frames
        self._code = code
        self._fps = fps
        self._count = 0
        self._held = Turn()
        self._prompt: Prompt | None = None
        self._since = 0.0
        self._over = False

    @property
    def now(self) -> float:
        """Seconds of the film so far."""
        return self._count / self._fps

    # -- the screen

    def show(self, view: View) -> None:
        """The door's views: nobody waits for one."""

    def enrol(self, view: EnrolmentView | None) -> None:
        """What the screen says of the enrolment."""
        if view is not None and view.prompt is not self._prompt:
            self._prompt, self._since = view.prompt, self.now
            self._over = view.tone in RESULTS

    # -- the camera

    def read(self, timeout: float) -> Frame:
        """The next frame of somebody who has seen the screen."""
        assert timeout > 0.0
        gone = self._over and self.now - self._since > 2 * STAYS_SECONDS
        if gone or self.now > LONGEST_SECONDS:
            raise EndOfSource("film")
        pixels = self._seen()
        noise = NOISE[self._count % FPS :][: len(pixels)]
        frame = Frame(cv2.add(pixels, noise), Instant(self.now), self._count)
        self._count += 1
        return frame

    def close(self) -> None:
        """Nothing is held."""

    def _seen(self) -> Pixels:
        shown = self.now - self._since
        if self._over and shown > STAYS_SECONDS:
            return NOBODY
        frame = self._frames[self._count % len(self._frames)]
        self._held = self._next(shown)
        if self._held != Turn():
            frame = turned(frame, landmarks(frame), self._held)
        holds = self.now >= COMES_AT if self._prompt is None else self._lowers(shown)
        return with_code(frame, self._code) if holds else frame

    def _lowers(self, shown: float) -> bool:
        return self._prompt is Prompt.ONE_MOMENT or (
            self._prompt is Prompt.INVITED_HELLO and shown < LOWERS_SECONDS
        )

    def _next(self, shown: float) -> Turn:
        """How the head is held in the next frame."""
        if self._prompt is Prompt.CONSENT_CHOICE:
            return NOD((shown - READS_SECONDS) % AGAIN_SECONDS) if shown > READS_SECONDS else Turn()
        wanted = self._wanted(shown)
        off = max(abs(wanted.yaw - self._held.yaw), abs(wanted.pitch - self._held.pitch))
        most = TURNS_DEGREES / self._fps
        return wanted if off <= most else self._held.towards(wanted, most / off)

    def _wanted(self, shown: float) -> Turn:
        if self._prompt in OF_PROMPT and shown >= REACTION_SECONDS:
            return OF_PROMPT[self._prompt]
        turns = (*OF_PROMPT, Prompt.POSE_TAKEN, Prompt.POSE_PASSED)
        return self._held if self._prompt in turns else Turn()
