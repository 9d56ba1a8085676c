"""Face detection with MediaPipe's FaceLandmarker: 478 points, pose, eyes.

`models.md` pins the version: later ones send logs to the vendor. Faces in a stream are tracked
(VIDEO mode, rising timestamps); stills are processed separately (IMAGE mode).
"""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.domain.errors import ModelError
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.domain.vision.face import Box, EyeClosure, Face, Found, Mesh, Pose
from kiosk.domain.vision.frame import Frame
from models.runtime_output import hushed, no_microphone

LEFT_BLINK, RIGHT_BLINK = "eyeBlinkLeft", "eyeBlinkRight"


class FrameKind(Enum):
    """The kind of frames: a stream, or independent stills."""

    STREAM = "stream"
    STILLS = "stills"


MAX_FACES = {FrameKind.STREAM: 6, FrameKind.STILLS: 10}
"""Maximum number of faces. Unused slots cost nothing; if all are used there may be more faces."""

SAME_OVERLAP = 0.5
"""The intersection over union from which two boxes are of one face, as in MediaPipe."""

_left_open: deque[Any] = deque()
"""The landmarkers of finders that nobody closed. Deleted, they would close themselves: a call to
their thread pool, which never returns if it was within such a call that garbage was collected."""


def _close_left_open() -> None:
    with suppress(IndexError):  # none left, or another thread took the last
        while True:
            _left_open.popleft().close()


class MediaPipeFaceFinder:
    """The `FaceFinder` port over MediaPipe Tasks. Owned by one thread.

    Args:
        weights: the verified `face_landmarker.task`.
        source: a stream or stills.

    Raises:
        ModelError: MediaPipe cannot load the file.
    """

    def __init__(self, weights: Path, source: FrameKind) -> None:
        with no_microphone():
            import mediapipe as mp
            from mediapipe.tasks.python import BaseOptions, vision

        self._source = source
        self._last_ms = -1
        self._image = mp.Image
        self._rgb = mp.ImageFormat.SRGB
        _close_left_open()
        modes = vision.RunningMode
        options = vision.FaceLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(weights)),
            running_mode=modes.VIDEO if source is FrameKind.STREAM else modes.IMAGE,
            num_faces=MAX_FACES[source],
            output_face_blendshapes=True,
            output_facial_transformation_matrixes=True,
        )
        try:
            with hushed():
                self._landmarker = vision.FaceLandmarker.create_from_options(options)
        except (RuntimeError, ValueError, FileNotFoundError) as error:
            raise ModelError(
                f"{weights.name} cannot be loaded by MediaPipe.",
                Remedy("Install the model pack again.", NextStep.INSTALL_MODELS_AGAIN),
            ) from error
        self._unless_closed = weakref.finalize(self, _left_open.append, self._landmarker)
        self._unless_closed.atexit = False

    def find(self, frame: Frame) -> Found:
        """All faces of the frame, at most `MAX_FACES`; with that many the result is marked full."""
        rgb = cv2.cvtColor(frame.pixels, cv2.COLOR_BGR2RGB)
        image = self._image(image_format=self._rgb, data=rgb)
        if self._source is FrameKind.STREAM:
            found = self._landmarker.detect_for_video(image, self._milliseconds(frame))
        else:
            found = self._landmarker.detect(image)
        size = np.array([frame.width, frame.height], np.float32)
        results = zip(
            found.face_landmarks,
            found.face_blendshapes,
            found.facial_transformation_matrixes,
            strict=True,
        )
        faces = [_face(points, shapes, matrix, size) for points, shapes, matrix in results]
        return Found(distinct(faces), full=len(faces) >= MAX_FACES[self._source])

    def look(self, frame: Frame, found: Found) -> Found:
        """The found faces, and in a still those beside them: the detector looks at each frame.

        A frame of a stream it has seen already, unless the result is full.
        """
        if self._source is FrameKind.STREAM:
            return found
        seen = self.find(frame)
        return replace(seen, faces=distinct([*found, *(f for f in seen if not _known(f, found))]))

    def close(self) -> None:
        """Release the runtime; MediaPipe reports an error if that is left to interpreter exit."""
        self._unless_closed.detach()
        self._landmarker.close()

    def _milliseconds(self, frame: Frame) -> int:
        """A timestamp that always rises, as MediaPipe requires, even if the clock does not."""
        self._last_ms = max(int(frame.captured_at * 1000), self._last_ms + 1)
        return self._last_ms


def distinct(faces: Sequence[Face]) -> tuple[Face, ...]:
    """The faces without duplicates: tracking sometimes finds one face twice, nested."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda face: -face.box.area):
        if not any(larger.box.contains(face.box.centre) for larger in kept):
            kept.append(face)
    return tuple(kept)


def _known(face: Face, found: Found) -> bool:
    return any(face.box.overlap(other.box) >= SAME_OVERLAP for other in found)


def _face(
    points: Sequence[Any], shapes: Sequence[Any], matrix: NDArray[Any], size: NDArray[np.float32]
) -> Face:
    mesh: Mesh = np.array([(p.x, p.y) for p in points], np.float32) * size
    left, top = (float(v) for v in mesh.min(axis=0))
    right, bottom = (float(v) for v in mesh.max(axis=0))
    blinks = {shape.category_name: float(shape.score) for shape in shapes}
    return Face(
        box=Box(left, top, right - left, bottom - top),
        mesh=mesh,
        pose=pose_of(np.asarray(matrix, np.float64)),
        eyes=EyeClosure(blinks[LEFT_BLINK], blinks[RIGHT_BLINK]),
    )


def pose_of(matrix: NDArray[np.float64]) -> Pose:
    """Head rotation from the (4, 4) facial transformation matrix.

    The matrix maps the canonical face to a camera that looks along -z with y up, so its third
    column is the direction of the nose.
    """
    rotation = matrix[:3, :3] / np.linalg.norm(matrix[:3, :3], axis=0)
    yaw = np.degrees(np.arctan2(rotation[0, 2], rotation[2, 2]))
    pitch = np.degrees(np.arcsin(np.clip(rotation[1, 2], -1.0, 1.0)))
    roll = np.degrees(np.arctan2(-rotation[1, 0], rotation[0, 0]))
    return Pose(float(yaw), float(pitch), float(roll))
