"""The same recordings before the whole kiosk with each engine: the same decisions (ADR 0029)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import evaluation_data
import numpy as np
import pytest
from chosen import few_first
from evaluation_data import PROJECT
from filmed_people import Film, composed, recorded
from installed_engines import needs_reference
from real_kiosk import FilmedModels, RealKiosk

from config.sections.vision.models import ModelSettings
from config.settings import Settings
from hardware.camera.codec import cv2
from kiosk.domain.vision.comparison import Gallery
from kiosk.domain.vision.frame import Pixels
from kiosk.domain.vision.template import Template
from kiosk.wiring.vision import load_enroller, verified_weights

pytestmark = [pytest.mark.data, pytest.mark.weights, needs_reference]

Strips = Callable[[Sequence[Path]], Sequence[Pixels]]
ENGINES = ("reference", "litert")
EVERYBODY = evaluation_data.people()
ENROLLED = EVERYBODY[:3]
BESIDE = 0.6
"""A head beside the person's, so much smaller."""


@pytest.fixture(scope="module")
def kiosks(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, RealKiosk]:
    """A kiosk for each engine, with the same three people enrolled by that engine."""
    evaluation_data.pack()
    evaluation_data.data("webcam")
    return {name: _kiosk(tmp_path_factory.mktemp(name) / "home", name) for name in ENGINES}


def _kiosk(home: Path, engine: str) -> RealKiosk:
    settings = Settings(models=ModelSettings(engine=engine))  # type: ignore[arg-type] # one of both
    loaded = verified_weights(settings, PROJECT / "no-home")
    assert loaded.pack.engine == engine
    kiosk = RealKiosk(home, FilmedModels(loaded), settings)
    with closing(load_enroller(settings, loaded)) as enroller:
        for person in ENROLLED:
            photographs = evaluation_data.for_enrolment(person)
            nobody = Gallery.of(loaded.pack.space, ())
            outcome = enroller.assess(photographs, nobody, lambda: None)
            templates: list[Template] = [sample.template for sample in outcome.accepted]
            kiosk.enrol(person, templates)
    return kiosk


def both(kiosks: Mapping[str, RealKiosk], film: Film) -> tuple[list[object], list[str]]:
    """Who was let in, and every reason; the same for both engines."""
    visits = {name: kiosk.watch(film) for name, kiosk in kiosks.items()}
    said = {name: (visit.admitted, visit.reasons) for name, visit in visits.items()}
    assert said["litert"] == said["reference"], film.name
    return list(said["litert"][0]), said["litert"][1]


@pytest.mark.long
@pytest.mark.parametrize("person", [EVERYBODY[0], EVERYBODY[3]])
def test_people_and_strangers(kiosks: Mapping[str, RealKiosk], person: str) -> None:
    for name, frames in evaluation_data.walks(person).items():
        admitted, _ = both(kiosks, recorded(name, frames))
        assert admitted == ([person] if person in ENROLLED else [])


@pytest.mark.long
@pytest.mark.parametrize("person", EVERYBODY)
@pytest.mark.parametrize("kind", ["bona_fide", "print"])
def test_everybody_and_their_prints(
    kiosks: Mapping[str, RealKiosk], person: str, kind: str
) -> None:
    """Who is let in; whether a print is refused or leaves first may differ where it is close."""
    known = {person} if person in ENROLLED and kind == "bona_fide" else set()
    for name, frames in evaluation_data.recordings(kind, person).items():
        for engine, kiosk in kiosks.items():
            assert set(kiosk.watch(recorded(name, frames)).admitted) == known, (name, engine)


@pytest.mark.parametrize("alone", few_first([3, 1, None], 1))
def test_somebody_who_steps_in_at_any_frame_between_looks_is_seen_in_time(
    kiosks: Mapping[str, RealKiosk], strips: Strips, alone: int | None
) -> None:
    """The detector looks in every third frame, and before each comparison: no grant for two."""
    frames = next(iter(evaluation_data.walks(ENROLLED[0]).values()))
    head = strips(evaluation_data.for_enrolment(EVERYBODY[-1]))[0][60:420]
    small = np.asarray(cv2.resize(head, None, fx=BESIDE, fy=BESIDE), np.uint8)
    shown = evaluation_data.pictures(frames)
    for scene in shown[len(shown) if alone is None else alone :]:
        scene[200 : 200 + small.shape[0], -small.shape[1] - 60 : -60] = small
    admitted, reasons = both(kiosks, composed(f"beside after {alone}", shown))
    assert admitted == ([ENROLLED[0]] if alone is None else [])
    assert alone is None or "matched" not in reasons
