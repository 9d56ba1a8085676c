"""One face in one frame: its position, head pose and eye closure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NewType, overload

import numpy as np
from numpy.typing import NDArray

TrackId = NewType("TrackId", int)
"""The identity of a face from frame to frame. Never reused within a run; the first one is 1."""

UNSEEN = TrackId(0)
"""Stands for possible faces beyond the number that a finder can return."""

Mesh = NDArray[np.float32]
"""(478, 2) landmarks in pixels of the frame, in MediaPipe's order."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the frame; may extend beyond the frame's edge."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        """(x, y) of the middle, pixels."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def area(self) -> float:
        """Square pixels."""
        return self.width * self.height

    def contains(self, point: tuple[float, float]) -> bool:
        """True if the point (x, y) lies inside."""
        across, down = point[0] - self.x, point[1] - self.y
        return 0.0 <= across <= self.width and 0.0 <= down <= self.height

    def overlap(self, other: Box) -> float:
        """Intersection over union with ``other``, 0 to 1."""
        across = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        down = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        if across <= 0 or down <= 0:
            return 0.0
        shared = across * down
        return shared / (self.area + other.area - shared)


@dataclass(frozen=True, slots=True)
class Pose:
    """Head rotation in degrees.

    Attributes:
        yaw: positive when the face is turned towards the picture's right edge.
        pitch: negative when the face looks down, as in the founding documents (R3).
        roll: positive when the head leans clockwise in the picture.
    """

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True, slots=True)
class EyeClosure:
    """The closure of each eye, 0 open to 1 closed; left and right are the subject's own."""

    left: float
    right: float


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A detected face.

    Attributes:
        box: bounding box of the landmarks, pixels.
        mesh: (478, 2) float32 landmarks, pixels.
        pose: head rotation, degrees.
        eyes: closure of both eyes.
    """

    box: Box
    mesh: Mesh
    pose: Pose
    eyes: EyeClosure

    def __repr__(self) -> str:
        return f"Face({self.box.width:.0f}x{self.box.height:.0f} px, {self.pose})"


@dataclass(frozen=True, slots=True)
class TrackedFace:
    """A face and its track."""

    track: TrackId
    face: Face


@dataclass(frozen=True, slots=True)
class Found(Sequence[Face]):
    """The faces that a finder found in a frame, as a sequence.

    Attributes:
        faces: of this frame, in no particular order.
        around: faces of the last search of the surroundings; their boxes may be out of date and are
            not evidence.
        full: true if there may be faces beyond the number that the finder can return.
        looked: true if the detector searched this frame; false if faces were only followed from the
            frame before, so that a face may be there that is not among them.
    """

    faces: tuple[Face, ...] = ()
    around: tuple[Face, ...] = ()
    full: bool = False
    looked: bool = True

    def __len__(self) -> int:
        return len(self.faces)

    @overload
    def __getitem__(self, index: int) -> Face: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Face, ...]: ...
    def __getitem__(self, index: int | slice) -> Face | tuple[Face, ...]:
        return self.faces[index]

    def __iter__(self) -> Iterator[Face]:
        return iter(self.faces)
