"""The camera's mounting: a check if its picture must be rotated for faces to be upright."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.finding import Finding, Health

if TYPE_CHECKING:
    from config.settings import Settings
    from kiosk.domain.vision.frame import Frame, Pixels
    from kiosk.wiring.vision import Weights

LOOKS = 5
"""The number of pictures that are examined."""
UPRIGHT_DEGREES = 30.0
"""A face with a larger roll angle does not count as upright."""


def hanging(home: Path, settings: Settings, read: Callable[[float], Frame]) -> Iterator[Finding]:
    """A warning if faces are upright only in a rotated picture: the camera is mounted rotated.

    No finding if no person is in view, or if the weights are not installed.
    """
    from hardware.camera.turning import turned
    from kiosk.domain.errors import CameraLost, EndOfSource, ModelError
    from kiosk.wiring.vision import verified_weights

    try:
        loaded = verified_weights(settings, home)
        frames = [read(settings.camera.stall_seconds) for _ in range(LOOKS)]
    except (ModelError, CameraLost, EndOfSource):
        return
    with _upright(loaded) as count:
        seen = {
            by: sum(count(turned(frame.pixels, by)) > 0 for frame in frames)
            for by in (0, 90, 180, 270)
        }
    by = max(seen, key=seen.__getitem__)  # the first of equals: as mounted
    if seen[by] > seen[0]:
        said = f"faces stand upright in the picture only when it is turned by {by} degrees"
        remedy = f"Set camera.rotate = {(settings.camera.rotate + by) % 360}, if it hangs so."
        yield Finding("camera.rotate", Health.WARN, said, remedy)


@contextmanager
def _upright(loaded: Weights) -> Iterator[Callable[[Pixels], int]]:
    """Yield a function that counts the upright faces in a picture; the finder also finds others."""
    from kiosk.domain.vision.frame import Frame, Instant
    from models.landmarks import FrameKind
    from models.loading import face_finder

    with closing(face_finder(loaded.pack, loaded.files, FrameKind.STILLS)) as finder:
        yield lambda pixels: sum(
            abs(face.pose.roll) <= UPRIGHT_DEGREES
            for face in finder.find(Frame(pixels, Instant(0.0), 0))
        )
