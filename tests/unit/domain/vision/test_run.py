"""Few frames of a run are compared, by the mean of their templates."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.errors import SpaceMismatch
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.run import ComparedRun, ComparisonPlan, mean_template
from kiosk.domain.vision.template import SpaceId, Template

SPACE = SpaceId("test/1")
PLAN = ComparisonPlan(comparisons=4, probes=10, span_seconds=0.5, agreement=0.5)


def template(degrees: float, space: SpaceId = SPACE) -> Template:
    """A direction in a plane; its cosine to another is that of the angle between."""
    at = math.radians(degrees)
    return Template(np.array([math.cos(at), math.sin(at)], np.float32), space)


def of(*degrees: float, plan: ComparisonPlan = PLAN) -> ComparedRun:
    run = ComparedRun(Instant(0.0))
    for index, angle in enumerate(degrees):
        run = run.counting().comparing(Instant(float(index)), template(angle), plan)
    return run


def due(fps: float, frames: int, plan: ComparisonPlan = PLAN) -> list[int]:
    """The frames that are compared, of a run at a steady rate; its times are exact in binary."""
    run, compared = ComparedRun(Instant(0.0)), []
    for index in range(frames):
        at = Instant(index / fps)
        if run.due(at, plan):
            compared.append(index)
            run = run.comparing(at, template(0.0), plan)
        run = run.counting()
    return compared


# -- the mean ------------------------------------------------------------------------------------


def test_the_mean_lies_between_and_has_unit_length() -> None:
    mean = mean_template([template(0.0), template(90.0)])
    assert mean.vector == pytest.approx(template(45.0).vector, abs=1e-6)
    assert mean.vector.dtype == np.float32
    assert mean.space == SPACE


def test_the_mean_of_one_is_that_one() -> None:
    assert mean_template([template(30.0)]).vector == pytest.approx(template(30.0).vector, abs=1e-6)


@pytest.mark.parametrize(
    "others",
    [
        [template(0.0, SpaceId("test/2"))],
        [Template(np.array([1.0, 0.0, 0.0], np.float32), SPACE)],
        [template(180.0)],
    ],
    ids=["of another space", "of another length", "that cancel each other out"],
)
def test_no_mean_of_templates(others: list[Template]) -> None:
    with pytest.raises(SpaceMismatch) as raised:
        mean_template([template(0.0), *others])
    assert raised.value.problem
    assert raised.value.remedy


def test_no_mean_of_nothing() -> None:
    with pytest.raises(SpaceMismatch, match="averaged"):
        mean_template([])


# -- which frames --------------------------------------------------------------------------------


def test_the_first_frame_the_last_one_that_a_grant_takes_and_two_between() -> None:
    assert due(16.0, 10) == [0, 3, 6, 9]


def test_they_go_on_at_the_same_pace() -> None:
    assert due(16.0, 19) == [0, 3, 6, 9, 12, 15, 18]


def test_at_a_fast_camera_the_span_decides() -> None:
    assert due(64.0, 33) == [0, 11, 22, 32]


@given(
    fps=st.floats(4.0, 60.0),
    comparisons=st.integers(2, 10),
    probes=st.integers(10, 30),
    span=st.floats(0.1, 2.0),
)
def test_a_grant_never_waits_for_a_comparison(
    fps: float, comparisons: int, probes: int, span: float
) -> None:
    """The frame that completes probes and span is compared, and no more before it than planned."""
    plan = ComparisonPlan(comparisons, probes, span, 0.5)
    completes = next(n for n in range(1000) if n + 1 >= probes and n / fps >= span)
    compared = due(fps, completes + 1, plan)
    assert compared[0] == 0
    assert compared[-1] == completes
    assert len(compared) == comparisons


def test_a_frame_that_could_not_be_compared_is_made_up_for_at_the_next() -> None:
    run = of(0.0).counting()
    assert not run.due(Instant(10.0), PLAN)
    assert run.counting().due(Instant(10.0), PLAN)
    assert run.counting().counting().due(Instant(10.0), PLAN)
    assert not run.counting().counting().due(Instant(0.125), PLAN)


def test_time_counts_from_the_first_frame() -> None:
    run = ComparedRun(Instant(100.0), frames=9, made=3)
    assert not run.due(Instant(100.25), PLAN)
    assert run.due(Instant(100.5), PLAN)


# -- one face ------------------------------------------------------------------------------------


def test_the_mean_is_over_the_newest_only_and_knows_since_when() -> None:
    run = of(80.0, 10.0, 20.0, 30.0, 40.0)
    assert run.mean.vector == pytest.approx(template(25.0).vector, abs=1e-6)
    assert (run.since, run.made, run.frames) == (1.0, 5, 5)
    assert of(80.0).since == 0.0


def test_no_template_is_kept_that_the_mean_does_not_take() -> None:
    assert len(of(*[0.0] * 9).newest) == PLAN.comparisons


def test_the_first_template_agrees_with_nothing_and_begins_the_run() -> None:
    assert ComparedRun(Instant(0.0)).agrees(template(180.0), PLAN)


def test_a_template_agrees_up_to_the_bound() -> None:
    plan = ComparisonPlan(4, 10, 0.5, float(np.float32(np.cos(np.float32(np.pi / 3)))))
    assert of(0.0).agrees(template(59.9), plan)
    assert not of(0.0).agrees(template(60.1), plan)


def test_it_is_held_against_the_mean_and_not_against_the_newest() -> None:
    run = of(0.0, 0.0, 0.0, 40.0)
    assert not run.agrees(template(80.0), PLAN)


def test_exactly_at_the_bound_it_is_the_same_face() -> None:
    plan = ComparisonPlan(4, 10, 0.5, 1.0)
    assert of(0.0).agrees(template(0.0), plan)


def test_a_run_prints_no_template() -> None:
    assert repr(of(45.0)) == "ComparedRun(1 of 1 frames since 0.0)"
