"""Recordings of people who enrol themselves: real frames, with codes held into them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import evaluation_data
import numpy as np
import segno
from turned_heads import Turn, landmarks, turned

from hardware.camera.codec import cv2
from kiosk.domain.vision.frame import Pixels

FPS = 10
CODE_PX = 260
AROUND = (Turn(yaw=15.0), Turn(yaw=-15.0), Turn(pitch=12.0), Turn(pitch=-12.0))
"""A person's turns as they are asked for: to the left, to the right, up, down."""
REACTION_SECONDS, TURN_SECONDS, HOLD_SECONDS = 0.8, 0.6, 0.8
"""People hear what is asked, turn their head, and wait to hear that it was enough."""
NOBODY: Pixels = np.full((480, 640, 3), 90, np.uint8)
"""A wall: who was there has gone."""
NOISE: Pixels = np.random.default_rng(1).integers(0, 2, (480 + FPS, 640, 3), np.uint8)
"""Of a sensor; each frame of a second has another part of it."""


def frames_of(person: str, kind: str = "bona_fide") -> Sequence[Pixels]:
    """A person's longest recording, forwards and then backwards, so that no cut is seen."""
    found = evaluation_data.data("webcam", kind, person)
    paths = max((sorted(recording.iterdir()) for recording in sorted(found.iterdir())), key=len)
    seen = [np.asarray(cv2.imread(str(path)), np.uint8) for path in paths]
    return [*seen, *reversed(seen[1:-1])]


def with_code(frame: Pixels, text: str, side: int = CODE_PX, error: str = "m") -> Pixels:
    """The frame with a card held into its lower corner; the card hides a part of the body."""
    held = frame.copy()
    held[-side:, -side:] = _card(text, side, error)[:, :, np.newaxis]
    return held


@functools.cache
def _card(text: str, side: int, error: str) -> Pixels:
    code = segno.make_qr(text, error=error)
    rows = [[0 if dark else 255 for dark in row] for row in code.matrix_iter(border=4)]
    card = cv2.resize(np.array(rows, np.uint8), (side, side), interpolation=cv2.INTER_NEAREST)
    return np.asarray(card, np.uint8)


@dataclass
class Film:
    """A recording that is put together, scene by scene.

    Attributes:
        folder: where its frames are written.
        frames: what is seen of the person, again and again.
        fps: frames a second.
    """

    folder: Path
    frames: Sequence[Pixels]
    fps: int = FPS
    count: int = 0
    _held: Turn = field(default=Turn(), init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)

    @property
    def source(self) -> str:
        """The recording as a camera."""
        return f"images:{self.folder}?fps={self.fps}"

    @property
    def seconds(self) -> float:
        """Its length so far."""
        return self.count / self.fps

    def show(self, seconds: float, code: str | None = None) -> Film:
        """The person for so long, with a code held up or without."""
        for _ in range(round(seconds * self.fps)):
            frame = self._person()
            self.put(frame if code is None else with_code(frame, code))
        return self

    def turn(self, to: Turn, seconds: float) -> Film:
        """The person, who turns their head in so long a time, and then holds it so."""
        begun, count = self._held, max(1, round(seconds * self.fps))
        for done in range(1, count + 1):
            self._held = begun.towards(to, done / count)
            self.put(self._person())
        return self

    def turns(self, turns: Sequence[Turn] = AROUND) -> Film:
        """The person, who turns as they are asked to, one direction after the other."""
        for turn in turns:
            self.show(REACTION_SECONDS).turn(turn, TURN_SECONDS).show(HOLD_SECONDS)
        return self.turn(Turn(), TURN_SECONDS)

    def _person(self) -> Pixels:
        """The person now, with their head held as it is."""
        frame = self.frames[self.count % len(self.frames)]
        if self._held == Turn():
            return frame
        return turned(frame, landmarks(frame), self._held)

    def leave(self, seconds: float) -> Film:
        """Nobody, for so long."""
        for _ in range(round(seconds * self.fps)):
            self.put(NOBODY)
        return self

    def cut_to(self, frames: Sequence[Pixels]) -> Film:
        """Another person from here on."""
        self.frames = frames
        return self

    def put(self, frame: Pixels) -> None:
        """One more frame. Each differs a little: a camera that is not frozen has noise."""
        noise = NOISE[self.count % FPS :][: len(frame)]
        path = str(self.folder / f"{self.count:05d}.bmp")  # PNG takes 30 ms, to write and to read
        assert cv2.imwrite(path, cv2.add(frame, noise))
        self.count += 1


def enrolling(
    film: Film, invitation: str, answer: str = "LINTEL-YES", posing: float = 28.0
) -> Film:
    """A whole enrolment: code, notice, answer, pictures."""
    return film.show(0.5).show(1.5, invitation).show(13.5).show(1.0, answer).show(posing)


def enrolling_turned(film: Film, invitation: str, answer: str = "LINTEL-YES") -> Film:
    """A whole enrolment of somebody who turns their head as they are asked to."""
    film.show(0.5).show(1.5, invitation).show(13.0).show(1.0, answer)
    return film.show(1.2).turns().show(1.0)
