"""Galleries of nobody."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.domain.vision.comparison import Shortlisted
from kiosk.domain.vision.template import SpaceId, Template, Vector
from kiosk.measure.synthetic import EACH, gallery, search_times, subjects, unit_rows

SPACE = SpaceId("test/1")


def test_rows_are_of_unit_length_and_the_same_for_a_seed() -> None:
    rows = unit_rows(50, 12)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(50), abs=1e-6)
    assert np.array_equal(rows, unit_rows(50, 12))
    assert not np.array_equal(rows, unit_rows(50, 12, seed=2))


def test_a_gallery_knows_its_own() -> None:
    nobody = gallery(101, 16, SPACE)
    assert len(nobody) == 101
    assert len(nobody.subjects) == 21
    best = nobody.identify(Template(nobody.matrix[57], SPACE)).best
    assert best is not None
    assert best.subject == f"nobody-{57 // EACH}"
    assert best.score == pytest.approx(1.0, abs=1e-5)


def test_subjects_for_a_store_hold_every_row_once() -> None:
    made = dict(subjects(23, 8, SPACE, 10))
    assert [len(templates) for templates in made.values()] == [10, 10, 3]
    rows = np.stack([t.vector for templates in made.values() for t in templates])
    assert np.array_equal(rows, unit_rows(23, 8))


def test_every_search_is_timed() -> None:
    taken = search_times(gallery(40, 8, SPACE), 7, lambda _: None)
    assert len(taken.kiosk) == 7
    assert all(ms > 0.0 for ms in taken.kiosk)
    assert taken.each == []


def test_where_there_is_an_index_both_ways_are_timed_with_the_same_probes() -> None:
    class Whole:
        """A shortlist of the whole gallery."""

        def __init__(self) -> None:
            self.asked = 0

        def nearest(self, _: Vector) -> Shortlisted:
            self.asked += 1
            return Shortlisted(np.arange(40), float("-inf"))

    index = Whole()
    taken = search_times(gallery(40, 8, SPACE), 7, lambda _: index)
    assert (len(taken.kiosk), len(taken.each), index.asked) == (7, 7, 7)
