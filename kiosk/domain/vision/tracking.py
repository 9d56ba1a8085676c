"""The assignment of faces to tracks from frame to frame. Evidence belongs to a track."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kiosk.domain.vision.face import Box, Face, TrackedFace, TrackId
from kiosk.domain.vision.frame import Instant


@dataclass(frozen=True, slots=True)
class TrackingPolicy:
    """The criteria for two boxes to be the same face.

    Attributes:
        min_overlap: intersection over union of a face with its box in the frame before.
        max_gap_seconds: a face unseen for longer comes back as a new track.
    """

    min_overlap: float
    max_gap_seconds: float


@dataclass(frozen=True, slots=True)
class Track:
    """The last observation of a face."""

    id: TrackId
    box: Box
    seen_at: Instant


@dataclass(frozen=True, slots=True)
class Tracks:
    """Every face seen recently, and the next free number. A number is never used twice."""

    known: tuple[Track, ...] = ()
    next_id: TrackId = TrackId(1)

    def follow(
        self, faces: Sequence[Face], at: Instant, policy: TrackingPolicy
    ) -> tuple[Tracks, tuple[TrackedFace, ...]]:
        """Give each face its track: the best overlap first, a new track if none is enough."""
        fresh = [t for t in self.known if at - t.seen_at <= policy.max_gap_seconds]
        matched = _match(fresh, faces, policy.min_overlap)
        next_id, tracked = self.next_id, []
        for index, face in enumerate(faces):
            track = matched.get(index)
            if track is None:
                track, next_id = next_id, TrackId(next_id + 1)
            tracked.append(TrackedFace(track, face))
        seen = {t.track for t in tracked}
        known = tuple(t for t in fresh if t.id not in seen) + tuple(
            Track(t.track, t.face.box, at) for t in tracked
        )
        return Tracks(known, next_id), tuple(tracked)

    def apart(self, track: TrackId) -> tuple[Tracks, TrackId]:
        """A new track for a face that took the place of another on this track."""
        known = tuple(replace(t, id=self.next_id) if t.id == track else t for t in self.known)
        return Tracks(known, TrackId(self.next_id + 1)), self.next_id


def _match(tracks: Sequence[Track], faces: Sequence[Face], least: float) -> dict[int, TrackId]:
    """Pair faces (by index) with tracks, greatest overlap first, each used once."""
    pairs = sorted(
        (
            (track.box.overlap(face.box), index, track.id)
            for track in tracks
            for index, face in enumerate(faces)
        ),
        reverse=True,
    )
    matched: dict[int, TrackId] = {}
    for overlap, index, track in pairs:
        if overlap >= least and index not in matched and track not in matched.values():
            matched[index] = track
    return matched
