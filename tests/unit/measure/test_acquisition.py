"""Which face of an image is taken, and what becomes of images without one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import measured_people as people
import numpy as np
import pytest

from kiosk.domain.errors import BadInput, ImageError
from kiosk.domain.people.enrolment import SampleRefusal
from kiosk.domain.vision.face import Face, Found
from kiosk.domain.vision.frame import Frame, Pixels
from kiosk.domain.vision.quality import Defect, QualityMeasures
from kiosk.domain.vision.template import SpaceId, Template
from kiosk.measure.acquisition import Acquirer, Gate

ANN, BOB, NOBODY, BROKEN = (Path(p) for p in ("ann/1.jpg", "bob/1.jpg", "no/1.jpg", "no/2.jpg"))
PLACES = {ANN: 1, BOB: 2, NOBODY: 3}


def read(image: Path) -> Pixels:
    """A picture that says which it is."""
    if image == BROKEN:
        raise ImageError("No picture.")
    return np.full((100, 100, 3), PLACES[image], np.uint8)


class Finder:
    """Finds what a test puts into each picture."""

    def __init__(self, faces: dict[Path, Sequence[Face]]) -> None:
        self._faces = {PLACES[image]: found for image, found in faces.items()}
        self.closed = False

    def find(self, frame: Frame) -> Found:
        return Found(tuple(self._faces.get(int(frame.pixels[0, 0, 0]), ())))

    def close(self) -> None:
        self.closed = True


class Extractor:
    """The template of a face is its place and height."""

    space = SpaceId("test/1")

    def extract(self, frame: Frame, face: Face) -> Template:  # noqa: ARG002 - the port
        vector = np.array([face.box.x, face.box.y, face.box.height], np.float32)
        return Template((vector / np.linalg.norm(vector)).astype(np.float32), self.space)


class Quality:
    def measure(self, frame: Frame, face: Face) -> QualityMeasures:  # noqa: ARG002 - the port
        return people.measures(size_px=face.box.height)


def acquirer(faces: dict[Path, Sequence[Face]], gate: Gate | None = None) -> Acquirer:
    return Acquirer(Finder(faces), Extractor(), gate, read)


def counter() -> tuple[list[None], Callable[[], None]]:
    done: list[None] = []
    return done, lambda: done.append(None)


def test_every_image_becomes_a_template_or_a_named_failure() -> None:
    done, seen = counter()
    faces = {ANN: [people.face(40, 40, 20)], BOB: [people.face(30, 30, 30)]}
    acquired = acquirer(faces).acquire([ANN, NOBODY, BOB, BROKEN], seen)
    assert acquired.images == (ANN, BOB)
    assert acquired.vectors.shape == (2, 3)
    assert acquired.failures == {NOBODY: SampleRefusal.NO_FACE, BROKEN: SampleRefusal.NOT_AN_IMAGE}
    assert len(done) == 4


def test_a_person_is_a_folder() -> None:
    faces = {ANN: [people.face(40, 40, 20)], BOB: [people.face(30, 30, 30)]}
    _, seen = counter()
    assert acquirer(faces).acquire([BOB, ANN], seen).persons.tolist() == [1, 0]


def test_a_larger_bystander_is_not_the_person() -> None:
    middle, bystander = people.face(38, 38, 24), people.face(0, 0, 45)
    _, seen = counter()
    acquired = acquirer({ANN: [bystander, middle]}).acquire([ANN], seen)
    expected = np.array([38, 38, 24]) / np.linalg.norm([38, 38, 24])
    assert acquired.vectors[0] == pytest.approx(expected, abs=1e-6)


def test_somebody_small_behind_the_person_is_not_the_person() -> None:
    person, behind = people.face(22, 20, 50), people.face(50, 48, 5)
    _, seen = counter()
    acquired = acquirer({ANN: [behind, person]}).acquire([ANN], seen)
    assert acquired.vectors[0][0] == pytest.approx(22 / np.linalg.norm([22, 20, 50]), abs=1e-6)


def test_the_gate_makes_a_poor_view_a_failure() -> None:
    gate = Gate(Quality(), people.BOUNDS)
    faces = {ANN: [people.face(30, 30, 40)], BOB: [people.face(40, 40, 60)]}
    _, seen = counter()
    acquired = acquirer(faces, gate).acquire([ANN, BOB], seen)
    assert acquired.images == (BOB,)
    assert acquired.failures == {ANN: Defect.TOO_FAR}


def test_nothing_acquired_is_bad_input() -> None:
    _, seen = counter()
    with pytest.raises(BadInput, match="None of 2 images"):
        acquirer({}).acquire([NOBODY, BROKEN], seen)


def test_templates_are_not_shown() -> None:
    _, seen = counter()
    acquired = acquirer({ANN: [people.face(40, 40, 20)]}).acquire([ANN, BROKEN], seen)
    assert repr(acquired) == "Acquired(1 images, 1 failures)"


def test_models_are_close_device() -> None:
    finder = Finder({})
    Acquirer(finder, Extractor(), None, read).close()
    assert finder.closed
