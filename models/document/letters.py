"""The letters of a machine-readable zone: lines of equally wide cells, each compared with OCR-B.

ICAO 9303 prescribes typeface and pitch, so where a letter is follows from where its line is, and
no line needs to be guessed at as a whole: a general reader of text loses count of the fillers.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from models.document.glyphs import BASELINE, CAPITAL, HEIGHT, WIDTH, glyphs

Ink = NDArray[np.float32]
"""(height, width) how much darker than its surroundings each pixel is, grey levels."""

Shapes = NDArray[np.float32]
"""(n, height * width), each of mean 0 and length 1."""

MOST_SLANT = 0.02
BACKGROUND_PX = 31
"""Wider than any stroke, so that what remains is the paper."""

MARGIN = 0.012
"""The border of a card that is not read, as a share of its width: its edge is dark."""

LOWEST_LINE_PX, HIGHEST_LINE_PX = 12, 60
SHIFT = 2
"""How far a letter may be from the middle of its cell, pixels of the glyphs."""

PITCH_SHARE = {30: 0.0297, 44: 0.0203}
"""Ten letters an inch (ICAO 9303), as a share of the width of the documents, by their length."""

PITCHES = np.linspace(0.93, 1.09, 33)
GRIDS_TRIED = 6
CELLS_AT_ONCE = 11
UNLIKE = -2.0
"""The likeness of a letter that is not allowed in its place."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text.

    Attributes:
        top: the first row of its capitals.
        bottom: the row after the last.
    """

    top: int
    bottom: int

    @property
    def height(self) -> int:
        """The height of its capitals."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """How like each letter a cell is, in each line.

    Attributes:
        values: (lines, cells, letters) correlation coefficients.
    """

    values: NDArray[np.float32]

    @property
    def mean(self) -> float:
        """Of the best letters."""
        return float(self.values.max(axis=2).mean())


def read_cells(ink: Ink, count: int, length: int) -> Likeness | None:
    """The likeness of each cell of a zone; None if no such lines are found.

    Args:
        ink: of a flat document's lower part.
        count: lines of the zone.
        length: cells a line.
    """
    ink = straightened(ink)
    lines = text_lines(ink)
    tried = [
        Likeness(np.stack([_likeness(ink, line, start, pitch, length) for line in block]))
        for block in blocks(lines, count)
        for start, pitch in grids(ink, block, length)
    ]
    return max(tried, key=lambda each: each.mean, default=None)


def ink_of(grey: NDArray[np.uint8]) -> Ink:
    """What is darker than the paper around it, without the card's border."""
    border = round(MARGIN * grey.shape[1])
    inner = cv2.GaussianBlur(grey[: grey.shape[0] - border, border:-border], (0, 0), 1.0)
    kernel = np.ones((BACKGROUND_PX, BACKGROUND_PX), np.uint8)
    paper = cv2.GaussianBlur(cv2.morphologyEx(inner, cv2.MORPH_CLOSE, kernel), (0, 0), 5.0)
    return np.asarray(np.clip(paper.astype(np.float32) - inner, 0.0, None), np.float32)


def straightened(ink: Ink) -> Ink:
    """The same with its lines level: a card's edge is known to a pixel or two only."""
    slants = np.linspace(-MOST_SLANT, MOST_SLANT, 17)
    halved = (ink.shape[1] // 2, ink.shape[0])
    small = np.asarray(cv2.resize(ink, halved, interpolation=cv2.INTER_AREA), np.float32)
    clear = [float((_sheared(small, 2.0 * slant).sum(axis=1) ** 2).sum()) for slant in slants]
    return _sheared(ink, float(slants[int(np.argmax(clear))]))


def _sheared(ink: Ink, slant: float) -> Ink:
    height, width = ink.shape
    move = np.array([[1.0, 0.0, 0.0], [slant, 1.0, -slant * width / 2]], np.float32)
    return np.asarray(cv2.warpAffine(ink, move, (width, height)), np.float32)


def text_lines(ink: Ink) -> Sequence[TextLine]:
    """Rows with ink in them, from the top down."""
    rows = cv2.GaussianBlur(ink.mean(axis=1).reshape(-1, 1), (1, 0), 1.0, sigmaY=1.0).ravel()
    dark = np.concatenate([[False], rows > 0.3 * np.quantile(rows, 0.95), [False]])
    changes = np.flatnonzero(dark[1:] != dark[:-1])
    found = [TextLine(int(a), int(b)) for a, b in zip(changes[::2], changes[1::2], strict=True)]
    return [line for line in found if LOWEST_LINE_PX <= line.height <= HIGHEST_LINE_PX]


def blocks(lines: Sequence[TextLine], count: int) -> Iterator[Sequence[TextLine]]:
    """Neighbouring lines of one height, the lowest first; three blocks at most."""
    places = range(len(lines) - count, -1, -1)
    equal = (lines[at : at + count] for at in places if _equal(lines[at : at + count]))
    return itertools.islice(equal, 3)


def _equal(lines: Sequence[TextLine]) -> bool:
    heights = [line.height for line in lines]
    return max(heights) <= 1.5 * min(heights)


def grids(ink: Ink, block: Sequence[TextLine], length: int) -> Sequence[tuple[float, float]]:
    """Start and pitch of the cells, the likeliest first.

    Little ink is on the borders of cells and much inside them. A letter's ink is no more than a
    usual column's: the dark edge of a card beside the lines counts as little as it is wide.
    """
    columns = np.sum([ink[line.top : line.bottom].mean(axis=0) for line in block], axis=0)
    columns = np.minimum(columns, np.quantile(columns, 0.8))
    width = len(columns)
    summed = np.concatenate([[0.0], np.cumsum(columns)])
    places = np.arange(width)
    found: list[tuple[float, float, float]] = []
    for pitch in PITCH_SHARE[length] * width * PITCHES:
        starts = np.arange(0.0, width - length * pitch, 0.1 * pitch)
        borders = np.interp(starts[:, None] + pitch * np.arange(length + 1), places, columns)
        ends = np.interp(np.stack([starts, starts + length * pitch]), np.arange(width + 1), summed)
        inside = (ends[1] - ends[0]) / (length * pitch)
        cost = borders.mean(axis=1) - inside
        found += [(float(c), float(at), float(pitch)) for c, at in zip(cost, starts, strict=True)]
    return _apart(sorted(found))


def _apart(found: Sequence[tuple[float, float, float]]) -> Sequence[tuple[float, float]]:
    """The first few grids that differ by more than letters may be beside their cells."""
    taken: list[tuple[float, float]] = []
    for _, start, pitch in found:
        if all(
            abs(start - other) > 0.15 * pitch or abs(pitch - wide) > 0.005 * pitch
            for other, wide in taken
        ):
            taken.append((start, pitch))
        if len(taken) == GRIDS_TRIED:
            break
    return taken


def _likeness(
    ink: Ink, line: TextLine, start: float, pitch: float, length: int
) -> NDArray[np.float32]:
    """(cells, letters) correlation coefficients of one line."""
    across, down = WIDTH / pitch, CAPITAL / (line.height - 1)
    move = np.array(
        [[across, 0.0, SHIFT - across * start], [0.0, down, SHIFT + BASELINE - down * line.bottom]],
        np.float32,
    )
    size = (WIDTH * length + 2 * SHIFT, HEIGHT + 2 * SHIFT)
    row = np.asarray(cv2.warpAffine(ink, move, size, flags=cv2.INTER_AREA), np.float32)
    every = np.lib.stride_tricks.sliding_window_view(row, (HEIGHT, WIDTH))
    best = np.full((length, len(_shapes())), UNLIKE, np.float32)
    for x in range(2 * SHIFT + 1):
        for y in range(2 * SHIFT + 1):
            cells = every[y, x::WIDTH][:length].reshape(length, -1)
            best = np.maximum(best, _compared(_normed(cells)))
    return best


def _compared(cells: Shapes) -> NDArray[np.float32]:
    """(cells, letters) correlation coefficients; of so few at a time BLAS starts no thread."""
    some = range(0, len(cells), CELLS_AT_ONCE)
    return np.concatenate([cells[at : at + CELLS_AT_ONCE] @ _shapes().T for at in some])


@cache
def _shapes() -> Shapes:
    soft = [cv2.GaussianBlur(glyph, (0, 0), 1.0) for glyph in glyphs().values()]
    return _normed(np.asarray(np.stack(soft).reshape(len(soft), -1), np.float32))


def _normed(values: NDArray[np.float32]) -> Shapes:
    centred = values - values.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(length, 1e-6), np.float32)
