"""Pictures that somebody holds, and people before still and moving scenes, by what is beside them.

The networks are the real ones. Each picture is a real photograph that attack detection takes for a
living face, so that the surroundings decide alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

import evaluation_data
import pytest
from evaluation_data import frame_of
from held_pictures import STILL, Hand, Sheet

from config.settings import Settings
from kiosk.domain.vision.attack import PadResult, life, mean_score
from kiosk.domain.vision.frame import Pixels
from kiosk.domain.vision.surroundings import following
from models.landmarks import FrameKind
from models.loading import attack_detector, face_finder, photograph_finder
from models.surroundings import SurroundingsWatch

pytestmark = [pytest.mark.data, pytest.mark.weights]

PEOPLE = evaluation_data.people()
THRESHOLDS = Settings().pad
RUN = 12
"""Frames: what a grant takes, and two more."""


def judged(shown: Sequence[Pixels]) -> tuple[PadResult, ...]:
    """The results of the largest face of each frame."""
    loaded = evaluation_data.pack()
    detector = attack_detector(loaded.pack, loaded.files)
    results: list[PadResult] = []
    with closing(face_finder(loaded.pack, loaded.files, FrameKind.STREAM)) as finder:
        for index, pixels in enumerate(shown):
            frame = frame_of(pixels, index)
            face = max(finder.find(frame), key=lambda found: found.box.area)
            results.append(detector.assess(frame, face))
    return tuple(results)


def photograph(person: str) -> Sheet:
    """Of this person, with the room behind them."""
    loaded = evaluation_data.pack()
    pixels = evaluation_data.picture(evaluation_data.for_enrolment(person)[-1])
    with closing(photograph_finder(loaded.pack, loaded.files)) as finder:
        (face, *_) = finder.find(frame_of(pixels)).faces
    return Sheet(pixels, face.box)


def scene(pixels: Pixels) -> Sequence[Pixels]:
    return [pixels] * RUN


@pytest.mark.parametrize("person", PEOPLE[::3])
def test_a_large_sheet_in_a_hand_has_no_life(person: str) -> None:
    """R48: its edges leave the picture, so that nothing but its movement gives it away."""
    sheet = photograph(person)
    results = judged(sheet.held(Hand(0.03, 1.0), scene(sheet.picture)))
    assert mean_score(results) >= THRESHOLDS.threshold
    assert life(results) == 0.0


def test_the_same_sheet_on_a_stand_is_told_by_nothing() -> None:
    """What remains, as the threat model says: nobody has to move."""
    sheet = photograph(PEOPLE[0])
    results = judged(sheet.held(STILL, scene(sheet.picture)))
    assert life(results) == mean_score(results) >= THRESHOLDS.threshold


@pytest.mark.parametrize("person", PEOPLE)
def test_people_keep_their_life_before_their_room(person: str) -> None:
    """R48: BPCER of the surroundings alone. Bystanders move behind some of them."""
    loaded, watch, steps = evaluation_data.pack(), SurroundingsWatch(), []
    _, frames = list(evaluation_data.recordings("bona_fide", person).items())[-1]
    with closing(face_finder(loaded.pack, loaded.files, FrameKind.STREAM)) as finder:
        for index, pixels in enumerate(evaluation_data.pictures(frames[:40])):
            frame = frame_of(pixels, index)
            face = max(finder.find(frame), key=lambda found: found.box.area)
            steps += [watch.motion(frame, face)]
    known = [step for step in steps if step is not None]
    runs = [following(known[at : at + RUN]) for at in range(len(known) - RUN + 1)]
    told = [run for run in (*runs, following(known)) if run is not None]
    assert told
    assert not any(run.carried for run in told)


@pytest.mark.long
@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("hand", [Hand(0.03, 1.0), Hand(0.08, 3.0)], ids=["held", "moved"])
def test_a_large_sheet_of_anybody_in_any_hand(person: str, hand: Hand) -> None:
    sheet = photograph(person)
    assert life(judged(sheet.held(hand, scene(sheet.picture)))) == 0.0
