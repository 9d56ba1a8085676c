"""The way in which a kiosk compares a probe with its gallery."""

from __future__ import annotations

from kiosk.domain.vision.comparison import Gallery, Shortlist
from models.identification import Identify


def identification(gallery: Gallery) -> Identify:
    """Compares with every reference, or by an index if the extra for large galleries is installed.

    Args:
        gallery: whose index is built first, if it needs one.
    """
    from models.search.indexed import IndexedSearch
    from models.search.scalar_index import installed

    if not installed():
        return Gallery.identify
    search = IndexedSearch()
    search.prepare(gallery)
    return search.identify


def index_of(gallery: Gallery) -> Shortlist | None:
    """The index that a kiosk uses for a gallery; None where it compares every reference.

    Raises:
        ModelError: there ought to be one, and it cannot be built.
    """
    from models.search.indexed import LARGE
    from models.search.scalar_index import ScalarIndex, installed

    if len(gallery) <= LARGE or not installed():
        return None
    return ScalarIndex(gallery.matrix)
