"""Non-local means over colours (Buades 2005): OpenCV's, the same to the bit, in half the time.

OpenCV takes one pixel after the other, and compares the patch round it with each one near it. Here
all pixels are compared with their neighbours at one offset at once, and of two opposite offsets
only one: two patches are as far from each other both ways. Weights, sums and rounding are those of
OpenCV (`fast_nlmeans_denoising_invoker.hpp`): integers, held in floats that represent them exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.domain.vision.frame import Pixels

LEAST_SHARE = 0.001
"""A patch whose weight is a smaller share of the greatest does not count."""

MOST = 0xFFFF
"""The largest distance between two patches; 16 bits, and larger ones stay at it."""

LIGHT, COLOURS = 1, 2
"""Planes whose patches are compared together: L of CIE Lab, and a with b."""

Plane = NDArray[np.uint8]
"""(height, width), one channel."""

Distances = NDArray[np.uint16]
"""(height, width): pixels, their squared differences, and the sums of these over a patch."""

Weights = NDArray[np.float32]
"""Whole numbers, by distance or by pixel."""

Place = tuple[slice, slice]
"""Rows and columns."""


def non_local_means(crop: Pixels, strength: float, patch_px: int, search_px: int) -> Pixels:
    """What `cv2.fastNlMeansDenoisingColored` makes of a crop.

    OpenCV itself makes it where patches count that are further apart than 16 bits can tell: with
    patches of 3 pixels, at a strength above 22.

    Args:
        crop: (height, width, 3) BGR.
        strength: of light and colours, 8-bit units.
        patch_px: side of the compared patches, odd.
        search_px: side of the window in which patches are compared, odd.
    """
    window = PatchWindow(patch_px // 2, search_px // 2)
    by_light, by_colours = (weights_of(window, strength, planes) for planes in (LIGHT, COLOURS))
    if by_light is None or by_colours is None:
        made = cv2.fastNlMeansDenoisingColored(crop, None, strength, strength, patch_px, search_px)
        return np.asarray(made, np.uint8)
    lab = np.moveaxis(np.asarray(cv2.cvtColor(crop, cv2.COLOR_LBGR2Lab), np.uint8), 2, 0)
    light, *colours = np.ascontiguousarray(lab)
    planes = [*window.means([light], by_light), *window.means(colours, by_colours)]
    return np.asarray(cv2.cvtColor(cv2.merge(planes), cv2.COLOR_Lab2LBGR), np.uint8)


@dataclass(frozen=True, slots=True)
class _Offset:
    """The places that two opposite offsets lead to.

    The weight of two patches is that of the one for the other and of the other for the one, so it
    is taken for every pixel, and for each outside whose neighbour at the offset is a pixel.

    Attributes:
        here: of those in a plane with edges, with the reach of a patch.
        there: of their neighbours.
        weights: of the neighbours at the offset and at its opposite, in the weights.
        near: of the same, in a plane with edges.
    """

    here: Place
    there: Place
    weights: tuple[Place, Place]
    near: tuple[Place, Place]


@dataclass(frozen=True, slots=True)
class PatchWindow:
    """The patches that are compared.

    Attributes:
        patch: reach of a patch, pixels from its middle.
        search: reach of the search, pixels to the middle of a patch.
    """

    patch: int
    search: int

    @property
    def area(self) -> int:
        """Pixels of a patch."""
        return (2 * self.patch + 1) ** 2

    @property
    def shift(self) -> int:
        """By so many bits distances are shifted, which nearly divides them by the area."""
        return (self.area - 1).bit_length()

    @property
    def whole(self) -> int:
        """The greatest weight: the sums of OpenCV fit into 31 bits."""
        return int(np.iinfo(np.int32).max) // ((2 * self.search + 1) ** 2 * 255)

    def means(self, planes: Sequence[Plane], weights: Weights) -> Sequence[Plane]:
        """The weighted means of each plane; patches are compared in all planes together."""
        wide = [_with_edges(each, self.patch + self.search) for each in planes]
        compared = [each.astype(np.uint16) for each in wide]
        taken = [each.astype(np.float32) for each in wide]
        sums = [each.astype(np.float64) * self.whole for each in planes]
        total = np.full(planes[0].shape, self.whole, np.float32)
        for offset in _offsets(self, *total.shape):
            alike = cv2.LUT(self._distances(compared, offset), weights)
            for place, near in zip(offset.weights, offset.near, strict=True):
                weight = alike[place]
                cv2.accumulate(weight, total)
                for each, into in zip(taken, sums, strict=True):
                    cv2.accumulateProduct(weight, each[near], into)
        half = np.floor(total / 2)
        return [np.floor((each + half) / total).astype(np.uint8) for each in sums]

    def _distances(self, wide: Sequence[Distances], offset: _Offset) -> Distances:
        """The distance of each patch from the one at the offset, shifted.

        Args:
            wide: planes with edges, in the type in which they are squared.
            offset: of the patches.
        """
        rows = _total([_squares(each[offset.here], each[offset.there]) for each in wide])
        parts = _parts(self.patch)
        columns = _total([rows[part] for part in parts])
        apart = _total([columns[:, part] for part in parts])
        return np.right_shift(apart, self.shift, out=apart)


def weights_of(window: PatchWindow, strength: float, planes: int) -> Weights | None:
    """(65536,) the weight of each mean; None if one counts whose distance takes more than 16 bits.

    OpenCV divides a distance by a power of two instead of the area, and looks its weight up.
    """
    step = 1 << window.shift
    means = np.arange(0, MOST + 1, step) / window.area
    spread = float(np.float32(strength) ** 2 * planes)
    weights = np.rint(window.whole * np.exp(-means / spread))
    weights[weights < LEAST_SHARE * window.whole] = 0.0
    if weights[-1] > 0.0:
        return None
    table = np.zeros(MOST + 1, np.float32)
    table[: len(weights)] = weights
    return table


@lru_cache(maxsize=4)
def _offsets(window: PatchWindow, height: int, width: int) -> Sequence[_Offset]:
    """One of any two opposite offsets; without that of a pixel from itself."""
    reach = window.search
    beside = [(0, across) for across in range(1, reach + 1)]
    below = [(d, a) for d in range(1, reach + 1) for a in range(-reach, reach + 1)]
    return [_offset(window, height, width, *each) for each in (*beside, *below)]


def _offset(window: PatchWindow, height: int, width: int, down: int, across: int) -> _Offset:
    """The places of an offset ``down``, 0 or more, and ``across`` or, if that is negative, back."""
    left, edge, search = max(across, 0), window.patch + window.search, window.search
    beyond = height + down + 2 * window.patch, width + abs(across) + 2 * window.patch
    return _Offset(
        here=_place(search - down, search - left, *beyond),
        there=_place(search, search - left + across, *beyond),
        weights=(_place(down, left, height, width), _place(0, left - across, height, width)),
        near=(
            _place(edge + down, edge + across, height, width),
            _place(edge - down, edge - across, height, width),
        ),
    )


@lru_cache(maxsize=4)
def _parts(reach: int) -> Sequence[slice]:
    """What lies beside each other in patches of that reach."""
    return [slice(at, at - 2 * reach or None) for at in range(2 * reach + 1)]


def _place(top: int, left: int, height: int, width: int) -> Place:
    return slice(top, top + height), slice(left, left + width)


def _with_edges(plane: Plane, by: int) -> Plane:
    """The plane with its own mirror image on each side."""
    return np.asarray(cv2.copyMakeBorder(plane, by, by, by, by, cv2.BORDER_REFLECT_101), np.uint8)


def _squares(one: Distances, other: Distances) -> Distances:
    apart = np.asarray(cv2.absdiff(one, other), np.uint16)
    return np.multiply(apart, apart, out=apart)


def _total(parts: Sequence[Distances]) -> Distances:
    """Their sum, at most `MOST`."""
    if len(parts) == 1:
        return parts[0]
    total = np.asarray(cv2.add(parts[0], parts[1]), np.uint16)
    for part in parts[2:]:
        cv2.add(total, part, total)
    return total
