"""The default pack's models, loaded once; nothing of a picture is kept beyond a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import evaluation_data
import pytest
from evaluation_data import frame_of

from kiosk.domain.ports import FaceFinder, QualityAssessor, TemplateExtractor
from kiosk.domain.vision.face import Face
from kiosk.domain.vision.frame import Pixels
from kiosk.domain.vision.quality import QualityMeasures
from models import loading
from models.landmarks import FrameKind


@pytest.fixture(scope="session")
def stills() -> Iterator[FaceFinder]:
    loaded = evaluation_data.pack()
    with closing(loading.face_finder(loaded.pack, loaded.files, FrameKind.STILLS)) as finder:
        yield finder


@pytest.fixture(scope="session")
def face_in(stills: FaceFinder) -> Callable[[Pixels], Face]:
    """The largest face of a picture."""
    return lambda pixels: max(stills.find(frame_of(pixels)), key=lambda face: face.box.area)


@pytest.fixture(scope="session")
def assessor() -> QualityAssessor:
    return loading.quality_assessor()


@pytest.fixture(scope="session")
def measured(
    face_in: Callable[[Pixels], Face], assessor: QualityAssessor
) -> Callable[[Pixels], QualityMeasures]:
    """The measures of the largest face of a picture."""
    return lambda pixels: assessor.measure(frame_of(pixels), face_in(pixels))


@pytest.fixture(scope="session")
def extractor() -> TemplateExtractor:
    loaded = evaluation_data.pack()
    return loading.extractor(loaded.pack, loaded.files)


@pytest.fixture(scope="session")
def portraits() -> dict[str, Pixels]:
    """One frame of everybody at the webcam."""
    return {
        person: evaluation_data.picture(evaluation_data.for_enrolment(person)[2])
        for person in evaluation_data.people()
    }


@pytest.fixture(scope="session")
def photograph() -> Callable[[str], Pixels]:
    """A photograph of the LFW selection by its name, without its end."""

    def read(name: str) -> Pixels:
        folder = name.rpartition("_")[0]
        path: Path = evaluation_data.data("lfw", "images", folder, f"{name}.jpg")
        return evaluation_data.picture(path)

    return read
