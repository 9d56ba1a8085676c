"""Cues of a presentation attack, each alone: the larger, the more like a picture.

They are candidates to be measured (ADR 0032), not part of the kiosk. None takes more than the
frames of a run and the face in each.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.domain.vision.face import Face
from kiosk.domain.vision.frame import Pixels
from kiosk.domain.vision.surroundings import LEAST_MOVED

Plane = NDArray[np.float32]
Steps = NDArray[np.float64]

SILENT = -math.inf
"""Nothing to judge by is no sign of a picture."""


@dataclass(frozen=True, eq=False)
class FilmedFace:
    """One frame of a run, and the face in it."""

    pixels: Pixels
    face: Face


LOOKS = 64
"""What was measured of so many frames is kept: windows of a run share them."""
Run = Sequence[FilmedFace]
Cue = Callable[[Run], float]


def mean_of(values: Sequence[float]) -> float:
    """Their mean; silent for none."""
    return float(np.mean(values)) if values else SILENT


# Edges of a sheet or screen round the face.

WIDTH_PX = 48
"""The face's width when lines are looked for: noise is averaged out."""
NEAREST, REACH = 0.55, 1.9
"""Where lines are looked for: widths (above: heights) of the face from its middle."""
ALONG = (-1.0, 0.5)
"""Where an upright line has to run: heights of the face from its middle, downwards."""
ACROSS = (-0.8, 0.8)
CLEAR = 6.0
"""Grey levels a pixel: a step that is surely there."""
SLANTS = np.linspace(-0.25, 0.25, 11)
LEAST_STRIP_PX = 8
Place = tuple[float, float, float, float]
"""Left, top, right, bottom: from the face's middle, in its widths and heights."""


@dataclass(frozen=True)
class Line:
    """The clearest straight line on one side.

    Attributes:
        clear: share of its length that is a clear step of one sign, 0 to 1.
        at: its place, pixels of the frame.
    """

    clear: float
    at: float


NO_LINE = Line(0.0, 0.0)


@functools.lru_cache(maxsize=LOOKS)
def beside(look: FilmedFace) -> tuple[Line, Line]:
    """The clearest upright line left and right of the face."""
    top, bottom = ALONG
    left = _upright(look, (-REACH, top, -NEAREST, bottom))
    return left, _upright(look, (NEAREST, top, REACH, bottom))


@functools.lru_cache(maxsize=LOOKS)
def above(look: FilmedFace) -> Line:
    """The clearest level line above the face."""
    strip, _, _ = _strip(look, (*ACROSS[:1], -REACH, *ACROSS[1:], -NEAREST))
    return _clearest(np.ascontiguousarray(strip.T), 0, 1.0)


def _upright(look: FilmedFace, place: Place) -> Line:
    return _clearest(*_strip(look, place))


def _strip(look: FilmedFace, place: Place) -> tuple[Plane, int, float]:
    """What is there, scaled; its left edge in the frame, and pixels of the frame for one of it."""
    box = look.face.box
    height, width = look.pixels.shape[:2]
    (x, y) = box.centre
    left, right = (min(max(round(x + share * box.width), 0), width) for share in place[::2])
    top, bottom = (min(max(round(y + share * box.height), 0), height) for share in place[1::2])
    scale = WIDTH_PX / box.width
    size = round((right - left) * scale), round((bottom - top) * scale)
    if min(size) < LEAST_STRIP_PX:
        return np.zeros((LEAST_STRIP_PX, LEAST_STRIP_PX), np.float32), left, 1.0
    cut = cv2.resize(look.pixels[top:bottom, left:right], size, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(cut, cv2.COLOR_BGR2GRAY)
    return grey.astype(np.float32), left, (right - left) / size[0]


def _clearest(strip: Plane, left: int, per_px: float) -> Line:
    """Of the lines that cross all rows, at any slant."""
    steps = cv2.Sobel(cv2.GaussianBlur(strip, (0, 0), 0.6), cv2.CV_32F, 1, 0, scale=0.125)
    signed = np.clip(steps / CLEAR, -1.0, 1.0)
    height, width = signed.shape
    best = NO_LINE
    for slant in SLANTS:
        shear = np.array([[1.0, -slant, slant * height / 2], [0.0, 1.0, 0.0]])
        straight = cv2.warpAffine(signed, shear, (width, height))
        profile = np.abs(cv2.reduce(straight, 0, cv2.REDUCE_AVG)[0])
        at = int(profile.argmax())
        if profile[at] > best.clear:
            place = left + (at + _between(profile, at) + 0.5) * per_px
            best = Line(float(profile[at]), place)
    return best


def _between(profile: Plane, at: int) -> float:
    """The peak's place between pixels, by a parabola."""
    if not 0 < at < len(profile) - 1:
        return 0.0
    before, peak, after = profile[at - 1 : at + 2]
    bend = before - 2 * peak + after
    return float(0.5 * (before - after) / bend) if bend else 0.0


def edges(run: Run) -> float:
    """The least clear of the three sides of a frame, mean over the run."""
    return mean_of([min(line.clear for line in (*beside(look), above(look))) for look in run])


LEAST_CLEAR = 0.5
LEAST_STEPS = 8
FARTHEST_STEP = 0.15
"""Widths of the face: a line further from the one before is another."""


def carried_edges(run: Run) -> float:
    """How far clear upright lines on both sides move as the face does: the lesser side's share.

    The slope of a line's steps over the face's, less its standard error; 0 for background.
    """
    width = float(np.mean([look.face.box.width for look in run]))
    face = np.diff([look.face.box.centre[0] for look in run]) / width
    sides = zip(*(beside(look) for look in run), strict=True)
    return min(_carried(face, side, width) for side in sides)


def _carried(face: Steps, side: Sequence[Line], width: float) -> float:
    steps = np.diff([line.at for line in side]) / width
    pairs = itertools.pairwise(side)
    clear = np.array([min(one.clear, two.clear) >= LEAST_CLEAR for one, two in pairs], bool)
    clear &= np.abs(steps) < FARTHEST_STEP
    face, steps = face[clear], steps[clear]
    moved = float(face @ face)
    if len(face) < LEAST_STEPS or moved < len(face) * LEAST_MOVED**2:
        return SILENT
    share = float(face @ steps) / moved
    left = steps - share * face
    return share - math.sqrt(float(left @ left) / ((len(face) - 1) * moved))


# Moire: regular patterns finer than anything on a face.

SQUARE_PX = 96
FINEST, COARSEST, ON_AXIS = 0.5, 0.14, 0.02
"""Cycles a pixel."""


def moire(run: Run) -> float:
    """How far the strongest regular pattern stands out of the face's spectrum, mean over the run.

    Natural logarithm of its magnitude over the median around it.
    """
    return mean_of([peak for look in run if (peak := _pattern(look)) is not None])


@functools.lru_cache(maxsize=LOOKS)
def _pattern(look: FilmedFace) -> float | None:
    (x, y) = (round(c) for c in look.face.box.centre)
    half = SQUARE_PX // 2
    cut = look.pixels[max(y - half, 0) : y + half, max(x - half, 0) : x + half]
    if cut.shape[:2] != (SQUARE_PX, SQUARE_PX):
        return None
    grey = cv2.cvtColor(cut, cv2.COLOR_BGR2GRAY).astype(np.float32)
    window = cv2.createHanningWindow((SQUARE_PX, SQUARE_PX), cv2.CV_32F)
    spectrum = np.fft.fftshift(np.abs(np.fft.fft2((grey - grey.mean()) * window)))
    told = np.log(spectrum + 1.0)
    return float((told - _smooth(told))[_fine()].max())


def _smooth(told: NDArray[np.floating]) -> NDArray[np.floating]:
    """The median of 9 x 9, to 1/255 of the range."""
    least, span = float(told.min()), float(np.ptp(told)) or 1.0
    levels = ((told - least) * (255 / span)).astype(np.uint8)
    return cv2.medianBlur(levels, 9).astype(np.float32) * (span / 255) + least


@functools.cache
def _fine() -> NDArray[np.bool_]:
    """Finer than a face's features, and off the axes, where JPEG's squares are."""
    waves = np.fft.fftshift(np.fft.fftfreq(SQUARE_PX))
    across, down = np.abs(np.meshgrid(waves, waves))
    radius = np.hypot(across, down)
    fine = (radius > COARSEST) & (radius < FINEST) & (across > ON_AXIS) & (down > ON_AXIS)
    return np.asarray(fine, np.bool_)


# Refresh bands: rows that get brighter and darker on a screen, and not in the room.


LEAST_RIPPLE = 1e-4


def bands(run: Run) -> float:
    """Change of the face's rows beside those of the room, over that of its columns; mean logarithm.

    A lamp's flicker under a rolling shutter is in the room's rows too.
    """
    return mean_of([_banded(one, two) for one, two in itertools.pairwise(run)])


@functools.lru_cache(maxsize=LOOKS)
def _banded(one: FilmedFace, two: FilmedFace) -> float:
    pairs = zip(_profiles(two, two.face), _profiles(one, two.face), strict=True)
    rows, columns = (_ripple(after - before) for after, before in pairs)
    return math.log((rows + LEAST_RIPPLE) / (columns + LEAST_RIPPLE))


def _profiles(look: FilmedFace, face: Face) -> tuple[Plane, Plane]:
    """Logarithm of brightness of each row (beside that of the room) and column of the face."""
    (x, y), w, h = face.box.centre, face.box.width, face.box.height
    width = look.pixels.shape[1]
    rows = look.pixels[max(round(y - 0.4 * h), 0) : round(y + 0.4 * h)]
    grey = cv2.cvtColor(rows, cv2.COLOR_BGR2GRAY).astype(np.float32) + 4.0
    inner = grey[:, max(round(x - 0.35 * w), 0) : round(x + 0.35 * w)]
    left = grey[:, : max(round(x - 1.1 * w), 1)]
    right = grey[:, min(round(x + 1.1 * w), width - 1) :]
    room = np.hstack([left, right]).mean(axis=1)
    return _resized(np.log(inner.mean(axis=1) / room)), _resized(np.log(inner.mean(axis=0)))


def _resized(profile: NDArray[np.floating]) -> Plane:
    made = cv2.resize(profile.astype(np.float32)[None], (32, 1), interpolation=cv2.INTER_AREA)
    return np.asarray(made[0], np.float32)


def _ripple(profile: Plane) -> float:
    """Deviation of a profile from a parabola."""
    at = np.linspace(-1, 1, len(profile))
    return float((profile - np.polyval(np.polyfit(at, profile, 2), at)).std())


# Glare: a lamp's reflection stays in its place in the room while a glossy sheet moves.

STEP = 5
BRIGHTER = 12.0
ALIGNED_PX = 64


def glare(run: Run) -> float:
    """Change of the highlights on the face's surface over that in the picture; mean logarithm."""
    told = []
    for one, two in zip(run, run[STEP:], strict=False):
        surface = _change(_aligned(one, one.face), _aligned(two, two.face))
        room = _change(_aligned(one, one.face), _aligned(two, one.face))
        if surface is not None and room is not None:
            told.append(math.log((surface + 0.05) / (room + 0.05)))
    return mean_of(told)


def _change(one: Plane, two: Plane) -> float | None:
    there = float(np.maximum(one, two).sum())
    return float(np.abs(one - two).sum()) / there if there > 0 else None


EYES_AND_MOUTH = (33, 263, 61, 291)
PLACES = np.array([[16, 20], [48, 20], [22, 48], [42, 48]], np.float32)


def _aligned(look: FilmedFace, face: Face) -> Plane:
    """Highlights of the face, (64, 64): how much brighter than around, in every channel."""
    onto, _ = cv2.estimateAffinePartial2D(face.mesh[list(EYES_AND_MOUTH)], PLACES)
    cut = cv2.warpAffine(look.pixels, onto, (ALIGNED_PX, ALIGNED_PX), flags=cv2.INTER_AREA)
    white = cut.min(axis=2).astype(np.float32)
    bright = white - cv2.GaussianBlur(white, (0, 0), 6) - BRIGHTER
    return np.asarray(np.maximum(bright, 0.0), np.float32)


# Parallax of the nose against eyes, temples and ears.

RIGID = (1, 4, 195, 33, 133, 362, 263, 127, 356, 234, 454, 10, 151, 168)
"""Nose, eyes, temples, ears, forehead: points that no expression moves."""


LEAST_STRAIN = 0.005


def flatness(run: Run) -> float:
    """How little the landmarks move as only a solid does: minus their third singular value.

    Landmarks of a plane, seen from afar, are of rank 2 over all frames (Tomasi and Kanade 1992).
    Root mean square a landmark, as a share of the face's width.
    """
    shapes = _shapes(run)
    tracks = np.concatenate([shape.T for shape in shapes])
    solid = np.linalg.svd(tracks, compute_uv=False)[2:3]
    return -float(solid.sum()) / math.sqrt(len(run) * len(RIGID))


def flatness_for_turns(run: Run) -> float:
    """The same, over how far the face was foreshortened: a plane that turns has nothing else."""
    shapes = _shapes(run)
    back = np.linalg.pinv(np.mean(shapes, axis=0))
    strains = [np.linalg.svd(back @ shape, compute_uv=False) for shape in shapes]
    strain = float(np.mean([most / least - 1.0 for most, least in strains]))
    return flatness(run) / (strain + LEAST_STRAIN)


def _shapes(run: Run) -> Sequence[Steps]:
    """The rigid landmarks of each frame, from their mean, in widths of the face."""
    points = [look.face.mesh[list(RIGID)].astype(np.float64) for look in run]
    return [(p - p.mean(axis=0)) / look.face.box.width for p, look in zip(points, run, strict=True)]


CUES: Mapping[str, Cue] = {
    "edges": edges,
    "edges that move with the face": carried_edges,
    "moire": moire,
    "bands": bands,
    "glare": glare,
    "flatness": flatness,
    "flatness for turns": flatness_for_turns,
}
