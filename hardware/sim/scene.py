"""Scenes of a simulated camera, as data: persons, movement, light, and prints on paper.

Lengths are shares of the frame's height or width, so that a scene fits every frame size.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk.domain.vision.face import Box
from kiosk.domain.vision.frame import Pixels


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A photograph of one person.

    Attributes:
        pixels: (height, width, 3) uint8, BGR.
        face: the face's position, pixels: the bounding box of its landmarks.
    """

    pixels: Pixels
    face: Box

    def __repr__(self) -> str:
        return f"Portrait({self.pixels.shape[1]}x{self.pixels.shape[0]} px)"


class Background(Enum):
    """The background of a scene."""

    PLAIN = "plain"
    BLURRED = "blurred"
    """The surroundings in the first portrait, far out of focus."""


@dataclass(frozen=True, slots=True)
class Ramp:
    """A value that changes from a start to an end during the approach."""

    start: float
    end: float

    def at(self, share: float) -> float:
        """The value when ``share`` of the way is done, eased in and out like a walk."""
        eased = share * share * (3.0 - 2.0 * share)
        return self.start + (self.end - self.start) * eased


def still(value: float) -> Ramp:
    """A constant value."""
    return Ramp(value, value)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A print of the portrait, held up flat.

    Attributes:
        crop: height of the printed picture in face heights.
        border: white margin, share of the printed picture's height.
        contrast: of ink on paper; 1 is that of the photograph.
        lift: grey level of the blackest ink, 0 to 255.
        texture: standard deviation of the paper's grain, 0 to 255.
        glare: the brightest reflection, 0 to 255.
        perspective: how much nearer one edge is held, share.
    """

    crop: float = 2.2
    border: float = 0.06
    contrast: float = 0.7
    lift: float = 30.0
    texture: float = 3.0
    glare: float = 35.0
    perspective: float = 0.04


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One portrait in the scene.

    Attributes:
        portrait: the person's photograph.
        size: height of the face, share of the frame's height; this sets the distance.
        x: middle of the face, share of the frame's width.
        y: middle of the face, share of the frame's height.
        turn_degrees: rotation of the head about its vertical axis, to the image's right if
            positive. Simulated: the photograph is mapped onto half an ellipsoid, which is turned.
        reach: how much of the photograph around the face is shown, face heights to either side.
        sheet: a print instead of the person.
    """

    portrait: Portrait
    size: Ramp
    x: Ramp = still(0.5)
    y: Ramp = still(0.5)
    turn_degrees: float = 0.0
    reach: float = 3.0
    sheet: Sheet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A walk up to the camera, a stand in front of it, and an empty scene afterwards.

    Attributes:
        name: for tables and pictures.
        figures: the portraits, the farthest first.
        approach_seconds: duration of the walk.
        stand_seconds: duration of the stand at its end.
        away_seconds: duration of the empty scene afterwards.
        light: 1 is the light of the photograph.
        flicker: amplitude of light variation, share.
        sway: movement of heads and hands while standing, share of the face.
        noise: standard deviation of the sensor's noise, 0 to 255.
        background: of the scene.
    """

    name: str
    figures: tuple[Figure, ...]
    approach_seconds: float = 1.5
    stand_seconds: float = 3.0
    away_seconds: float = 1.5
    light: Ramp = still(1.0)
    flicker: float = 0.02
    sway: float = 0.02
    noise: float = 2.0
    background: Background = Background.BLURRED

    @property
    def seconds(self) -> float:
        """Total duration."""
        return self.approach_seconds + self.stand_seconds + self.away_seconds

    def progress(self, at: float) -> float | None:
        """Share of the way that is done ``at`` seconds from the start; None once it is empty."""
        if at >= self.approach_seconds + self.stand_seconds:
            return None
        return min(1.0, at / self.approach_seconds) if self.approach_seconds > 0.0 else 1.0
