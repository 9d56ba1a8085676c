"""A simulated camera before which one person does what they are told, frame by frame.

The person is a photograph, moved as in `WalkUpCamera`: it shows that the path from the camera to an
enrolment works, and says nothing about how well people are recognised.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hardware.sim.painter import ScenePainter
from hardware.sim.paper import Cutout, nodded, person, turned
from hardware.sim.scene import Portrait
from hardware.sim.scenes import approach
from kiosk.domain.errors import CameraLost, EndOfSource
from kiosk.domain.vision.frame import Frame, Instant, Pixels

DEGREES_PER_SECOND = 70.0
"""How fast a head turns."""
STEP_DEGREES = 1.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Posture:
    """What the person does in one frame.

    Attributes:
        there: False while nobody is before the camera; else the person walks up, and stays.
        turn: where the head turns, degrees; to the image's right if positive.
        nod: where it bends, degrees; down if positive.
        card: the picture that is held up, BGR; None for none.
    """

    there: bool = True
    turn: float = 0.0
    nod: float = 0.0
    card: Pixels | None = None


class SteeredCamera:
    """Plays postures one after the other, unpaced, as a replay does; `Paced` adds real-time pacing.

    Args:
        portrait: the person.
        postures: one for each frame; asked for when the frame is read.
        fps: frames per second.
        width: pixels.
        height: pixels.
        seed: of the random generator.
    """

    def __init__(
        self,
        portrait: Portrait,
        postures: Iterator[Posture],
        *,
        fps: float = 30.0,
        width: int = 640,
        height: int = 480,
        seed: int = 1,
    ) -> None:
        self._portrait, self._postures, self._fps = portrait, postures, fps
        self._rng = np.random.default_rng(seed)
        self._scene = approach("steered", portrait)
        self._painter = ScenePainter(self._scene, (width, height), self._rng)
        self._seen: dict[tuple[int, int], Cutout] = {}
        self._head = (0.0, 0.0)
        self._walked = 0.0
        self._index = 0
        self._closed = False

    def read(self, timeout: float) -> Frame:  # noqa: ARG002 - no frame has to be waited for
        """The next frame; `captured_at` is its time from the start.

        Raises:
            EndOfSource: there is no posture any more.
            CameraLost: the camera was closed.
        """
        if self._closed:
            raise CameraLost("The simulated camera was closed.")
        posture = next(self._postures, None)
        if posture is None:
            raise EndOfSource("steered")
        at, index = self._index / self._fps, self._index
        self._index += 1
        return Frame(self._image(posture, at), Instant(at), index)

    def close(self) -> None:
        """Stop; no resource is held. May be called twice."""
        self._closed = True

    def _image(self, posture: Posture, at: float) -> Pixels:
        if not posture.there:
            self._walked, self._head = 0.0, (0.0, 0.0)
            return self._painter.render(None, at, self._rng)
        self._walked += 1.0 / self._fps
        most = DEGREES_PER_SECOND / self._fps
        turn, nod = self._head
        self._head = (_towards(turn, posture.turn, most), _towards(nod, posture.nod, most))
        share = self._scene.progress(min(self._walked, self._scene.approach_seconds))
        return self._painter.render(share, self._walked, self._rng, [self._held()], posture.card)

    def _held(self) -> Cutout:
        """The person with the head as it is held now."""
        turn, nod = (round(degrees / STEP_DEGREES) for degrees in self._head)
        if (turn, nod) not in self._seen:
            portrait = self._portrait
            if turn:
                portrait = Portrait(turned(portrait, turn * STEP_DEGREES), portrait.face)
            if nod:
                portrait = Portrait(nodded(portrait, nod * STEP_DEGREES), portrait.face)
            self._seen[turn, nod] = person(portrait, self._scene.figures[0].reach)
        return self._seen[turn, nod]


def _towards(now: float, wanted: float, most: float) -> float:
    return now + min(max(wanted - now, -most), most)
