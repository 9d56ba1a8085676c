"""Candidates for people: a list by a low bar, which can become no grant (R18)."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import numpy as np
import pytest
from kept_samples import SPACE, template

from kiosk.domain.access.events import Identified, Observed
from kiosk.domain.access.policy import Calibration, OperatingPoint
from kiosk.domain.cloud.opinion import Opinion
from kiosk.domain.errors import SpaceMismatch
from kiosk.domain.vision.comparison import Candidate, CandidateList, Gallery
from kiosk.domain.vision.template import Reference, ReferenceId, SpaceId, SubjectId, Template
from kiosk.people.candidates.resembling import Lookalike, lookalikes

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = "kiosk.people.candidates"
POINTS = tuple(OperatingPoint(10.0**-n, n / 10) for n in range(2, 9))
SCALE = Calibration(SPACE, POINTS)
PROBE = template(1)


def like(score: float, seed: int) -> Template:
    """A template with this score against the probe."""
    other = template(seed).vector - (template(seed).vector @ PROBE.vector) * PROBE.vector
    other /= np.linalg.norm(other)
    vector = score * PROBE.vector + np.sqrt(1 - score * score) * other
    return Template(vector.astype(np.float32), SPACE)


def gallery(**scores: float) -> Gallery:
    people = [
        Reference(ReferenceId(who), SubjectId(who), like(score, seed))
        for seed, (who, score) in enumerate(scores.items(), 2)
    ]
    return Gallery.of(SPACE, people)


def found(people: Gallery, one_in: int = 100, count: int = 5) -> list[tuple[str, int]]:
    listed = lookalikes(PROBE, people, SCALE, one_in, count)
    return [(each.might_be, each.one_in) for each in listed]


def test_the_most_alike_come_first_and_only_those_above_the_bar() -> None:
    people = gallery(a=0.25, b=0.65, c=0.15, d=0.35, e=0.95)
    assert found(people) == [("e", 10**6), ("b", 10**6), ("d", 1000), ("a", 100)]
    assert found(people, one_in=500) == [("e", 10**6), ("b", 10**6), ("d", 1000)]
    assert found(people, count=1) == [("e", 10**6)]
    assert found(gallery(c=0.15)) == []
    assert found(Gallery.of(SPACE, [])) == []


def test_spaces_never_meet() -> None:
    other = SpaceId("another/1")
    for scale, probe in ((Calibration(other, POINTS), PROBE), (SCALE, template(1, other))):
        with pytest.raises(SpaceMismatch):
            lookalikes(probe, gallery(a=0.5), scale, 100, 5)


# -- no grant can come of it ---------------------------------------------------------------------


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{each.name}" for each in node.names)


def test_the_command_alone_imports_them() -> None:
    folders = ("kiosk", "models", "hardware", "config")
    importing = {
        str(path.relative_to(ROOT))
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if any(name.startswith(PACKAGE) for name in _imported(path))
    }
    own = {path for path in importing if path.startswith("kiosk/people/candidates/")}
    assert importing - own == {"kiosk/cli/people/candidates.py"}


def _reached(kind: object, seen: set[object]) -> set[object]:
    """Every type in the fields of a class, in theirs, and so on."""
    if kind in seen:
        return seen
    seen.add(kind)
    inner = set(get_args(kind))
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        inner |= set(get_type_hints(kind).values())
    for each in inner:
        _reached(each, seen)
    return seen


@pytest.mark.parametrize("event", [Observed, Identified, Opinion])
def test_nothing_that_the_access_machine_is_told_holds_one(event: type) -> None:
    told = _reached(event, set())
    assert CandidateList in told
    assert Candidate in told
    assert Lookalike not in told


def test_it_has_nothing_that_a_decision_reads() -> None:
    def said(kind: type) -> set[str]:
        return {name for name in dir(kind) if not name.startswith("_")}

    assert said(Lookalike) == {"might_be", "one_in"}
    assert not said(Lookalike) & (said(Candidate) | said(CandidateList))
    assert Lookalike.__mro__ == (Lookalike, object)
