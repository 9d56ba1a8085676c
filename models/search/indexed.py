"""The identification of a kiosk with a large gallery: by an index as soon as there is one.

An index belongs to one gallery, the object, and goes with it. A gallery is replaced as a whole when
somebody is enrolled or erased; until the new one has an index of its own, every reference is
compared. So nobody is found in an index of before, and nobody waits for one.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock, Thread
from weakref import WeakKeyDictionary, ref

import numpy as np
from numpy.typing import NDArray

from kiosk.domain.vision.comparison import CandidateList, Gallery, Shortlist
from kiosk.domain.vision.template import Template
from models.search.scalar_index import ScalarIndex

LARGE = 50_000
"""With more references than this an index is used; it saves milliseconds, and costs memory."""

Build = Callable[[NDArray[np.float32]], Shortlist]
"""Makes the shortlist of a gallery's matrix."""


def _in_a_thread(work: Callable[[], None]) -> None:
    Thread(target=work, name="index", daemon=True).start()


class IndexedSearch:
    """Identifies with an index that is built beside the kiosk's work.

    An index that cannot be built is not tried again for the same gallery: every reference is
    compared then, which takes longer and finds the same. `kiosk doctor` tries to build one.

    Args:
        build: makes the index.
        most: the largest gallery that needs none.
        start: begins the building; in a thread of its own, one at a time.
    """

    def __init__(
        self,
        build: Build = ScalarIndex,
        most: int = LARGE,
        start: Callable[[Callable[[], None]], None] = _in_a_thread,
    ) -> None:
        self._build = build
        self._most = most
        self._start = start
        self._indexes: WeakKeyDictionary[Gallery, Shortlist | None] = WeakKeyDictionary()
        self._one_at_a_time = Lock()

    def identify(self, gallery: Gallery, probe: Template) -> CandidateList:
        """The best and the second person, as `Gallery.identify`, raising the same."""
        self.prepare(gallery)
        return gallery.identify(probe, self._indexes.get(gallery))

    def prepare(self, gallery: Gallery) -> None:
        """Begin to build the index of a gallery that needs one and has none; returns at once."""
        if len(gallery) <= self._most or gallery in self._indexes:
            return
        if self._one_at_a_time.acquire(blocking=False):
            try:
                self._start(self._building(gallery))
            except RuntimeError:  # no thread can be started
                self._one_at_a_time.release()

    def _building(self, gallery: Gallery) -> Callable[[], None]:
        """What builds the index, unless nobody has that gallery any more."""
        still = ref(gallery)

        def build() -> None:
            try:
                self._index(still())
            finally:
                self._one_at_a_time.release()

        return build

    def _index(self, gallery: Gallery | None) -> None:
        if gallery is None:
            return
        try:
            self._indexes[gallery] = self._build(gallery.matrix)
        except Exception:  # noqa: BLE001 - whatever the error, every reference can be compared
            self._indexes[gallery] = None
