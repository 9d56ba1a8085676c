"""Who and what may stand before a kiosk in the middle of somebody's enrolment."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import evaluation_data
from enrolling_kiosk import Actor
from enrolment_films import frames_of
from other_light import Light

from hardware.camera.codec import cv2
from kiosk.domain.vision.frame import Pixels

PRINTS = {"a print": "plain", "a print in warm light": "warm-0.3"} | {
    "a noisy print": "noise-20",
    "a noisy print in warm light": "warm-0.3 with noise-20",
}
"""Prints, by the light that they are in."""
CLIP = "phone_replay_attack.webm"
EVERY = 6
"""The clip has 30 frames a second."""


@functools.cache
def print_of(person: str, light: str) -> Sequence[Pixels]:
    """A printed photograph of that person, held and moved, in such a light."""
    return Light(light).on(frames_of(person, "print"))


@functools.cache
def telephone() -> Sequence[Pixels]:
    """A man's face that is replayed on a telephone."""
    shown = evaluation_data.clip(CLIP)[::EVERY]
    return [cv2.resize(pixels, (640, 480)) for pixels in shown]


def artefact(kind: str, person: str) -> Actor:
    """A print of a person, or the telephone; neither turns its head."""
    return Actor(print_of(person, PRINTS[kind]) if kind in PRINTS else telephone())
