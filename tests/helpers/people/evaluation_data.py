"""The evaluation recordings and the default weights, or a clear reason to skip.

Nothing of these people is ever written into the project: tests read them where they lie.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from config.sections.vision.models import ModelSettings
from config.settings import Settings
from hardware.camera.codec import cv2
from hardware.camera.source import natural
from kiosk.domain.errors import ModelError
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from kiosk.wiring.vision import Weights, verified_weights

PROJECT = Path(__file__).resolve().parents[3]
FPS = 15.0
ENROLMENT_FRAMES = 5
NOBODIES = [f"nobody_{number:04}" for number in range(1, 9)]


def root() -> Path:
    """Where the recordings would lie."""
    given = os.environ.get("KIOSK_TEST_DATA")
    return Path(given) if given else PROJECT.parent / "shared" / "data"


def data(*parts: str) -> Path:
    """A folder or file of the recordings; skips the test where it is not there."""
    path = root().joinpath(*parts)
    if not path.exists():
        pytest.skip(f"The evaluation data {path} is not here; KIOSK_TEST_DATA may name its folder.")
    return path


def pack(name: str = "standard") -> Weights:
    """A pack, verified; skips the test where it is not installed."""
    try:
        return _pack(name)
    except ModelError as error:
        pytest.skip(str(error))


@functools.cache
def _pack(name: str) -> Weights:
    return verified_weights(Settings(models=ModelSettings(pack=name)), PROJECT / "no-home")


def people() -> Sequence[str]:
    """Everybody of the webcam recordings; where they are not here, nobodies, to be skipped."""
    found = root() / "webcam" / "bona_fide"
    return sorted(p.name for p in found.iterdir()) if found.is_dir() else NOBODIES


def recordings(kind: str, person: str) -> Mapping[str, Sequence[Path]]:
    """Each recording's frames in order; kind is ``bona_fide`` or ``print``."""
    folders = sorted(path for path in data("webcam", kind, person).iterdir() if path.is_dir())
    return {f"{kind}/{folder.name}": frames_in(folder) for folder in folders}


def frames_in(folder: Path) -> Sequence[Path]:
    return sorted(folder.glob("*.jpg"), key=lambda path: natural(path.name))


def for_enrolment(person: str) -> Sequence[Path]:
    """Five frames of their first recording."""
    first, *_ = recordings("bona_fide", person).values()
    return first[:ENROLMENT_FRAMES]


def walks(person: str) -> Mapping[str, Sequence[Path]]:
    """Recordings that the enrolment has not seen: the others, or the rest of the only one."""
    (name, first), *others = recordings("bona_fide", person).items()
    return dict(others) if others else {name: first[ENROLMENT_FRAMES:]}


def picture(path: Path) -> Pixels:
    """(height, width, 3) BGR."""
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    assert pixels is not None, path
    return np.asarray(pixels, np.uint8)


def frame_of(pixels: Pixels, index: int = 0) -> Frame:
    """The picture as a camera would give it."""
    return Frame(pixels, Instant(index / FPS), index)


def pictures(paths: Sequence[Path]) -> Sequence[Pixels]:
    return [picture(path) for path in paths]


def clip(name: str) -> Sequence[Pixels]:
    """Every frame of a clip."""
    video = cv2.VideoCapture(str(data("clips", name)), cv2.CAP_FFMPEG)
    frames = []
    while True:
        whole, pixels = video.read()
        if not whole:
            break
        frames.append(np.asarray(pixels, np.uint8))
    video.release()
    assert frames, name
    return frames
