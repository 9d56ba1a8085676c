"""Recordings of people and of their prints, in another light, before the whole kiosk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import evaluation_data
from filmed_people import composed
from other_light import Light
from real_kiosk import RealKiosk, Visit

EVERYBODY = evaluation_data.people()
SAMPLE_FRAMES, ALL_FRAMES = 40, 60


def walk_up(door: RealKiosk, light: str, kind: str, frames: Sequence[Path], most: int) -> Visit:
    """One recording of so many frames, again from its beginning where it is too short."""
    pixels = evaluation_data.pictures(frames)
    shown = [pixels[at % len(pixels)] for at in range(most)]
    return door.watch(composed(f"{kind}/{light}/{frames[0]}", Light(light).on(shown)))


def sampled(door: RealKiosk, light: str, kind: str, person: str, which: int) -> Visit:
    """The first frames of one recording of this person."""
    frames = list(evaluation_data.recordings(kind, person).values())[which]
    return walk_up(door, light, kind, frames, SAMPLE_FRAMES)


@dataclass
class Count:
    """The outcomes of many visits."""

    visits: int = 0
    admitted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, visit: Visit) -> None:
        self.visits += 1
        self.admitted += bool(visit.admitted)
        self.reasons.update(set(visit.reasons))


def everybody(door: RealKiosk, light: str, kind: str) -> Count:
    """Every recording of this kind, in full."""
    count = Count()
    for person in EVERYBODY:
        for frames in evaluation_data.recordings(kind, person).values():
            count.add(walk_up(door, light, kind, frames, ALL_FRAMES))
    return count
