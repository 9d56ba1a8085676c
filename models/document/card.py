"""A card that is held into the frame on the screen: its edges, and the card as if it lay flat.

The person puts the card where the screen shows it, so each edge is looked for near one place only.
All four have to be seen, if not over their whole length: with three, most rooms have a card in them
where none is held. The kinds are told apart by their shape (ISO/IEC 7810): ID-1 is 85.6 x 53.98 mm,
the data page of a passport, ID-3, is 125 x 88 mm. Nothing is kept of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.domain.enrolment.document import CardFrame, DocumentKind
from kiosk.domain.vision.frame import Frame, Pixels

Grey = NDArray[np.float32]
"""(height, width) steepness of the picture across or down, grey levels a pixel."""

Line = tuple[float, float]
"""A nearly straight edge: its place in the middle, and its slope."""

Lines = tuple[Line, Line, Line, Line]
"""The edges of a card: left, top, right, bottom."""

BAND_SHARE = 0.12
"""How far from its place in the frame an edge may be, as a share of the card's width."""

SIZES = (1.0, 0.68)
"""Sizes of the frame that are looked at: from 0.52 of it to 1.24 every card is near one of them."""

SLOPES = np.linspace(-0.08, 0.08, 9)
SAMPLES = 96
EDGE_SHARE = 0.4
"""An edge may be hidden for this share of its length."""

LEAST_STEEPNESS = 3.0
"""An edge that is paler is none."""

CLEAR = 8.0
"""An edge of this steepness is as clear as one can be: lines of text are not preferred to it."""

EDGES_TRIED = 5
"""The number of edges that are tried at each side."""

APART_PX = 3.0
"""Edges nearer to each other are one."""

MOST_DISTORTED = 0.055
"""How far the ratio of width and height may be off for a tilted card, as a logarithm: half of the
distance between the two kinds."""

OFF_COUNTS, AREA_COUNTS = 3.0, 3.0
"""What a wrong ratio costs, and what a larger card gains, in clear edges: a line of text inside is
a clear edge as well, and makes a card of a smaller kind."""

FLAT_PX = 1000
"""The width of the card as it is read, pixels."""

LEAST_SHARPNESS = 15.0
"""Variance of the Laplacian of the flat card below which it moves, or is out of focus."""

MOST_GLARE = 0.05
"""The largest share of the flat card that may be burnt out by a light, in one patch."""

BURNT_OUT = 252


@dataclass(frozen=True, slots=True, eq=False)
class CardView:
    """A card that is held up.

    Attributes:
        kind: by its shape.
        flat: (height, width, 3) BGR, the card alone.
    """

    kind: DocumentKind
    flat: Pixels

    def __repr__(self) -> str:
        return f"CardView({self.kind.value})"

    @property
    def sharpness(self) -> float:
        """How sharp its edges are: the variance of its Laplacian."""
        grey = cv2.cvtColor(self.flat, cv2.COLOR_BGR2GRAY)
        return float(cv2.Laplacian(grey, cv2.CV_64F).var())

    @property
    def glare(self) -> float:
        """The share of it in the largest patch that a light has burnt out."""
        burnt = (self.flat.min(axis=2) >= BURNT_OUT).astype(np.uint8)
        count, _, found, _ = cv2.connectedComponentsWithStats(burnt)
        patches = found[1:count, cv2.CC_STAT_AREA] if count > 1 else np.zeros(1)
        return float(patches.max() / burnt.size)


@dataclass(frozen=True, slots=True)
class Edge:
    """A line in the picture that may be a card's edge.

    Attributes:
        line: where it is.
        steepness: grey levels a pixel, along most of it.
    """

    line: Line
    steepness: float


def find_cards(frame: Frame, kinds: Sequence[DocumentKind]) -> Sequence[CardView]:
    """What may be the card in the frame on the screen, the likeliest first; nothing if none is.

    A line of text or the border of a portrait may be as clear as a card's edge, so a card can have
    the shape of either kind: its zone tells which it is.

    Args:
        frame: the camera's picture.
        kinds: the kinds that may be held up.
    """
    grey = cv2.GaussianBlur(cv2.cvtColor(frame.pixels, cv2.COLOR_BGR2GRAY), (5, 5), 0)
    across = np.abs(cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=0.25))
    down = np.abs(cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=0.25))
    upright = np.ascontiguousarray(across.T)
    found: list[tuple[float, DocumentKind, Lines]] = []
    for kind in kinds:
        places = (CardFrame.of(frame.width, frame.height, kind, size) for size in SIZES)
        seen = [outline for place in places if (outline := _outline(upright, down, place))]
        if seen:
            score, lines = max(seen, key=lambda each: each[0])
            found.append((score, kind, lines))
    found.sort(key=lambda each: -each[0])
    return [CardView(kind, _flat(frame.pixels, lines, kind)) for _, kind, lines in found]


def _outline(upright: Grey, down: Grey, place: CardFrame) -> tuple[float, Lines] | None:
    """The four edges whose distances fit the card's shape best, and how well; None if none do.

    Several edges are tried at each side, for a line of text may be clearer than the card's own.
    """
    band = BAND_SHARE * place.width
    middle, level = place.left + place.width / 2, place.top + place.height / 2
    sides = [
        _edges(upright, place.left, (level, place.height), band),
        _edges(down, place.top, (middle, place.width), band),
        _edges(upright, place.left + place.width, (level, place.height), band),
        _edges(down, place.top + place.height, (middle, place.width), band),
    ]
    if not all(sides):
        return None
    left, top, right, bottom = np.ix_(*([edge.line[0] for edge in edges] for edges in sides))
    clear = np.ix_(*([min(1.0, edge.steepness / CLEAR) for edge in edges] for edges in sides))
    wide, high = right - left, bottom - top
    off = np.abs(np.log(wide / high * place.height / place.width))
    score = sum(clear) + AREA_COUNTS * np.log(wide * high) - OFF_COUNTS * off
    score = np.where(off > MOST_DISTORTED, -np.inf, score)
    best = np.unravel_index(int(score.argmax()), score.shape)
    if not np.isfinite(score[best]):
        return None
    one, two, three, four = (edges[int(at)].line for edges, at in zip(sides, best, strict=True))
    return float(score[best]), (one, two, three, four)


def _edges(steepness: Grey, at: float, along: tuple[float, float], band: float) -> Sequence[Edge]:
    """The clearest edges near a place.

    Args:
        steepness: of the picture, with the edge running along its rows.
        at: the row where it is expected.
        along: the middle of the edge and its length, in columns.
        band: how far from there it may be.
    """
    middle, length = along
    columns = np.linspace(-0.45, 0.45, SAMPLES) * length
    rows = np.arange(at - band, at + band + 1.0, 2.0)
    y = rows[:, None, None] + SLOPES[None, :, None] * columns[None, None, :]
    x = np.broadcast_to(middle + columns, y.shape)
    inside = (y >= 0) & (y < steepness.shape[0]) & (x >= 0) & (x < steepness.shape[1])
    values = steepness[
        np.clip(y, 0, steepness.shape[0] - 1).astype(int),
        np.clip(x, 0, steepness.shape[1] - 1).astype(int),
    ]
    clear = np.quantile(np.where(inside, values, 0.0), EDGE_SHARE, axis=2)
    best = clear.max(axis=1)
    found: list[Edge] = []
    for row in np.argsort(-best):
        if best[row] < LEAST_STEEPNESS or len(found) == EDGES_TRIED:
            break
        if all(abs(rows[row] - edge.line[0]) > APART_PX for edge in found):
            slope = float(SLOPES[int(clear[row].argmax())])
            found.append(Edge((float(rows[row]), slope), float(best[row])))
    return found


def _flat(pixels: Pixels, edges: Lines, kind: DocumentKind) -> Pixels:
    """The card between its edges, as if it lay flat."""
    left, top, right, bottom = edges
    place = CardFrame.of(pixels.shape[1], pixels.shape[0], kind)
    corners = [_crossing(each, level, place) for level in (top, bottom) for each in (left, right)]
    source = np.array([corners[0], corners[1], corners[3], corners[2]], np.float32)
    height = round(FLAT_PX / kind.ratio)
    target = np.array([[0, 0], [FLAT_PX, 0], [FLAT_PX, height], [0, height]], np.float32)
    turn = cv2.getPerspectiveTransform(source, target)
    flat = cv2.warpPerspective(pixels, turn, (FLAT_PX, height), flags=cv2.INTER_CUBIC)
    return np.asarray(flat, np.uint8)


def _crossing(upright: Line, level: Line, place: CardFrame) -> tuple[float, float]:
    """Where an upright edge and a level one cross, pixels of the frame."""
    middle, centre = place.left + place.width / 2, place.top + place.height / 2
    (x0, lean), (y0, rise) = upright, level
    y = (y0 + rise * (x0 - lean * centre - middle)) / (1.0 - rise * lean)
    return x0 + lean * (y - centre), y
