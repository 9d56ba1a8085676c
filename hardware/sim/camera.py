"""A simulated camera that shows photographs walking up. Same scenes and seed, same frames.

It is for demonstrations and benchmarks: real pixels of real faces, moved, lit and printed as
declared. It shows that the path from camera to door works. It says nothing about recognition
quality, since a moving photograph is not a person.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.sim.paper import Cutout, cutout
from hardware.sim.scene import Background, Figure, Scene
from kiosk.domain.errors import CameraLost, EndOfSource
from kiosk.domain.vision.frame import Frame, Instant, Pixels

NOISE_MARGIN = 64
BLUR = 0.06
"""Blur of the background, as a share of the frame's height."""


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
        self._stage: _Stage | None = None
        self._closed = False

    @property
    def current(self) -> ScheduledScene | None:
        """The scene of the last frame that was read."""
        return self._stage.act if self._stage is not None else None

    def read(self, timeout: float) -> Frame:  # noqa: ARG002 - no frame has to be waited for
        """The next frame; `captured_at` is its time from the start.

        Raises:
            EndOfSource: the last scene is over.
            CameraLost: the camera was closed.
        """
        if self._closed:
            raise CameraLost("The simulated camera was closed.")
        at, index = self._index / self._fps, self._index
        stage = self._stage_at(at)
        self._index += 1
        return Frame(stage.render(at, self._rng), Instant(at), index)

    def close(self) -> None:
        """Stop; no resource is held. May be called twice."""
        self._closed = True

    def _stage_at(self, at: float) -> _Stage:
        if self._stage is None or at >= self._stage.act.ends:
            act = next((act for act in self.acts if at < act.ends), None)
            if act is None:
                raise EndOfSource("walk-up")
            self._stage = _Stage(act, self._size, self._rng)
        return self._stage


class _Stage:
    """One scene with everything precomputed that does not change between frames."""

    def __init__(
        self, act: ScheduledScene, size: tuple[int, int], rng: np.random.Generator
    ) -> None:
        self.act = act
        self._size = size
        self._background = _background(act.scene, size)
        self._cutouts = [cutout(figure, rng) for figure in act.scene.figures]
        shape = (size[1] + NOISE_MARGIN, size[0] + NOISE_MARGIN, 3)
        self._noise = (rng.standard_normal(shape) * act.scene.noise).round().astype(np.int16)

    def render(self, at: float, rng: np.random.Generator) -> Pixels:
        """The image ``at`` seconds from the start of the recording."""
        scene, since = self.act.scene, at - self.act.begins
        share = scene.progress(since)
        picture = self._background
        if share is not None:
            for figure, ready in zip(scene.figures, self._cutouts, strict=True):
                picture = self._with(picture, figure, ready, share, since)
        light = scene.light.at(1.0 if share is None else share)
        light *= 1.0 + scene.flicker * math.sin(since * 5.3)
        return self._sensed(cv2.convertScaleAbs(picture, alpha=light), rng)

    def _with(
        self, picture: Pixels, figure: Figure, ready: Cutout, share: float, since: float
    ) -> Pixels:
        to_frame = _placed(figure, ready, self._size, share, self._sway(since))
        front = cv2.warpPerspective(ready.pixels, to_frame, self._size, flags=cv2.INTER_LINEAR)
        mask = cv2.warpPerspective(ready.mask, to_frame, self._size, flags=cv2.INTER_LINEAR)
        whole = np.asarray(mask, np.float32)
        return np.asarray(cv2.blendLinear(front, picture, whole, 1.0 - whole), np.uint8)

    def _sway(self, since: float) -> tuple[float, float, float]:
        """Offset sideways and up in face heights, and lean in degrees: people never stand still."""
        amount = self.act.scene.sway
        return (
            amount * (math.sin(since * 2.1) + 0.4 * math.sin(since * 5.7)),
            amount * (math.sin(since * 1.7 + 1.0) + 0.4 * math.sin(since * 6.3)),
            100.0 * amount * math.sin(since * 1.3 + 0.5),
        )

    def _sensed(self, picture: cv2.typing.MatLike, rng: np.random.Generator) -> Pixels:
        """Add sensor noise, different in every frame."""
        x, y = rng.integers(0, NOISE_MARGIN, 2)
        width, height = self._size
        noise = self._noise[y : y + height, x : x + width]
        return np.asarray(cv2.add(picture, noise, dtype=cv2.CV_8U), np.uint8)


def _placed(
    figure: Figure,
    ready: Cutout,
    size: tuple[int, int],
    share: float,
    sway: tuple[float, float, float],
) -> NDArray[np.float64]:
    """The (3, 3) transform from the cutout's pixels to the frame's."""
    width, height = size
    face_px = figure.size.at(share) * height
    aside, up, lean = sway
    x = figure.x.at(share) * width + aside * face_px
    y = figure.y.at(share) * height + up * face_px
    scale = face_px / ready.face_px
    angle = math.radians(lean)
    c, s = scale * math.cos(angle), scale * math.sin(angle)
    to_face = np.array([[1, 0, -ready.centre[0]], [0, 1, -ready.centre[1]], [0, 0, 1]])
    depth = ready.perspective / (ready.pixels.shape[1] / 2)
    tilt = np.array([[1, 0, 0], [0, 1, 0], [-depth, 0, 1]])
    to_frame = np.array([[c, -s, x], [s, c, y], [0, 0, 1]])
    return np.asarray(to_frame @ tilt @ to_face, np.float64)


def _background(scene: Scene, size: tuple[int, int]) -> Pixels:
    width, height = size
    if scene.background is Background.PLAIN or not scene.figures:
        wall = np.linspace(120, 160, width)[np.newaxis, :, np.newaxis]
        return np.broadcast_to(wall, (height, width, 3)).astype(np.uint8)
    photograph = scene.figures[0].portrait.pixels
    edge = max(1, photograph.shape[1] // 5)
    sides = np.hstack([photograph[:, :edge], photograph[:, -edge:]])[: photograph.shape[0] // 2]
    whole = cv2.resize(sides, size)
    return np.asarray(cv2.GaussianBlur(whole, (0, 0), BLUR * height), np.uint8)
