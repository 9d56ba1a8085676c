"""The search by codes gives the answers of the whole matrix, to the last bit, for any gallery."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kiosk.domain.errors import ModelError
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.domain.vision.comparison import Gallery
from kiosk.domain.vision.template import SpaceId, SubjectId, Template
from kiosk.measure import synthetic
from models.search import scalar_index
from models.search.scalar_index import MOST_DIMENSIONS, ScalarIndex

pytest.importorskip("faiss", reason="the extra `large` is not installed")

SPACE = SpaceId("test/1")
Rows = NDArray[np.float32]
Shape = Callable[[np.random.Generator, int, int], Rows]


def unit(rows: NDArray[np.float64]) -> Rows:
    return np.float32(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def anybody(chance: np.random.Generator, count: int, dimensions: int) -> Rows:
    return unit(chance.standard_normal((count, dimensions)))


def look_alikes(chance: np.random.Generator, count: int, dimensions: int) -> Rows:
    """Everybody within a hundredth of each other: less than the codes tell apart."""
    return unit(anybody(chance, 1, dimensions) + 0.001 * anybody(chance, count, dimensions))


def last_bits(chance: np.random.Generator, count: int, dimensions: int) -> Rows:
    """Everybody the same but for the last bit of a number."""
    rows = np.repeat(anybody(chance, 1, dimensions), count, axis=0)
    places = chance.integers(dimensions, size=count)
    each = np.arange(count)
    rows[each, places] = np.nextafter(rows[each, places], np.float32(chance.choice((-1.0, 1.0))))
    return rows


def duplicates(chance: np.random.Generator, count: int, dimensions: int) -> Rows:
    return anybody(chance, 3, dimensions)[chance.integers(3, size=count)]


def coarse(chance: np.random.Generator, count: int, dimensions: int) -> Rows:
    """Many equal scores: each reference has one number, or one large and many tiny ones."""
    rows = np.zeros((count, dimensions))
    rows[np.arange(count), chance.integers(min(4, dimensions), size=count)] = 1.0
    return unit(rows + chance.choice((0.0, 1e-6)))


def clusters(chance: np.random.Generator, count: int, dimensions: int) -> Rows:
    middles = anybody(chance, 4, dimensions)[chance.integers(4, size=count)]
    return unit(middles + 0.05 * anybody(chance, count, dimensions))


SHAPES = [anybody, look_alikes, last_bits, duplicates, coarse, clusters]


@st.composite
def galleries(draw: st.DrawFn) -> tuple[Gallery, Template, int]:
    """A gallery, a probe, and how many references are shortlisted."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    count, dimensions = draw(st.integers(1, 300)), draw(st.sampled_from([3, 16, 20, 128, 192]))
    shape: Shape = draw(st.sampled_from(SHAPES))
    rows = shape(chance, count, dimensions)
    people = draw(st.sampled_from([1, 2, 3, count]))
    owners = np.sort(chance.integers(people, size=count))
    if draw(st.booleans()):  # one person has nearly all references, another has the last one
        owners = np.minimum(np.arange(count), 1)[::-1]
    owners = np.unique(owners, return_inverse=True)[1].astype(np.int32)
    subjects = tuple(SubjectId(f"p-{i}") for i in range(int(owners.max()) + 1))
    own = rows[draw(st.integers(0, count - 1))]
    away = draw(st.sampled_from([0.0, 1e-7, 1e-3, 0.5, 3.0]))
    probe = unit((own + away * anybody(chance, 1, dimensions)).astype(np.float64))[0]
    gallery = Gallery(SPACE, rows, owners, subjects)
    return gallery, Template(probe, SPACE), draw(st.sampled_from([1, 2, 5, 32, 128]))


@given(galleries())
def test_the_answer_is_that_of_the_matrix(made: tuple[Gallery, Template, int]) -> None:
    gallery, probe, kept = made
    assert gallery.identify(probe, ScalarIndex(gallery.matrix, kept)) == gallery.identify(probe)


@given(galleries())
def test_nobody_who_is_left_out_is_above_the_bound(made: tuple[Gallery, Template, int]) -> None:
    gallery, probe, kept = made
    left = ScalarIndex(gallery.matrix, kept).nearest(probe.vector)
    assert np.array_equal(left.rows, np.unique(left.rows))
    assert len(left.rows) == min(kept, len(gallery))
    scores = np.delete(gallery.matrix.astype(np.float64) @ probe.vector, left.rows)
    assert scores.size == 0 or scores.max() <= left.bound
    assert (scores.size == 0) == (left.bound == float("-inf"))


@pytest.mark.parametrize("dimensions", [128, 192])
def test_among_thousands_the_list_is_nearly_always_enough(dimensions: int) -> None:
    gallery = synthetic.gallery(20_000, dimensions, SPACE)
    index = ScalarIndex(gallery.matrix)
    proven = 0
    for probe in synthetic.unit_rows(40, dimensions, seed=7):
        left = index.nearest(probe)
        found = gallery.identify(Template(probe, SPACE))
        proven += found.candidates[1].score > left.bound
        assert gallery.identify(Template(probe, SPACE), index) == found
    assert proven == 40


def test_people_who_cannot_be_told_apart_by_codes_are_compared_in_full() -> None:
    rows = look_alikes(np.random.default_rng(1), 500, 128)
    gallery = Gallery(SPACE, rows, np.arange(500, dtype=np.int32), _people(500))
    probe = Template(rows[321], SPACE)
    left = ScalarIndex(rows).nearest(probe.vector)
    found = gallery.identify(probe, ScalarIndex(rows))
    assert found == gallery.identify(probe)
    assert found.candidates[0].subject == "p-321"
    assert found.candidates[1].score < left.bound


def test_products_that_are_wrong_prove_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A faiss that rounds a probe in its own way, as some of its code does."""
    gallery = synthetic.gallery(2_000, 128, SPACE)
    index = ScalarIndex(gallery.matrix)
    right = index._closest

    def wrong(whole: Rows) -> tuple[Rows, NDArray[np.intp]]:
        products, rows = right(whole)
        return products * np.float32(0.5), rows

    probe = Template(synthetic.unit_rows(1, 128, seed=3)[0], SPACE)
    assert index.nearest(probe.vector).bound < 1.0
    monkeypatch.setattr(index, "_closest", wrong)
    assert index.nearest(probe.vector).bound == float("inf")
    assert gallery.identify(probe, index) == gallery.identify(probe)


def test_the_bound_rests_on_what_was_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes that are not those of the references make the bound wide, not wrong."""
    gallery = synthetic.gallery(300, 16, SPACE)
    monkeypatch.setattr(scalar_index.np, "rint", np.floor)
    index = ScalarIndex(gallery.matrix, 4)
    probe = Template(synthetic.unit_rows(1, 16, seed=4)[0], SPACE)
    left = index.nearest(probe.vector)
    scores = np.delete(gallery.matrix @ probe.vector, left.rows)
    assert scores.max() <= left.bound
    assert gallery.identify(probe, index) == gallery.identify(probe)


def test_more_dimensions_than_products_are_exact_for_are_refused() -> None:
    assert MOST_DIMENSIONS * scalar_index.HIGHEST**2 <= 2**24
    with pytest.raises(ModelError, match="1041 dimensions"):
        ScalarIndex(synthetic.unit_rows(2, MOST_DIMENSIONS + 1))
    ScalarIndex(synthetic.unit_rows(2, MOST_DIMENSIONS))


def test_without_faiss_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert scalar_index.installed()
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(ModelError, match="needs faiss") as raised:
        ScalarIndex(synthetic.unit_rows(2, 16))
    assert isinstance(raised.value.remedy, Remedy)
    assert raised.value.remedy.step is NextStep.INSTALL_EXTRA
    assert raised.value.remedy.about == {"extra": "large"}


def _people(count: int) -> tuple[SubjectId, ...]:
    return tuple(SubjectId(f"p-{i}") for i in range(count))


def test_a_reference_that_was_rounded_against_the_probe_is_not_lost() -> None:
    """The largest error there can be: every number of the best one is rounded down, of all others
    up, so that their codes come first."""
    rows = np.full((5, 16), 59.51, np.float32)
    rows[:, 0] = 60.51
    rows[4] = 60.49
    rows /= np.float32(500.0)
    rows = np.vstack([rows, np.eye(1, 16, dtype=np.float32) * np.float32(127.0 / 500.0)])
    probe = Template(np.full(16, 0.25, np.float32), SPACE)
    gallery = Gallery(SPACE, rows, np.arange(6, dtype=np.int32), _people(6))
    left = ScalarIndex(rows, 3).nearest(probe.vector)
    assert 4 not in left.rows
    assert left.bound >= rows[4] @ probe.vector
    assert gallery.identify(probe, ScalarIndex(rows, 3)) == gallery.identify(probe)


def test_a_probe_that_was_rounded_against_a_reference_does_not_lose_it() -> None:
    """The same for the rounding of the probe: the references are whole numbers here."""
    probe = np.full(16, 60.49, np.float32)
    probe[8:] = 60.51
    probe[0] = 127.0
    best = np.full(16, 40.0, np.float32)
    best[8:] = 20.0  # what is rounded up weighs less
    best[0] = 127.0
    others = best + np.float32([0.0] + [-1.0] * 7 + [1.0] * 8)
    others[15] += 1.0
    others = np.tile(others, (3, 1)) - np.eye(3, 16, 1, dtype=np.float32)
    unit_probe = probe / np.float32(np.linalg.norm(probe))
    rows = np.vstack([others, best]) / np.float32(300.0)
    left = ScalarIndex(rows, 2).nearest(unit_probe)
    scores = rows.astype(np.float64) @ unit_probe
    assert np.delete(scores, left.rows).max() <= left.bound
    assert left.bound - np.delete(scores, left.rows).max() > 1e-3
