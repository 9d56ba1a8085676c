"""The models, loaded once by each worker; what the enroller accepted of everybody, once for all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import evaluation_data
import numpy as np
import pytest
from filmed_people import strip
from kept_home import furnish
from kiosk_process import kiosk as command
from mjpeg_camera import MjpegCamera
from real_kiosk import FilmedModels, RealKiosk
from shared_by_workers import shared

from config.settings import Settings
from kiosk.domain.ports import FaceFinder
from kiosk.domain.vision.comparison import Gallery
from kiosk.domain.vision.face import Box
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from kiosk.domain.vision.template import Template
from kiosk.enrolment.from_photographs import Enroller
from kiosk.wiring.vision import load_enroller
from models.landmarks import FrameKind
from models.loading import face_finder

Enrol = Callable[[str, Sequence[Path]], Sequence[Template]]
"""Who, and from which photographs: what was accepted."""
Furnished = Callable[..., Path]
"""A home at this path; see `furnished`."""
Strips = Callable[[Sequence[Path]], Sequence[Pixels]]


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Furnished:
    """Homes as `furnish` makes them, with the first person of the recordings enrolled if wanted.

    Each is made once in a run, by the real command, and then copied.
    """

    def home(at: Path, entries: int = 3, *, enrolled: bool = True) -> Path:
        def make(first: Path) -> None:
            furnish(first, entries)
            if enrolled:
                _enrol_first_person(first)

        made = shared(tmp_path_factory, f"home-{entries}-{enrolled}", make)
        return Path(shutil.copytree(made, at))

    return home


def _enrol_first_person(home: Path) -> None:
    person = evaluation_data.people()[0]
    options = ("--home", home, "--subject", person, "--consent", "form 3")
    assert command("enrol", *options, *evaluation_data.for_enrolment(person)).code == 0


@pytest.fixture
def camera() -> Iterator[MjpegCamera]:
    """The first person of the recordings walks up to it again and again."""
    walk = next(iter(evaluation_data.walks(evaluation_data.people()[0]).values()))
    shown = [path.read_bytes() for path in (*walk, *reversed(walk))]
    with MjpegCamera(lambda number: shown[number % len(shown)]) as camera:
        yield camera


@pytest.fixture(scope="session")
def models() -> FilmedModels:
    return FilmedModels(evaluation_data.pack())


@pytest.fixture(scope="session")
def enroller(models: FilmedModels) -> Iterator[Enroller]:
    with closing(load_enroller(Settings(), models.loaded)) as enroller:
        yield enroller


@pytest.fixture(scope="session")
def accepted(enroller: Enroller, models: FilmedModels) -> Enrol:
    """References of somebody, made by the real enroller once."""
    known: dict[str, Sequence[Template]] = {}

    def enrol(subject: str, photographs: Sequence[Path]) -> Sequence[Template]:
        if subject not in known:
            nobody = Gallery.of(models.loaded.pack.space, ())
            outcome = enroller.assess(photographs, nobody, lambda: None)
            known[subject] = [sample.template for sample in outcome.accepted]
        return known[subject]

    return enrol


@pytest.fixture(scope="session")
def references(
    request: pytest.FixtureRequest, models: FilmedModels, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Sequence[Template]]:
    """Everybody of the webcam recordings, each from five frames of one recording."""
    evaluation_data.data("webcam")
    everybody = evaluation_data.people()

    def make(file: Path) -> None:
        accepted: Enrol = request.getfixturevalue("accepted")
        found = {p: accepted(p, evaluation_data.for_enrolment(p)) for p in everybody}
        with file.open("wb") as opened:
            np.savez(opened, **{p: [each.vector for each in found[p]] for p in everybody})

    space = models.loaded.pack.space
    with np.load(shared(tmp_path_factory, "references", make)) as kept:
        return {p: [Template(vector, space) for vector in kept[p]] for p in everybody}


@pytest.fixture(scope="module")
def door(
    models: FilmedModels,
    references: Mapping[str, Sequence[Template]],
    tmp_path_factory: pytest.TempPathFactory,
) -> RealKiosk:
    """A door at which everybody is enrolled."""
    kiosk = RealKiosk(tmp_path_factory.mktemp("door") / "home", models)
    for person, templates in references.items():
        kiosk.enrol(person, templates)
    return kiosk


@pytest.fixture
def kiosk(tmp_path: Path, models: FilmedModels) -> RealKiosk:
    """A kiosk that knows nobody yet."""
    return RealKiosk(tmp_path / "home", models)


@pytest.fixture(scope="session")
def strips(models: FilmedModels) -> Iterator[Strips]:
    """A recording cut to the head that it shows, to be put beside another."""
    known: dict[Path, Sequence[Pixels]] = {}
    with closing(face_finder(models.loaded.pack, models.loaded.files, FrameKind.STILLS)) as finder:

        def cut(frames: Sequence[Path]) -> Sequence[Pixels]:
            if frames[0] not in known:
                known[frames[0]] = _cut(finder, evaluation_data.pictures(frames))
            return known[frames[0]]

        yield cut


def _cut(finder: FaceFinder, shown: Sequence[Pixels]) -> Sequence[Pixels]:
    box, cut = Box(220.0, 160.0, 200.0, 200.0), []
    for pixels in shown:
        faces = finder.find(Frame(pixels, Instant(0.0), 0))
        box = max((face.box for face in faces), key=lambda found: found.area, default=box)
        cut.append(strip(pixels, box))
    return cut
