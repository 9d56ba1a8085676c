"""The surroundings of a face over a run of frames: do they keep still while it moves?

The background of a person stays where it is when they move. The background in a photograph or on a
screen that somebody holds moves with the face, as far as the sheet reaches. So a face whose
surroundings follow it on both sides is part of a picture (ADR 0032). Nobody has to move: a face
that keeps still is not judged, and neither is one before a wall without any texture.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

Shift = tuple[float, float]
"""Right and down from one frame to the next, as shares of the face's width."""

LEAST_STEPS = 8
"""Fewer movements are not judged."""
LEAST_MOVED = 0.005
"""A face that moved less from frame to frame is not judged: 0.7 mm of an adult's face."""
LEAST_SHARE = 0.25
"""A background that keeps still has 0, and one of a picture 1, or less where a plain wall fills it.
Measured: 0.03 at most for people, 0.27 at least for pictures in a hand (ADR 0032)."""


@dataclass(frozen=True, slots=True)
class Motion:
    """The movement from one frame to the next.

    Attributes:
        face: of the face.
        left: of what is left of it in the picture, beyond the hair.
        right: of what is right of it.
    """

    face: Shift
    left: Shift
    right: Shift


@dataclass(frozen=True, slots=True)
class Following:
    """How far the surroundings followed the face over a run.

    Attributes:
        moved: the face's step from frame to frame, root mean square, in widths of the face.
        share: of the face's movement, made by the side that surely follows it less.
        error: standard error of that share.
    """

    moved: float
    share: float
    error: float

    @property
    def carried(self) -> bool:
        """True if the face moved, and its surroundings surely with it.

        Written so that an invalid number counts as carried.
        """
        still = self.moved < LEAST_MOVED
        return not still and not self.share - self.error < LEAST_SHARE


def following(steps: Iterable[Motion]) -> Following | None:
    """How far the surroundings followed; None for a face that took too few steps or none at all.

    Each side's share is the slope of its movement over the face's, by least squares.
    """
    told = np.array([(s.face, s.left, s.right) for s in steps])
    if len(told) < LEAST_STEPS:
        return None
    face = told[:, 0].ravel()
    sides = told[:, 1:].swapaxes(0, 1).reshape(2, face.size)
    moved = float(face @ face)
    if moved == 0.0:
        return None
    shares = sides @ face / moved
    left = sides - np.outer(shares, face)
    errors = np.sqrt((left * left).sum(axis=1) / ((len(face) - 1) * moved))
    less = int(np.argmin(shares - errors))  # NaN is the least of all
    return Following((moved / len(told)) ** 0.5, float(shares[less]), float(errors[less]))
