"""The comparison of the two engines over the same frames, and of one with pinned values.

Searched for in each frame, faces have to be nearly the same: a wrong build or network shows there.
Each engine also follows faces in its own way, and these may differ as the ways do. The networks for
attack detection and templates are given the same face, so that a difference is one of the networks.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import numpy as np

from kiosk.domain.errors import LintelError
from kiosk.domain.ports import AttackDetector, FaceFinder, QualityAssessor, TemplateExtractor
from kiosk.domain.vision.face import Face, Found
from kiosk.domain.vision.frame import Frame
from kiosk.domain.vision.quality import Defect, QualityBounds, judge
from models.packs.manifest import Engine

SAME_OVERLAP = 0.5
"""The intersection over union from which two faces are the same one."""

NETWORKS_EVERY = 4
"""Faces are searched, and their networks compared, in every so many frames."""

WARM_UP = 2
"""The first times find cold caches; they do not count."""

FIND, SEARCH, NETWORKS = "find", "search", "networks"
"""The work that is timed; a kiosk's frame is made of the first and the last."""

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class EngineParts:
    """What an engine runs: its two finders, attack detection and templates."""

    stream: FaceFinder
    stills: FaceFinder
    attack: AttackDetector
    extractor: TemplateExtractor


@dataclass(frozen=True, slots=True)
class Bound:
    """The largest difference with which two engines count as equal.

    Attributes:
        name: of what is compared.
        unit: of the difference.
        most: the bound.
        combine: of the single differences: their mean, or the largest.
    """

    name: str
    unit: str
    most: float
    combine: Callable[[Sequence[float]], float]


@dataclass(frozen=True, slots=True)
class FaceBounds:
    """The bounds of faces that are found in one way."""

    count: Bound
    landmarks: Bound
    pose: Bound
    verdicts: Bound


SEARCHED = FaceBounds(
    Bound("number of faces, searched", "share of frames", 0.0, statistics.fmean),
    Bound("landmarks, searched", "px", 0.1, statistics.fmean),
    Bound("head pose, searched", "degrees", 0.25, statistics.fmean),
    Bound("quality verdicts, searched", "share of faces", 0.005, statistics.fmean),
)
FOLLOWED = FaceBounds(
    Bound("number of faces, followed", "share of frames", 0.05, statistics.fmean),
    Bound("landmarks, followed", "px", 1.5, statistics.fmean),
    Bound("head pose, followed", "degrees", 1.5, statistics.fmean),
    Bound("quality verdicts, followed", "share of faces", 0.05, statistics.fmean),
)
"""The walks are faster than those of people, so these are wider than what recordings show."""

ATTACK = Bound("attack detection score", "", 0.001, max)
TEMPLATES = Bound("templates", "1 - cosine", 0.001, max)
BOUNDS = (
    *(SEARCHED.count, SEARCHED.landmarks, SEARCHED.pose, SEARCHED.verdicts),
    *(FOLLOWED.count, FOLLOWED.landmarks, FOLLOWED.pose, FOLLOWED.verdicts),
    *(ATTACK, TEMPLATES),
)


@dataclass(slots=True)
class EngineDifferences:
    """The differences so far.

    Attributes:
        by_bound: the single differences.
        milliseconds: processor times by engine and part.
        frames: how many were compared.
        faces: how many faces both engines found.
        failure: what ended the comparison early; empty if nothing did.
    """

    by_bound: dict[str, list[float]] = field(default_factory=dict)
    milliseconds: dict[tuple[Engine, str], list[float]] = field(default_factory=dict)
    frames: int = 0
    faces: int = 0
    failure: str = ""

    def add(self, bound: Bound, difference: float) -> None:
        """Add one difference; what is no number is the largest one."""
        value = difference if np.isfinite(difference) else float("inf")
        self.by_bound.setdefault(bound.name, []).append(float(value))

    def of(self, bound: Bound) -> float | None:
        """The combined difference; None if nothing was compared."""
        values = self.by_bound.get(bound.name)
        return bound.combine(values) if values else None

    def disagreements(self) -> Sequence[str]:
        """What exceeds its bound, or was never compared; empty if the engines are equal."""
        failed = [self.failure] if self.failure else []
        return [*failed, *(text for bound in BOUNDS if (text := self._disagreement(bound)))]

    def time_of(self, engine: Engine) -> float:
        """The time of a frame with one face, milliseconds: the sum of each part's median."""
        parts = (self.milliseconds.get((engine, part), [0.0]) for part in (FIND, NETWORKS))
        return sum(statistics.median(taken[WARM_UP:] or taken) for taken in parts)

    @contextmanager
    def timed(self, engine: Engine, part: str) -> Iterator[None]:
        """Add the processor time of all threads: a busy machine does not change the choice."""
        began = time.process_time()
        yield
        spent = 1000 * (time.process_time() - began)
        self.milliseconds.setdefault((engine, part), []).append(spent)

    def _disagreement(self, bound: Bound) -> str:
        found = self.of(bound)
        if found is None:
            return f"{bound.name}: nothing was compared"
        unit = f" {bound.unit}" if bound.unit else ""
        over = not found <= bound.most
        return f"{bound.name}: {found:.3g}{unit}, allowed {bound.most:g}" if over else ""


def compared(
    frames: Iterable[Frame],
    engines: Mapping[Engine, EngineParts],
    quality: QualityAssessor,
    bounds: QualityBounds,
) -> EngineDifferences:
    """The differences of two engines over the frames of one stream.

    Args:
        frames: with rising times.
        engines: `reference` and `litert`.
        quality: measures the views of both.
        bounds: judge the measures.
    """
    made = EngineDifferences()
    try:
        for frame in frames:
            _compare_frame(made, frame, engines, partial(_defects, quality, bounds, frame))
    except LintelError as error:
        made.failure = error.problem
    return made


def _defects(
    quality: QualityAssessor, bounds: QualityBounds, frame: Frame, face: Face
) -> Sequence[Defect]:
    return judge(quality.measure(frame, face), bounds).defects


def _compare_frame(
    made: EngineDifferences,
    frame: Frame,
    engines: Mapping[Engine, EngineParts],
    judged: Callable[[Face], Sequence[Defect]],
) -> None:
    made.frames += 1
    streams = {name: parts.stream for name, parts in engines.items()}
    followed = _found(made, streams, frame, FIND)
    made.faces += len(_compare_faces(made, FOLLOWED, followed, judged))
    if made.frames % NETWORKS_EVERY == 0:
        stills = {name: parts.stills for name, parts in engines.items()}
        searched = _found(made, stills, frame, SEARCH)
        for face in _compare_faces(made, SEARCHED, searched, judged):
            _compare_networks(made, frame, face, engines)


def _found(
    made: EngineDifferences, finders: Mapping[Engine, FaceFinder], frame: Frame, work: str
) -> Mapping[Engine, Found]:
    """What each engine finds, timed."""
    found = {}
    for name, finder in _in_turn(finders, made.frames):
        with made.timed(name, work):
            found[name] = finder.find(frame)
    return found


def _in_turn(parts: Mapping[Engine, Part], turn: int) -> Iterator[tuple[Engine, Part]]:
    """The parts of both engines, in an order that changes: the first has the colder caches."""
    pairs = list(parts.items())
    return iter(reversed(pairs) if turn % 2 else pairs)


def _pairs(reference: Iterable[Face], other: Iterable[Face]) -> Iterator[tuple[Face, Face]]:
    """The faces that both engines found."""
    left = list(other)
    for face in reference:
        same = max(left, key=lambda each: each.box.overlap(face.box), default=None)
        if same is not None and same.box.overlap(face.box) >= SAME_OVERLAP:
            left.remove(same)
            yield face, same


def _compare_faces(
    made: EngineDifferences,
    bounds: FaceBounds,
    found: Mapping[Engine, Found],
    judged: Callable[[Face], Sequence[Defect]],
) -> Sequence[Face]:
    """Add what differs; the reference's faces that both found."""
    reference, other = found["reference"], found["litert"]
    made.add(bounds.count, len(reference) != len(other))
    pairs = list(_pairs(reference, other))
    for one, two in pairs:
        made.add(bounds.landmarks, float(np.linalg.norm(one.mesh - two.mesh, axis=1).mean()))
        angles = zip(_angles(one), _angles(two), strict=True)
        made.add(bounds.pose, max(abs(a - b) for a, b in angles))
        made.add(bounds.verdicts, judged(one) != judged(two))
    return [one for one, _ in pairs]


def _angles(face: Face) -> tuple[float, float, float]:
    return face.pose.yaw, face.pose.pitch, face.pose.roll


def _compare_networks(
    made: EngineDifferences,
    frame: Frame,
    face: Face,
    engines: Mapping[Engine, EngineParts],
) -> None:
    """Attack detection and templates of one face, by the networks of both engines."""
    scores, vectors = [], []
    for name, parts in _in_turn(engines, made.frames):
        with made.timed(name, NETWORKS):
            scores.append(parts.attack.assess(frame, face).score)
            vectors.append(parts.extractor.extract(frame, face).vector)
    made.add(ATTACK, abs(scores[0] - scores[1]))
    made.add(TEMPLATES, max(0.0, 1.0 - float(vectors[0] @ vectors[1])))
