"""The face finders of the LiteRT engine: one follows faces through a stream, one searches stills.

Following costs one network a face, and sees nobody new. So it is a rule of security how often the
detector looks (ADR 0029):

- in at least every third frame, and at least every fifth of a second;
- in the same frame in which a followed face is lost, so that a person never vanishes for a frame;
- whenever it is asked to: before a face is compared (`look`).

What is followed keeps its place: a face that is only detected never replaces it. A face that was
followed far from its region was seen badly there, so it is measured again where it is now. Faces
beyond the number that is followed are not measured, and the result says that there are more.
"""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.domain.vision.face import Face, Found
from kiosk.domain.vision.frame import Frame, Instant
from models.faces.mesh import Points
from models.faces.networks import FaceNetworks
from models.faces.region import Region
from models.landmarks import MAX_FACES, FrameKind, distinct

LOOK_FRAMES = 3
"""The detector looks at least in every so many frames …"""

LOOK_SECONDS = 0.2
"""… and at least as often, however slow the camera is."""

SAME_OVERLAP = 0.5
"""The intersection over union of two regions from which they are of one face, as in MediaPipe."""

MOST_MOVED = 0.05
"""A face whose region moved by more, as a share of its side, is measured again."""


class LiteRtStillsFinder:
    """The `FaceFinder` port over independent stills, each searched. Owned by one thread.

    Args:
        networks: of the same thread; another finder may use them too.
    """

    def __init__(self, networks: FaceNetworks) -> None:
        self._networks = networks

    def find(self, frame: Frame) -> Found:
        """The faces, at most `MAX_FACES`; marked full if the detector saw more."""
        return self.look(frame, Found())

    def look(self, frame: Frame, found: Found) -> Found:
        """The found faces, and those that the detector sees beside them."""
        return _completed(self._networks, frame, found.faces, MAX_FACES[FrameKind.STILLS])

    def close(self) -> None:
        """Close nothing: LiteRT frees its memory by itself."""


class LiteRtStreamFinder:
    """The `FaceFinder` port over a stream of frames. Owned by one thread.

    Args:
        networks: of the same thread; another finder may use them too.
    """

    def __init__(self, networks: FaceNetworks) -> None:
        self._networks = networks
        self._found = Found()
        self._shape: tuple[int, ...] = ()
        self._unlooked = 0
        self._looked_at = Instant(float("-inf"))

    def find(self, frame: Frame) -> Found:
        """The faces that are followed, and those that are new if the detector looks."""
        if frame.pixels.shape != self._shape:
            self._shape, self._found = frame.pixels.shape, Found()
        followed = self._followed(frame)
        if len(followed) < max(1, len(self._found)) or self._due(frame):
            return self.look(frame, Found(followed))
        self._unlooked += 1
        self._found = Found(followed, full=self._found.full, looked=False)
        return self._found

    def look(self, frame: Frame, found: Found) -> Found:
        """The found faces of this frame, and those that the detector sees beside them."""
        self._unlooked, self._looked_at = 0, frame.captured_at
        most = MAX_FACES[FrameKind.STREAM]
        self._found = _completed(self._networks, frame, found.faces, most)
        return self._found

    def close(self) -> None:
        """Follow nobody any more."""
        self._found = Found()

    def _due(self, frame: Frame) -> bool:
        """True if the detector has to look; time that goes back is no excuse."""
        recent = 0 <= frame.captured_at - self._looked_at < LOOK_SECONDS
        return not recent or self._unlooked >= LOOK_FRAMES - 1

    def _followed(self, frame: Frame) -> tuple[Face, ...]:
        """The faces of the frame before, where they are now; without those that were lost."""
        regions = [Region.around(face.mesh) for face in self._found]
        seen = [self._seen(frame, region) for region in regions]
        return distinct(
            [self._networks.face(frame, points) for points in seen if points is not None]
        )

    def _seen(self, frame: Frame, region: Region) -> Points | None:
        """The landmarks in a region, measured again where they are if they moved far."""
        points = self._networks.points(frame, region)
        if points is None:
            return None
        now = Region.around(points[:, :2])
        if now.moved_from(region) <= MOST_MOVED:
            return points
        return self._networks.points(frame, now)


def _completed(networks: FaceNetworks, frame: Frame, known: Sequence[Face], most: int) -> Found:
    """The known faces and those that the detector sees beside them.

    Only as many detections are measured as there is room for; one that the mesh network rejects is
    no face.
    """
    taken = [Region.around(face.mesh).box for face in known]
    new = [
        region
        for region in networks.regions(frame)
        if all(region.box.overlap(box) < SAME_OVERLAP for box in taken)
    ]
    room = max(0, most - len(known))
    seen = [networks.points(frame, region) for region in new[:room]]
    faces = [networks.face(frame, points) for points in seen if points is not None]
    return Found(distinct([*known, *faces]), full=len(new) > room)
