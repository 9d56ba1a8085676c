"""Two engines that disagree are found, in whatever they disagree on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pytest
from doorway import MEASURES

from config.settings import Settings
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.face import Box, EyeClosure, Face, Found, Pose
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.template import SpaceId, Template
from models.engines.comparison import (
    BOUNDS,
    NETWORKS_EVERY,
    EngineDifferences,
    EngineParts,
    compared,
)
from models.engines.pinned import LANDMARKS, deviations, network_deviations, pinned_faces


def face(x: float = 100.0, yaw: float = 0.0) -> Face:
    mesh = np.full((478, 2), (x, 100.0), np.float32)
    return Face(Box(x - 50, 50, 100, 100), mesh, Pose(yaw, 0, 0), EyeClosure(0, 0))


@dataclass
class Engine:
    """An engine that finds these faces, and computes these values of them."""

    stream: tuple[Face, ...] = (face(),)
    stills: tuple[Face, ...] = (face(),)
    score: float = 0.9
    vector: tuple[float, float] = (1.0, 0.0)

    def parts(self) -> EngineParts:
        return EngineParts(_Finds(self.stream), _Finds(self.stills), cast("Any", self), self)

    @property
    def space(self) -> SpaceId:
        return SpaceId("test/1")

    def assess(self, *_: object) -> PadResult:
        return PadResult(self.score, "test")

    def extract(self, *_: object) -> Template:
        return Template(np.array(self.vector, np.float32), self.space)


@dataclass
class _Finds:
    faces: tuple[Face, ...]

    def find(self, _: Frame) -> Found:
        return Found(self.faces)

    def look(self, _: Frame, found: Found) -> Found:
        return found

    def close(self) -> None:
        """Nothing."""


class Quality:
    """Sharper on the right."""

    def measure(self, _: Frame, face: Face) -> object:
        return replace(MEASURES, yaw=60.0) if face.box.x > 53 else MEASURES


def frames(count: int = 2 * NETWORKS_EVERY) -> Iterator[Frame]:
    return (Frame(np.zeros((4, 4, 3), np.uint8), Instant(n / 15), n) for n in range(count))


def of(litert: Engine, count: int = 2 * NETWORKS_EVERY) -> EngineDifferences:
    engines = {"reference": Engine().parts(), "litert": litert.parts()}
    bounds = Settings().quality.bounds()
    return compared(frames(count), cast("Any", engines), cast("Any", Quality()), bounds)


def test_equal_engines_disagree_in_nothing() -> None:
    made = of(Engine())
    assert made.disagreements() == []
    assert (made.frames, made.faces) == (8, 8)
    assert all(made.of(bound) == 0 for bound in BOUNDS)
    assert made.time_of("litert") >= 0


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (Engine(stream=()), "number of faces, followed"),
        (Engine(stream=(face(), face(400))), "number of faces, followed"),
        (Engine(stills=()), "number of faces, searched"),
        (Engine(stills=(face(100.2),)), "landmarks, searched"),
        (Engine(stream=(face(102),)), "landmarks, followed"),
        (Engine(stills=(face(yaw=0.3),)), "head pose, searched"),
        (Engine(stream=(face(yaw=2),)), "head pose, followed"),
        (Engine(stills=(face(104),)), "quality verdicts, searched"),
        (Engine(stream=(face(104),)), "quality verdicts, followed"),
        (Engine(score=0.898), "attack detection score"),
        (Engine(score=float("nan")), "attack detection score"),
        (Engine(vector=(0.995, 0.0999)), "templates"),
        (Engine(stills=(face(yaw=float("nan")),)), "head pose, searched"),
    ],
)
def test_engines_that_disagree_are_found_and_it_is_said_in_what(wrong: Engine, named: str) -> None:
    said = of(wrong).disagreements()
    assert any(text.startswith(f"{named}: ") for text in said), said


def test_an_engine_that_fails_is_not_equal() -> None:
    said = of(Engine(vector=(float("nan"), 0.0))).disagreements()
    assert said[0].startswith("A template in space test/1 is not a unit vector")


def test_what_was_never_compared_is_not_equal() -> None:
    assert len(of(Engine(), count=0).disagreements()) == len(BOUNDS)
    said = of(Engine(), count=1).disagreements()
    assert "templates: nothing was compared" in said


class TestPinnedValues:
    def pinned(self, role: str) -> Face:
        told = pinned_faces()[role]
        mesh = np.zeros((478, 2), np.float32)
        mesh[list(LANDMARKS)] = told["landmarks"]
        return Face(Box(0, 0, 1, 1), mesh, Pose(*told["pose"]), EyeClosure(*told["eyes"]))

    def test_every_portrait_is_pinned(self) -> None:
        assert set(pinned_faces()) == {"portrait/grace-hopper", "portrait/astronaut"}
        for role in pinned_faces():
            assert deviations(role, [self.pinned(role)]) == []

    def test_a_build_that_computes_something_else_is_found(self) -> None:
        role = "portrait/astronaut"
        right = self.pinned(role)
        moved = replace(right, mesh=right.mesh + 1.0)
        turned = replace(right, pose=replace(right.pose, yaw=right.pose.yaw + 1))
        closed = replace(right, eyes=EyeClosure(0.9, 0.9))
        nothing = replace(right, mesh=right.mesh * np.float32("nan"))
        for wrong, named in (
            (moved, "landmarks"),
            (turned, "pose"),
            (closed, "eyes"),
            (nothing, "landmarks"),
        ):
            (said,) = deviations(role, [wrong])
            assert said.startswith(f"{role}: {named} off by ")
        assert deviations(role, []) == [f"{role}: 0 faces instead of 1"]
        assert deviations(role, [right, right]) == [f"{role}: 2 faces instead of 1"]

    @pytest.mark.parametrize("space", ["sface-128/1", "mobilefacenet-192/1"])
    @pytest.mark.parametrize("role", ["portrait/grace-hopper", "portrait/astronaut"])
    def test_networks_that_compute_something_else_are_found(self, role: str, space: str) -> None:
        told = pinned_faces()[role]
        first = np.array(told["templates"][space], np.float32)
        assert np.abs(first).max() > 0.05

        def deviate(attack: float, changed: Mapping[int, float], space: str) -> Sequence[str]:
            made = first.copy()
            for at, value in changed.items():
                made[at] += value
            rest = np.sqrt(1 - np.vdot(made, made))
            template = Template(np.append(made, rest).astype(np.float32), SpaceId(space))
            return network_deviations(role, told["attack"] + attack, template)

        assert deviate(0.0, {}, space) == deviate(-0.015, {3: 0.009}, space) == []
        (said,) = deviate(-0.03, {}, space)
        assert said.startswith(f"{role}: attack detection score off by 0.03, allowed")
        for number in range(len(first)):
            (said,) = deviate(0.0, {number: -0.011}, space)
            assert said.startswith(f"{role}: template off by 0.011, allowed")
        assert len(deviate(float("nan"), {0: 0.2}, space)) == 2
        assert deviate(0.0, {0: 0.2}, "another/1") == []
