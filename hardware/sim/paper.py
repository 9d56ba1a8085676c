"""Portraits prepared for compositing: cut out with soft edges, turned, or printed on paper."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.sim.scene import Figure, Portrait, Sheet
from kiosk.domain.vision.face import Box
from kiosk.domain.vision.frame import Pixels

SHEET_PX = 900
"""Height of the printed picture before projection: finer than any frame shows it."""
PAPER = (225, 228, 228)
HALF_WIDTH, HALF_HEIGHT = 0.52, 1.0
"""Half axes of the ellipsoid that models a head, in widths and heights of the face."""
HEAD, SHOULDERS = 0.7, 1.1
"""Half the width of a head with its hair, and where shoulders begin below a face's top, in heights
of the face."""
NOSE, AXIS = 0.2, 0.5
"""Protrusion of the nose and distance of the neck behind the face's edge, in half widths."""
NOSE_BELOW = 0.12
"""How far the nose is below the middle of the face, in half heights."""


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """An image with a mask, to be moved, scaled and composited onto a background.

    Attributes:
        pixels: (height, width, 3) uint8, BGR.
        mask: (height, width) float32, 1 where it is opaque.
        centre: (x, y) middle of the face, pixels.
        face_px: height of the face, pixels.
        perspective: how much nearer its right edge is, share.
    """

    pixels: Pixels
    mask: NDArray[np.float32]
    centre: tuple[float, float]
    face_px: float
    perspective: float = 0.0


def cutout(figure: Figure, rng: np.random.Generator) -> Cutout:
    """The part of a figure that does not change between frames."""
    if figure.sheet is not None:
        return _printed(figure.portrait, figure.sheet, rng)
    portrait = figure.portrait
    if figure.turn_degrees:
        portrait = Portrait(turned(portrait, figure.turn_degrees), portrait.face)
    return person(portrait, figure.reach)


def person(portrait: Portrait, reach: float) -> Cutout:
    """Cut out a person: the body extends below the photograph; the other edges fade out.

    What is beside the head stays behind as the scene's own background: it moves with a photograph,
    but not with a person.
    """
    height, width = portrait.pixels.shape[:2]
    face = portrait.face
    below = int(face.height * 1.5)
    pixels = cv2.copyMakeBorder(portrait.pixels, 0, below, 0, 0, cv2.BORDER_REPLICATE)
    mask = np.zeros((height + below, width), np.float32)
    fade = max(3.0, face.height * 0.08)
    edge, x = int(2 * fade), face.centre[0]
    left = max(edge, int(x - reach * face.height))
    right = min(width - edge, int(x + reach * face.height))
    mask[edge:, left:right] = 1.0
    shoulders, beside = int(face.y + SHOULDERS * face.height), int(HEAD * face.height)
    mask[:shoulders, : max(0, int(x) - beside)] = 0.0
    mask[:shoulders, int(x) + beside :] = 0.0
    soft = cv2.GaussianBlur(mask, (0, 0), fade, borderType=cv2.BORDER_REPLICATE)
    return Cutout(
        np.asarray(pixels, np.uint8), np.asarray(soft, np.float32), face.centre, face.height
    )


def turned(portrait: Portrait, degrees: float) -> Pixels:
    """The photograph with its head turned, towards the image's right edge if positive.

    The head is modelled as half an ellipsoid with a nose, sized by the face box. Each row of pixels
    is moved as the ellipsoid turns; points hidden behind nearer ones disappear.
    """
    if degrees < 0.0:
        return turned(_mirrored(portrait), -degrees)[:, ::-1]
    face = portrait.face
    half = (face.width * HALF_WIDTH, face.height * HALF_HEIGHT)
    return _rotated(portrait, half, 1.0, (0.0, NOSE_BELOW), degrees)


def nodded(portrait: Portrait, degrees: float) -> Pixels:
    """The photograph with its head bent, towards the image's lower edge if positive.

    The head is that of `turned`: as deep as it is wide.
    """
    face = portrait.face
    half = (face.height * HALF_HEIGHT, face.width * HALF_WIDTH)
    depth, nose = half[1] / half[0], NOSE_BELOW
    lying = Portrait(portrait.pixels.swapaxes(0, 1), Box(face.y, face.x, face.height, face.width))
    if degrees < 0.0:
        bent = _rotated(_mirrored(lying), half, depth, (-nose, 0.0), -degrees)[:, ::-1]
    else:
        bent = _rotated(lying, half, depth, (nose, 0.0), degrees)
    return np.ascontiguousarray(bent.swapaxes(0, 1))


def _rotated(
    portrait: Portrait,
    half: tuple[float, float],
    depth: float,
    nose: tuple[float, float],
    degrees: float,
) -> Pixels:
    """The photograph with its head rotated so that what is near moves to the right.

    Args:
        portrait: the photograph.
        half: half axes of the ellipsoid along the rows and across them, pixels.
        depth: its third half axis, in those along the rows.
        nose: where the nose is, in half axes.
        degrees: how far, not negative.
    """
    height, width = portrait.pixels.shape[:2]
    x, y = portrait.face.centre
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    u, v = (columns - x) / half[0], (rows - y) / half[1]
    moved = _moved(u, v, math.radians(degrees), depth, nose)
    to = np.maximum.accumulate(u + moved, axis=1)
    source = np.stack([np.interp(u[0], row, u[0]) for row in to])
    across, down = (source * half[0] + x).astype(np.float32), rows.astype(np.float32)
    pixels = np.ascontiguousarray(portrait.pixels)
    return np.asarray(cv2.remap(pixels, across, down, cv2.INTER_LINEAR), np.uint8)


def _moved(
    u: NDArray[np.floating],
    v: NDArray[np.floating],
    angle: float,
    depth: float,
    nose: tuple[float, float],
) -> NDArray[np.floating]:
    """Displacement of each image point along the rows, in half axes; the surroundings stay."""
    away = np.hypot(u, v)
    egg = np.sqrt(np.clip(1.0 - away**2, 0.0, None))
    bump = NOSE * np.exp(-(((u - nose[0]) / 0.25) ** 2) - ((v - nose[1]) / 0.25) ** 2)
    nearness = depth * (egg + bump - AXIS)
    share = np.clip((2.2 - away) / 1.1, 0.0, 1.0)
    aside = u * (math.cos(angle) - 1.0) + nearness * math.sin(angle)
    return np.asarray(aside * share)


def _mirrored(portrait: Portrait) -> Portrait:
    face, width = portrait.face, portrait.pixels.shape[1]
    mirrored = Box(width - face.x - face.width, face.y, face.width, face.height)
    return Portrait(portrait.pixels[:, ::-1], mirrored)


def _printed(portrait: Portrait, sheet: Sheet, rng: np.random.Generator) -> Cutout:
    picture, left, top = _cropped(portrait, sheet.crop)
    scale = SHEET_PX / picture.shape[0]
    large = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    border = int(sheet.border * SHEET_PX)
    inked = np.asarray(large, np.float32) * sheet.contrast + sheet.lift
    paper = cv2.copyMakeBorder(
        inked, border, border, border, border, cv2.BORDER_CONSTANT, value=PAPER
    )
    lit = (
        np.asarray(paper, np.float32) + _grain(paper.shape, sheet, rng) + _glare(paper.shape, sheet)
    )
    x, y = portrait.face.centre
    return Cutout(
        np.clip(lit, 0, 255).astype(np.uint8),
        np.ones(paper.shape[:2], np.float32),
        ((x - left) * scale + border, (y - top) * scale + border),
        portrait.face.height * scale,
        sheet.perspective,
    )


def _cropped(portrait: Portrait, crop: float) -> tuple[Pixels, int, int]:
    """The part that is printed, in passport picture proportions; and its corner."""
    height, width = portrait.pixels.shape[:2]
    (x, y), tall = portrait.face.centre, portrait.face.height * crop
    top, bottom = max(0, int(y - tall / 2)), min(height, int(y + tall / 2))
    left, right = max(0, int(x - tall * 0.375)), min(width, int(x + tall * 0.375))
    return portrait.pixels[top:bottom, left:right], left, top


def _grain(shape: tuple[int, ...], sheet: Sheet, rng: np.random.Generator) -> NDArray[np.float32]:
    raw = rng.standard_normal(shape[:2]).astype(np.float32)
    soft = np.asarray(cv2.GaussianBlur(raw, (0, 0), 1.2), np.float32)
    return np.asarray(soft / soft.std() * sheet.texture, np.float32)[..., np.newaxis]


def _glare(shape: tuple[int, ...], sheet: Sheet) -> NDArray[np.float32]:
    """One soft reflection, at the upper right."""
    across = (np.linspace(0, 1, shape[1], dtype=np.float32) - 0.7) ** 2 / 0.06
    down = (np.linspace(0, 1, shape[0], dtype=np.float32) - 0.25) ** 2 / 0.1
    spot: NDArray[np.float32] = np.exp(-(across[np.newaxis] + down[:, np.newaxis]))
    return np.asarray(spot * sheet.glare, np.float32)[..., np.newaxis]
