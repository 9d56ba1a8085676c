"""The attack detector on real people and their prints: every presentation on its side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import evaluation_data
import pytest
from chosen import few_first
from evaluation_data import frame_of

from config.settings import Settings
from kiosk.domain.vision.attack import PadResult, mean_score
from models.landmarks import FrameKind
from models.loading import attack_detector, face_finder

pytestmark = [pytest.mark.data, pytest.mark.weights]

PEOPLE = evaluation_data.people()
THRESHOLDS = Settings().pad
EVERY = 2
"""Every other frame: a presentation is judged by its mean."""

Judge = Callable[[Sequence[Path]], float]


@pytest.fixture(scope="module")
def judged() -> Judge:
    """Mean bona fide score over a presentation, by a detector that has seen nothing else."""
    loaded = evaluation_data.pack()

    def judge(frames: Sequence[Path]) -> float:
        detector = attack_detector(loaded.pack, loaded.files)
        results: list[PadResult] = []
        with closing(face_finder(loaded.pack, loaded.files, FrameKind.STREAM)) as finder:
            for index, pixels in enumerate(evaluation_data.pictures(frames[::EVERY])):
                frame = frame_of(pixels, index)
                faces = sorted(finder.find(frame), key=lambda found: -found.box.area)
                results += [detector.assess(frame, face) for face in faces[:1]]
        assert all(0.0 <= result.score <= 1.0 + 1e-6 for result in results)
        return mean_score(tuple(results))

    return judge


@pytest.mark.parametrize("person", few_first(PEOPLE, 2))
def test_living_people_are_bona_fide(judged: Judge, person: str) -> None:
    """R48: BPCER, per presentation."""
    for name, frames in evaluation_data.recordings("bona_fide", person).items():
        assert judged(frames) >= THRESHOLDS.threshold, name


@pytest.mark.parametrize("person", few_first(PEOPLE, 2))
def test_prints_are_attacks(judged: Judge, person: str) -> None:
    """R48: APCER, per presentation of the species `print`; no face found is no proof of life."""
    for name, frames in evaluation_data.recordings("print", person).items():
        assert judged(frames) < THRESHOLDS.attack_threshold, name


def test_the_detector_names_itself_and_its_weights() -> None:
    """R54: a journal entry says which detector judged."""
    loaded = evaluation_data.pack()
    detector = attack_detector(loaded.pack, loaded.files)
    frame = frame_of(evaluation_data.picture(evaluation_data.for_enrolment(PEOPLE[0])[0]))
    with closing(face_finder(loaded.pack, loaded.files, FrameKind.STILLS)) as finder:
        result = detector.assess(frame, finder.find(frame)[0])
    assert loaded.pack.file("attack").sha256[:8] in result.detector
