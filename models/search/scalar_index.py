"""A shortlist by 8-bit codes of every reference, with a bound that holds for all it leaves out.

A reference x is kept as whole numbers c from -127 to 127 of one step s, with a remainder r:
x = s c + r. A probe q is rounded in the same way, with a step and a remainder of its own:
q = t p + u. Then

    q x = s t (p c) + q r + u (s c)
    |q x - s t (p c)| <= |q| |r| + |u| |s c|

The largest |r| and |s c| are measured when the index is built, on what faiss has stored. The
products p c are whole numbers below 2**24, exact in single precision, so that every way in which
faiss computes them gives the same ones. Whoever is left out has a product of at most the least on
the list, and so a score of at most that plus the error.

faiss 1.15 rounds a probe towards zero if its SIMD code compares codes that were stored directly,
which would make a probe of unit length zero. A probe of whole numbers stays what it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kiosk.domain.errors import ModelError
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.domain.vision.comparison import Shortlisted
from kiosk.domain.vision.template import Vector

EXTRA = "large"
"""The extra that installs faiss."""
KEPT = 128
"""References on the list."""
HIGHEST = 127
"""The largest code."""
MOST_DIMENSIONS = 2**24 // HIGHEST**2
"""Above it a product may not be exact in single precision."""
SLACK = 1e-9
"""More than all roundings in double precision together."""
BLOCK = 4096
"""References that are rounded at a time: the memory for it stays small, and other threads run."""


def installed() -> bool:
    """True if faiss is installed; does not import it."""
    return find_spec("faiss") is not None


class ScalarIndex:
    """The shortlist of one gallery. Building it takes about half a second for a million references.

    Args:
        matrix: (references, dimensions) float32, at least one row; not copied, and not to be
            changed.
        kept: references on the list.

    Raises:
        ModelError: faiss is not installed or cannot be used, or the references have too many
            dimensions for exact products.
    """

    def __init__(self, matrix: NDArray[np.float32], kept: int = KEPT) -> None:
        count, dimensions = matrix.shape
        if dimensions > MOST_DIMENSIONS:
            raise ModelError(
                f"References of {dimensions} dimensions cannot be indexed exactly.",
                "Compare every reference, or choose another pack.",
            )
        self._faiss = _faiss()
        self._matrix = matrix
        self._kept = min(kept, count)
        self._step = float(max(matrix.max(), -matrix.min())) / HIGHEST
        self._index = self._faiss.IndexScalarQuantizer(
            dimensions,
            self._faiss.ScalarQuantizer.QT_8bit_direct_signed,
            self._faiss.METRIC_INNER_PRODUCT,
        )
        rests, lengths = zip(*self._stored(matrix), strict=True)
        self._most_rest, self._most_length = max(rests), max(lengths)

    def nearest(self, probe: Vector) -> Shortlisted:
        """The references whose codes are closest to the probe's, and a bound for all others.

        The bound is infinite, so that every reference is compared, if the scores of the list are
        farther from the true ones than they can be: then faiss does not compute what it should.
        """
        exact = probe.astype(np.float64)
        step = float(np.abs(exact).max()) / HIGHEST
        whole = np.rint(exact / step)
        products, found = self._closest(whole.astype(np.float32))
        scores = products.astype(np.float64) * (self._step * step)
        error = self._error(exact, whole * step)
        off = np.abs(self._matrix[found].astype(np.float64) @ exact - scores).max()
        if not off <= error:
            bound = float("inf")
        elif len(found) == len(self._matrix):
            bound = float("-inf")
        else:
            bound = float(scores.min()) + error
        return Shortlisted(np.sort(found), bound)

    def _closest(self, whole: Vector) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        self._faiss.omp_set_num_threads(1)  # of the calling thread: two cores, one for vision
        products, rows = self._index.search(whole[np.newaxis], self._kept)
        return products[0], rows[0]

    def _error(self, probe: NDArray[np.float64], rounded: NDArray[np.float64]) -> float:
        """The most that a true score can differ from the one of the codes."""
        length, rest = np.linalg.norm(probe), np.linalg.norm(probe - rounded)
        return float(length * self._most_rest + rest * self._most_length) + SLACK

    def _stored(self, matrix: NDArray[np.float32]) -> Iterator[tuple[float, float]]:
        """Add every reference; the largest remainder and the largest rounded length of each block.

        Both are measured on what the index gives back, not on what was put in.
        """
        for first in range(0, len(matrix), BLOCK):
            block = matrix[first : first + BLOCK].astype(np.float64)
            self._index.add(np.rint(block / self._step).astype(np.float32))
            rounded = self._step * self._index.reconstruct_n(first, len(block)).astype(np.float64)
            rests = np.linalg.norm(block - rounded, axis=1)
            yield float(rests.max()), float(np.linalg.norm(rounded, axis=1).max())


def _faiss() -> Any:  # noqa: ANN401 - faiss ships no types
    try:
        import faiss
    except ImportError as error:
        raise ModelError(
            "The index of large galleries needs faiss, which is not installed or cannot be used.",
            Remedy(
                "Install it on this machine; until then every reference is compared, slower.",
                NextStep.INSTALL_EXTRA,
                extra=EXTRA,
            ),
        ) from error
    return faiss
