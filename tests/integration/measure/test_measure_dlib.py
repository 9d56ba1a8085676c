"""The comparison with `face_recognition`: both over the same pictures, misses counted alike."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import evaluation_data
import numpy as np
import pytest
from measure_dlib import (
    FaceAnswer,
    Own,
    Peer,
    Side,
    by_cosine,
    by_distance,
    in_turn,
    misses,
    of_first,
    whose,
)

from models.loading import extractor, photograph_finder

DLIB = "__version__ = '0.1'\n"
PACKAGE = """
__version__ = "0.2"

class Picture:
    shape = (100, 200, 3)

def load_image_file(path):
    return Picture() if "nobody" not in path else None or Empty()

class Empty(Picture):
    pass

def face_locations(picture):
    return [] if isinstance(picture, Empty) else [(0, 30, 30, 0), (35, 115, 65, 85)]

def face_encodings(picture, places):
    import numpy
    return [numpy.array(places[0], float)]
"""


@pytest.fixture
def peer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    """The real program beside a package of the same functions."""
    (tmp_path / "dlib.py").write_text(DLIB)
    (tmp_path / "face_recognition.py").write_text(PACKAGE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with closing(Peer(sys.executable)) as started:
        yield started


def test_the_other_program_encodes_the_face_in_the_middle(peer: Peer) -> None:
    assert peer.about["dlib"] == "0.1"
    seen, nobody = peer.encode(Path("somebody.jpg")), peer.encode(Path("nobody.jpg"))
    assert seen.vector == [35.0, 115.0, 65.0, 85.0]
    assert seen.encode is not None
    assert nobody[1:] == (None, None)


def test_misses_are_counted_at_the_threshold_of_the_rate() -> None:
    persons = np.array([0, 0, 0, 1, 2])
    scores = np.full((5, 5), 0.1)
    scores[0, 1], scores[0, 2], scores[1, 2] = 0.9, 0.5, 0.1
    scores[0, 3], scores[1, 4] = 0.6, 0.4
    assert misses(scores, persons, 100) == (2, 3)  # none of seven may match: above 0.6
    assert misses(scores, persons, 7) == (1, 3)  # one may: above 0.4
    scores[0, 1] = np.nan  # no encoding is a miss
    assert misses(scores, persons, 100) == (3, 3)


def test_a_score_as_high_as_a_false_match_that_is_too_much_is_a_miss() -> None:
    scores = np.array([[1.0, 0.5, 0.5], [0.5, 1.0, 0.5], [0.5, 0.5, 1.0]])
    assert misses(scores, np.array([0, 0, 1]), 100) == (1, 1)


def test_each_is_scored_in_its_own_way() -> None:
    vectors = np.array([[1.0, 0.0], [0.6, 0.8], [np.nan, np.nan]])
    assert by_cosine(vectors)[0, 1] == pytest.approx(0.6)
    assert by_distance(vectors)[0, 1] == pytest.approx(-np.hypot(0.4, 0.8))
    assert np.isnan(by_distance(vectors)[2, 0])


def test_times_are_of_what_was_encoded() -> None:
    side = Side(
        [FaceAnswer(1.0, 2.0, [0.0]), FaceAnswer(50.0, None, None), FaceAnswer(3.0, 6.0, [0.0])]
    )
    assert side.milliseconds() == (2.0, 4.0, 6.0)
    assert np.isnan(side.vectors()).tolist() == [[False], [True], [False]]


def test_a_folder_is_a_person() -> None:
    pictures = [Path("a/1.jpg"), Path("a/2.jpg"), Path("b/1.jpg")]
    assert whose(pictures).tolist() == [0, 0, 1]
    assert of_first(1, pictures) == pictures[:2]
    assert of_first(9, pictures) == pictures


@pytest.mark.weights
@pytest.mark.data
def test_both_see_the_same_pictures_in_turn(peer: Peer) -> None:
    loaded, people = evaluation_data.pack(), evaluation_data.people()[:2]
    pictures = [p for person in people for p in evaluation_data.for_enrolment(person)[:2]]
    own = Own(photograph_finder(loaded.pack, loaded.files), extractor(loaded.pack, loaded.files))
    with closing(own):
        theirs, ours = in_turn(pictures, peer, own)
    assert (len(theirs.answers), len(ours.answers)) == (4, 4)
    assert all(answer.find > 0.0 and answer.encode for answer in ours.answers)
    assert misses(by_cosine(ours.vectors()), whose(pictures), 100) == (0, 2)
