"""Recordings of people who enrol themselves: real frames, with codes held into them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import evaluation_data
import numpy as np
import segno

from hardware.camera.codec import cv2
from kiosk.domain.vision.frame import Pixels

FPS = 10
CODE_PX = 260
NOBODY: Pixels = np.full((480, 640, 3), 90, np.uint8)
"""A wall: who was there has gone."""


def frames_of(person: str, kind: str = "bona_fide") -> Sequence[Pixels]:
    """A person's longest recording, forwards and then backwards, so that no cut is seen."""
    found = evaluation_data.data("webcam", kind, person)
    paths = max((sorted(recording.iterdir()) for recording in sorted(found.iterdir())), key=len)
    seen = [np.asarray(cv2.imread(str(path)), np.uint8) for path in paths]
    return [*seen, *reversed(seen[1:-1])]


def with_code(frame: Pixels, text: str, side: int = CODE_PX) -> Pixels:
    """The frame with a card held into its lower corner; the card hides a part of the body."""
    code = segno.make_qr(text, error="m")
    rows = [[0 if dark else 255 for dark in row] for row in code.matrix_iter(border=4)]
    card = cv2.resize(np.array(rows, np.uint8), (side, side), interpolation=cv2.INTER_NEAREST)
    held = frame.copy()
    held[-side:, -side:] = card[:, :, np.newaxis]
    return held


@dataclass
class Film:
    """A recording that is put together, scene by scene.

    Attributes:
        folder: where its frames are written.
        frames: what is seen of the person, again and again.
    """

    folder: Path
    frames: Sequence[Pixels]
    count: int = 0

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)

    @property
    def source(self) -> str:
        """The recording as a camera."""
        return f"images:{self.folder}?fps={FPS}"

    @property
    def seconds(self) -> float:
        """Its length so far."""
        return self.count / FPS

    def show(self, seconds: float, code: str | None = None) -> Film:
        """The person for so long, with a code held up or without."""
        for _ in range(round(seconds * FPS)):
            frame = self.frames[self.count % len(self.frames)]
            self.put(frame if code is None else with_code(frame, code))
        return self

    def leave(self, seconds: float) -> Film:
        """Nobody, for so long."""
        for _ in range(round(seconds * FPS)):
            self.put(NOBODY)
        return self

    def cut_to(self, frames: Sequence[Pixels]) -> Film:
        """Another person from here on."""
        self.frames = frames
        return self

    def put(self, frame: Pixels) -> None:
        """One more frame. Each differs a little: a camera that is not frozen has noise."""
        noise = np.random.default_rng(self.count).integers(0, 2, frame.shape, np.uint8)
        written = cv2.imwrite(str(self.folder / f"{self.count:05d}.png"), cv2.add(frame, noise))
        assert written
        self.count += 1


def enrolling(
    film: Film, invitation: str, answer: str = "LINTEL-YES", posing: float = 28.0
) -> Film:
    """A whole enrolment: code, notice, answer, pictures."""
    return film.show(0.5).show(1.5, invitation).show(13.5).show(1.0, answer).show(posing)
