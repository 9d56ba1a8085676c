"""What the peer sees in pictures. The models that see it are given by the wiring.

What was seen can be remembered by the picture's SHA-256, so that no picture is looked at twice; a
memory holds templates and boxes, never a picture.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kiosk.domain.errors import ImageError

Vector = NDArray[np.float32]
"""(dimensions,) float32 of unit length."""


@dataclass(frozen=True, slots=True, eq=False)
class SeenFace:
    """A face in a picture.

    Attributes:
        box: left, top, width and height as shares of the picture.
        size_px: the box's shorter side in pixels.
        yaw, pitch, roll: degrees.
        sharpness, brightness: 0 to 100.
        eyes_closed, sunglasses, mask: 0 to 1.
        landmarks: x and y as shares of the picture, by Rekognition's names.
        vector: the template.
    """

    box: tuple[float, float, float, float]
    size_px: float
    yaw: float
    pitch: float
    roll: float
    sharpness: float
    brightness: float
    eyes_closed: float
    sunglasses: float
    mask: float
    landmarks: Mapping[str, tuple[float, float]]
    vector: Vector

    def __repr__(self) -> str:
        return f"SeenFace({self.size_px:.0f} px, <hidden>)"


@dataclass(frozen=True, slots=True)
class SeenPicture:
    """A picture's size in pixels, and its faces, the largest first."""

    width: int
    height: int
    faces: tuple[SeenFace, ...]


@dataclass(frozen=True, slots=True)
class SeenText:
    """A line of text in a picture.

    Attributes:
        text: never logged.
        confidence: 0 to 100.
        box: left, top, width and height as shares of the picture; None where that is not known.
    """

    text: str
    confidence: float
    box: tuple[float, float, float, float] | None = None

    def __repr__(self) -> str:
        return "SeenText(<hidden>)"


class PeerSight(Protocol):
    """What looks at pictures. Called by any thread."""

    def look(self, picture: bytes) -> SeenPicture:
        """The faces of a JPEG or PNG.

        Raises:
            ImageError: it is no picture that can be read.
        """
        ...

    def read(self, picture: bytes) -> Sequence[SeenText]:
        """The lines of text in it; raises as `look`."""
        ...


class RememberedSight:
    """A sight that remembers what was seen, by the SHA-256 of the picture.

    Args:
        inner: looks at what is not remembered; None refuses it.
        known: remembered from the start.
        file: where it is kept, a line of JSON for each picture; None for memory only.
    """

    def __init__(
        self,
        inner: PeerSight | None,
        known: Mapping[str, SeenPicture] | None = None,
        file: Path | None = None,
    ) -> None:
        self._inner = inner
        self._known = dict(known or {})
        self._texts: dict[str, tuple[SeenText, ...]] = {}
        self._file = file
        self._lock = threading.Lock()
        if file is not None and file.exists():
            self._known.update(_lines(file.read_text(encoding="utf-8").splitlines()))

    def remember(self, picture: bytes, seen: SeenPicture, texts: Sequence[SeenText] = ()) -> None:
        """Let a picture be seen, and read, so from now on; texts are never kept in the file."""
        digest = hashlib.sha256(picture).hexdigest()
        self._texts[digest] = tuple(texts)
        self._keep(digest, seen)

    def look(self, picture: bytes) -> SeenPicture:
        """What is remembered of it; else what the inner sight sees, which is remembered then."""
        digest = hashlib.sha256(picture).hexdigest()
        if (seen := self._known.get(digest)) is not None:
            return seen
        if self._inner is None:
            raise ImageError("A picture is not among those that are known.", "Remember it first.")
        seen = self._inner.look(picture)
        self._keep(digest, seen)
        return seen

    def read(self, picture: bytes) -> Sequence[SeenText]:
        """What is remembered of it; else what the inner sight reads."""
        texts = self._texts.get(hashlib.sha256(picture).hexdigest())
        if texts is not None or self._inner is None:
            return texts or ()
        return self._inner.read(picture)

    def _keep(self, digest: str, seen: SeenPicture) -> None:
        with self._lock:
            self._known[digest] = seen
            if self._file is not None:
                with self._file.open("a", encoding="utf-8") as stream:
                    stream.write(json.dumps({"sha256": digest, **as_json(seen)}) + "\n")


def as_json(seen: SeenPicture) -> dict[str, Any]:
    """What was seen, for a file."""
    return {
        "size": [seen.width, seen.height],
        "faces": [
            {
                **{name: getattr(face, name) for name in _NUMBERS},
                "box": list(face.box),
                "landmarks": {name: list(at) for name, at in face.landmarks.items()},
                "vector": text_of(face.vector),
            }
            for face in seen.faces
        ],
    }


def text_of(vector: Vector) -> str:
    """A template as text."""
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()


def vector_of(text: str) -> Vector:
    """A template from its text."""
    return np.frombuffer(base64.b64decode(text), "<f4").astype(np.float32)


_NUMBERS = (
    "size_px",
    "yaw",
    "pitch",
    "roll",
    "sharpness",
    "brightness",
    "eyes_closed",
    "sunglasses",
    "mask",
)


def _lines(lines: Iterable[str]) -> dict[str, SeenPicture]:
    """What is remembered in a file; a line that was not written to its end is passed over."""
    found = {}
    for line in lines:
        try:
            said = json.loads(line)
            found[str(said["sha256"])] = _picture(said)
        except (ValueError, KeyError, TypeError):
            continue
    return found


def _picture(said: Mapping[str, Any]) -> SeenPicture:
    width, height = said["size"]
    return SeenPicture(int(width), int(height), tuple(_face(face) for face in said["faces"]))


def _face(said: Mapping[str, Any]) -> SeenFace:
    left, top, width, height = said["box"]
    return SeenFace(
        box=(left, top, width, height),
        landmarks={name: (x, y) for name, (x, y) in said["landmarks"].items()},
        vector=vector_of(said["vector"]),
        **{name: float(said[name]) for name in _NUMBERS},
    )
