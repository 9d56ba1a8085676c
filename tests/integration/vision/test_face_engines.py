"""The LiteRT face finder beside MediaPipe's, the oracle, over real recordings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache

import evaluation_data
import numpy as np
import pytest
from evaluation_data import frame_of
from installed_engines import needs_reference

from config.settings import Settings
from kiosk.domain.errors import ModelError
from kiosk.domain.ports import FaceFinder, QualityAssessor
from kiosk.domain.vision.face import Face
from kiosk.domain.vision.frame import Frame, Pixels
from kiosk.domain.vision.quality import judge
from models.faces.finder import LiteRtStillsFinder, LiteRtStreamFinder
from models.faces.networks import FaceNetworks
from models.landmarks import FrameKind, MediaPipeFaceFinder
from models.quality.measures import FaceQuality

pytestmark = [pytest.mark.data, pytest.mark.weights]


@dataclass
class Difference:
    """How the same faces differ, found by two finders.

    Attributes:
        pixels: mean distance of the landmarks, each face.
        degrees: the largest difference of yaw, pitch and roll, each face.
        closure: the largest difference of an eye's closure, each face.
        verdicts: whether the quality assessment is the same, each face.
        unmatched: faces that only one of them found.
    """

    pixels: list[float] = field(default_factory=list)
    degrees: list[float] = field(default_factory=list)
    closure: list[float] = field(default_factory=list)
    verdicts: list[bool] = field(default_factory=list)
    unmatched: int = 0

    def add(self, quality: QualityAssessor, frame: Frame, one: Face, other: Face) -> None:
        self.pixels.append(float(np.linalg.norm(one.mesh - other.mesh, axis=1).mean()))
        poses = ((f.pose.yaw, f.pose.pitch, f.pose.roll) for f in (one, other))
        self.degrees.append(float(np.abs(np.subtract(*poses)).max()))
        eyes = ((f.eyes.left, f.eyes.right) for f in (one, other))
        self.closure.append(float(np.abs(np.subtract(*eyes)).max()))
        bounds = Settings().quality.bounds()
        defects = [judge(quality.measure(frame, f), bounds).defects for f in (one, other)]
        self.verdicts.append(defects[0] == defects[1])


@cache
def weights_networks() -> FaceNetworks:
    return FaceNetworks(evaluation_data.pack().files["landmarks"])


def compared(
    reference: FaceFinder, other: FaceFinder, frames: Iterator[Frame], into: Difference
) -> None:
    quality = FaceQuality()
    for frame in frames:
        ours = list(other.find(frame))
        for face in reference.find(frame):
            same = max(ours, key=lambda f: f.box.overlap(face.box), default=None)
            if same is None or same.box.overlap(face.box) < 0.5:
                into.unmatched += 1
                continue
            ours.remove(same)
            into.add(quality, frame, face, same)
        into.unmatched += len(ours)


def frames(pictures: Sequence[Pixels]) -> Iterator[Frame]:
    return (frame_of(pixels, index) for index, pixels in enumerate(pictures))


def in_stills(pictures: Sequence[Pixels]) -> Difference:
    """Both search each picture: MediaPipe's own way of working."""
    made = Difference()
    weights = evaluation_data.pack().files["landmarks"]
    with closing(MediaPipeFaceFinder(weights, FrameKind.STILLS)) as reference:
        compared(reference, LiteRtStillsFinder(weights_networks()), frames(pictures), made)
    return made


def in_streams(recordings: Sequence[Sequence[Pixels]]) -> Difference:
    """Both follow faces, each in its own way."""
    made = Difference()
    weights = evaluation_data.pack().files["landmarks"]
    for pictures in recordings:
        with closing(MediaPipeFaceFinder(weights, FrameKind.STREAM)) as reference:
            compared(reference, LiteRtStreamFinder(weights_networks()), frames(pictures), made)
    return made


def recordings(people: Sequence[str], kinds: Sequence[str]) -> Iterator[Sequence[Pixels]]:
    for person in people:
        for kind in kinds:
            for paths in evaluation_data.recordings(kind, person).values():
                yield evaluation_data.pictures(paths)


def the_same(made: Difference) -> None:
    """The bounds of issue and ADR for faces that are followed."""
    print(  # noqa: T201 - the figures of `docs/developers/measurements.md`, with `pytest -s`
        f"{len(made.pixels)} faces, {made.unmatched} of one engine only; landmarks "
        f"{np.mean(made.pixels):.2f} px, pose {np.mean(made.degrees):.2f} degrees, verdicts "
        f"{sum(made.verdicts)} the same"
    )
    assert len(made.pixels) >= 60
    assert made.unmatched == 0
    assert np.mean(made.pixels) < 1.0
    assert np.mean(made.degrees) < 1.0
    assert np.mean(made.verdicts) >= 0.995


@needs_reference
def test_searched_in_each_frame_the_landmarks_are_those_of_mediapipe() -> None:
    pictures = [
        evaluation_data.picture(path)
        for person in evaluation_data.people()
        for path in evaluation_data.for_enrolment(person)[::2]
    ]
    made = in_stills(pictures)
    assert len(made.pixels) >= len(pictures)
    assert made.unmatched == 0
    assert np.mean(made.pixels) < 0.1
    assert max(made.pixels) < 0.5
    assert max(made.degrees) < 0.25
    assert max(made.closure) < 0.05
    assert np.mean(made.verdicts) >= 0.995


@needs_reference
def test_faces_turned_half_away_are_those_of_mediapipe() -> None:
    """Photographs of the press, with poses and lights that no webcam of ours shows."""
    folder = evaluation_data.data("lfw", "images")
    paths = sorted(folder.glob("*/*.jpg"))[::80]
    made = in_stills([evaluation_data.picture(path) for path in paths])
    assert len(made.pixels) >= len(paths) * 0.9
    assert made.unmatched == 0
    assert np.mean(made.pixels) < 0.1
    assert max(made.degrees) < 0.5
    assert np.mean(made.verdicts) >= 0.95  # of 20 faces, one at a bound


@needs_reference
def test_followed_through_a_recording_they_are_near_those_of_mediapipe() -> None:
    person = evaluation_data.people()[0]
    first, *_ = recordings([person], ["bona_fide"])
    second, *_ = recordings([person], ["print"])
    the_same(in_streams([first, second[:40]]))


@needs_reference
@pytest.mark.long
def test_followed_through_all_recordings_they_are_near_those_of_mediapipe() -> None:
    made = in_streams(list(recordings(evaluation_data.people(), ["bona_fide", "print"])))
    assert len(made.pixels) >= 1000
    the_same(made)


def test_weights_that_litert_does_not_understand() -> None:
    wrong = evaluation_data.pack().files["attack"]
    with pytest.raises(ModelError, match="cannot be loaded by LiteRT"):
        FaceNetworks(wrong)
