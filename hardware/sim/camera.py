"""A simulated camera that shows photographs walking up. Same scenes and seed, same frames.

It is for demonstrations and benchmarks: real pixels of real faces, moved, lit and printed as
declared. It shows that the path from camera to door works. It says nothing about recognition
quality, since a moving photograph is not a person.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hardware.sim.painter import ScenePainter
from hardware.sim.scene import Scene
from kiosk.domain.errors import CameraLost, EndOfSource
from kiosk.domain.vision.frame import Frame, Instant


@dataclass(frozen=True, slots=True)
class ScheduledScene:
    """A scene with its start and end, in seconds from the start of the recording."""

    begins: float
    ends: float
    scene: Scene


class WalkUpCamera:
    """Plays scenes one after the other, unpaced, as a replay does; `Paced` adds real-time pacing.

    Args:
        scenes: at least one.
        fps: frames per second.
        width: pixels.
        height: pixels.
        seed: of the random generator.
    """

    def __init__(
        self,
        scenes: Sequence[Scene],
        *,
        fps: float = 30.0,
        width: int = 640,
        height: int = 480,
        seed: int = 1,
    ) -> None:
        ends = list(itertools.accumulate(scene.seconds for scene in scenes))
        begins = [0.0, *ends]
        self.acts = tuple(map(ScheduledScene, begins, ends, scenes))
        self._fps = fps
        self._size = (width, height)
        self._rng = np.random.default_rng(seed)
        self._index = 0
        self._act: ScheduledScene | None = None
        self._painter: ScenePainter | None = None
        self._closed = False

    @property
    def current(self) -> ScheduledScene | None:
        """The scene of the last frame that was read."""
        return self._act

    def read(self, timeout: float) -> Frame:  # noqa: ARG002 - no frame has to be waited for
        """The next frame; `captured_at` is its time from the start.

        Raises:
            EndOfSource: the last scene is over.
            CameraLost: the camera was closed.
        """
        if self._closed:
            raise CameraLost("The simulated camera was closed.")
        at, index = self._index / self._fps, self._index
        act, painter = self._on_show(at)
        self._index += 1
        since = at - act.begins
        image = painter.render(act.scene.progress(since), since, self._rng)
        return Frame(image, Instant(at), index)

    def close(self) -> None:
        """Stop; no resource is held. May be called twice."""
        self._closed = True

    def _on_show(self, at: float) -> tuple[ScheduledScene, ScenePainter]:
        """The scene at that time, and its painter."""
        if self._act is None or self._painter is None or at >= self._act.ends:
            act = next((act for act in self.acts if at < act.ends), None)
            if act is None:
                raise EndOfSource("walk-up")
            self._act, self._painter = act, ScenePainter(act.scene, self._size, self._rng)
        return self._act, self._painter
