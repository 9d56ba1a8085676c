"""A kiosk's search: an index built beside its work, and the matrix until then and without it."""

from __future__ import annotations

from dataclasses import replace
from threading import Event

import pytest
from door_rig import eventually

from kiosk.domain.vision.comparison import Gallery, Shortlist
from kiosk.domain.vision.template import SpaceId, Template
from kiosk.measure.synthetic import gallery, unit_rows
from kiosk.wiring.search import identification, index_of
from models.search import indexed, scalar_index
from models.search.indexed import LARGE, IndexedSearch
from models.search.scalar_index import ScalarIndex

SPACE = SpaceId("test/1")
NEEDS_FAISS = pytest.mark.skipif(
    not scalar_index.installed(), reason="the extra `large` is not installed"
)


@pytest.fixture(scope="module")
def many() -> Gallery:
    return gallery(LARGE + 5, 128, SPACE)


def probes() -> list[Template]:
    return [Template(row, SPACE) for row in unit_rows(10, 128, seed=9)]


@NEEDS_FAISS
def test_a_large_gallery_is_indexed_from_the_start(many: Gallery) -> None:
    identify = identification(many)
    search = getattr(identify, "__self__", None)
    assert isinstance(search, IndexedSearch)
    for probe in probes():
        assert identify(many, probe) == many.identify(probe)
    assert eventually(lambda: many in search._indexes, 60.0)
    assert isinstance(search._indexes[many], ScalarIndex)
    for probe in probes():
        assert identify(many, probe) == many.identify(probe)
    assert isinstance(index_of(many), ScalarIndex)


@NEEDS_FAISS
def test_an_erased_person_is_gone_at_once(many: Gallery) -> None:
    """Their own face is the probe; the index of before still stands when the gallery changes."""
    search = IndexedSearch()
    search.prepare(many)
    assert eventually(lambda: many in search._indexes, 60.0)
    gone, kept = Template(many.matrix[0], SPACE), many.owners != 0
    after = replace(many, matrix=many.matrix[kept], owners=many.owners[kept])
    best = search.identify(many, gone).best
    assert best is not None
    assert best.subject == many.subjects[0]
    for _ in range(2):
        found = search.identify(after, gone)
        assert found == after.identify(gone)
        assert many.subjects[0] not in {one.subject for one in found.candidates}


def test_nobody_waits_for_an_index() -> None:
    """A build that does not end, in a real thread: answers come, from every reference."""
    end, begun = Event(), Event()

    def build(_: object) -> Shortlist:
        begun.set()
        end.wait(60.0)
        raise MemoryError

    few, search = gallery(50, 16, SPACE), IndexedSearch(build, most=10)
    try:
        search.prepare(few)
        assert begun.wait(60.0)
        probe = Template(few.matrix[7], SPACE)
        assert search.identify(few, probe) == few.identify(probe)
        assert few not in search._indexes
    finally:
        end.set()
    assert eventually(lambda: few in search._indexes, 60.0)
    assert search.identify(few, probe) == few.identify(probe)


def test_without_the_extra_every_reference_is_compared(
    many: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scalar_index, "installed", lambda: False)
    assert identification(many) == Gallery.identify
    assert index_of(many) is None


def test_a_small_gallery_is_compared_whole() -> None:
    assert index_of(gallery(LARGE, 4, SPACE)) is None
    assert indexed.LARGE == 50_000
