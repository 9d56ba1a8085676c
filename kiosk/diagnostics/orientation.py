"""How the camera hangs: whether its picture has to be turned before faces stand upright in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.finding import Finding, Health

if TYPE_CHECKING:
    from config.settings import Settings
    from kiosk.domain.vision.frame import Frame, Pixels
    from kiosk.wiring import Weights

LOOKS = 5
"""So many pictures are looked at."""
UPRIGHT_DEGREES = 30.0
"""A face that is rolled by more does not stand upright."""


def hanging(home: Path, settings: Settings, read: Callable[[float], Frame]) -> Iterator[Finding]:
    """Whether faces stand upright only in a picture that is turned: then the camera hangs so.

    Says nothing where nobody stands there, or where the weights are not there to look with.
    """
    from hardware.camera.turning import turned
    from kiosk.domain.errors import CameraLost, EndOfSource, ModelError
    from kiosk.wiring import weights

    try:
        loaded = weights(settings, home)
        frames = [read(settings.camera.stall_seconds) for _ in range(LOOKS)]
    except (ModelError, CameraLost, EndOfSource):
        return
    with _upright(loaded) as count:
        seen = {
            by: sum(count(turned(frame.pixels, by)) > 0 for frame in frames)
            for by in (0, 90, 180, 270)
        }
    by = max(seen, key=seen.__getitem__)  # of equals the first: as it hangs
    if seen[by] > seen[0]:
        said = f"faces stand upright in the picture only when it is turned by {by} degrees"
        remedy = f"Set camera.rotate = {(settings.camera.rotate + by) % 360}, if it hangs so."
        yield Finding("camera.rotate", Health.WARN, said, remedy)


@contextmanager
def _upright(loaded: Weights) -> Iterator[Callable[[Pixels], int]]:
    """What counts the faces that stand upright in a picture; lying ones are found as well."""
    from kiosk.domain.vision.frame import Frame, Instant
    from models.landmarks import FrameKind
    from models.loading import face_finder

    with closing(face_finder(loaded.files, FrameKind.STILLS)) as finder:
        yield lambda pixels: sum(
            abs(face.pose.roll) <= UPRIGHT_DEGREES
            for face in finder.find(Frame(pixels, Instant(0.0), 0))
        )
