"""Photographs are looked at in ever smaller parts until somebody is found, and no further."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from kiosk.domain.vision.face import Box, EyeClosure, Face, Found, Pose
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from models.stills import SMALLEST_PART_PX, StillsFinder

SHAPES = [(4000, 3000), (3000, 4000), (2400, 2400), (1700, 900)]
LEAST_SHARE = 0.12
"""Of a picture's longer side: smaller faces are not found, as by the real finder."""


def face(x: float, y: float, size: float) -> Face:
    mesh = np.full((478, 2), (x + size / 2, y + size / 2), np.float32)
    return Face(Box(x, y, size, size), mesh, Pose(0.0, 0.0, 0.0), EyeClosure(0.0, 0.0))


@dataclass
class Dots:
    """Finds white squares that are large enough for the picture and lie wholly in it."""

    looks: list[tuple[int, int]] = field(default_factory=list)

    def find(self, frame: Frame) -> Found:
        self.looks.append((frame.width, frame.height))
        plane = frame.pixels[..., 0]
        faces = []
        for name in range(1, int(plane.max(initial=0)) + 1):
            dot = plane == name
            rows, columns = np.flatnonzero(dot.any(axis=1)), np.flatnonzero(dot.any(axis=0))
            whole = rows.size == columns.size and rows.size > 0
            if whole and rows.size >= LEAST_SHARE * max(frame.width, frame.height):
                faces.append(face(float(columns[0]), float(rows[0]), rows.size))
        return Found(tuple(faces))

    def close(self) -> None:
        self.looks.clear()


def picture(width: int, height: int, *dots: tuple[int, int, int]) -> Pixels:
    pixels = np.zeros((height, width, 3), np.uint8)
    for name, (x, y, size) in enumerate(dots, 1):
        pixels[y : y + size, x : x + size] = name
    return pixels


def found(pixels: Pixels) -> list[tuple[float, float, float]]:
    faces = StillsFinder(Dots()).find(Frame(pixels, Instant(0.0), 0))
    return sorted((each.box.x, each.box.y, each.box.width) for each in faces)


@pytest.mark.parametrize(
    ("width", "height"), [(4000, 3000), (3000, 4000), (2400, 2400), (1600, 900)]
)
@pytest.mark.parametrize(
    "place", [(0.0, 0.0), (0.99, 0.99), (0.5, 0.5), (0.37, 0.62), (0.99, 0.02)]
)
def test_a_small_face_is_found_wherever_it_is(
    width: int, height: int, place: tuple[float, float]
) -> None:
    x, y = int(place[0] * (width - 200)), int(place[1] * (height - 200))
    assert found(picture(width, height, (x, y, 200))) == [(x, y, 200)]


def test_its_landmarks_lie_where_it_is() -> None:
    (seen,) = StillsFinder(Dots()).find(
        Frame(picture(4000, 3000, (3100, 2100, 200)), Instant(0.0), 0)
    )
    np.testing.assert_allclose(seen.mesh.mean(axis=0), (3200, 2200))


def test_two_small_faces_are_two() -> None:
    both = ((100, 100, 200), (3000, 2000, 200))
    assert found(picture(4000, 3000, *both)) == sorted(both)


def test_whoever_is_found_in_the_whole_is_not_one_of_those_in_its_background() -> None:
    assert found(picture(4000, 3000, (1000, 500, 900), (100, 100, 150))) == [(1000, 500, 900)]


def test_a_small_picture_is_looked_at_once() -> None:
    finder = Dots()
    StillsFinder(finder).find(Frame(picture(640, 480), Instant(0.0), 0))
    assert finder.looks == [(640, 480)]


def test_the_largest_picture_takes_a_bounded_number_of_looks() -> None:
    looks: list[int] = []

    class Nobody(Dots):
        def find(self, frame: Frame) -> Found:
            looks.append(min(frame.width, frame.height))
            return Found()

    StillsFinder(Nobody()).find(Frame(np.zeros((8000, 8000, 3), np.uint8), Instant(0.0), 0))
    assert min(looks) >= SMALLEST_PART_PX
    assert len(looks) <= 300
