"""Which frames are measured: fewer than a camera gives, and nobody waits longer for it."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from doorway import MEASURES, POLICY, SPACE
from hypothesis import given
from hypothesis import strategies as st

from config.settings import Settings
from kiosk.domain.access.machine import Admit, Admitting, Idle, Observed, State, advance
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.comparison import Candidate, CandidateList
from kiosk.domain.vision.face import Box, EyeClosure, Face, Found, Pose
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.lane import Lane
from kiosk.domain.vision.quality import Defect, QualityMeasures
from kiosk.domain.vision.template import SubjectId
from kiosk.pipeline.pacing import EVERY_FRAME, LEAST_PER_SECOND, ProbePace, pace_of
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.pipeline.vision import SeeingPolicy, Stages, Vision

LANE = Lane(0.5, 0.5, 0.9, 0.21, 0.7, 0.1)
SETTINGS = Settings()
ACCESS = SETTINGS.access
USUAL = pace_of(
    (ACCESS.probes_required, ACCESS.span_seconds),
    (ACCESS.refusal_probes, ACCESS.refusal_span_seconds),
)
FACE = Face(
    Box(250, 160, 144, 160), np.zeros((478, 2), np.float32), Pose(0, 0, 0), EyeClosure(0, 0)
)
AT_THE_EDGE, BEYOND_IT = (replace(FACE, box=Box(x, 160, 144, 160)) for x in (335, 350))
PIXELS = np.zeros((480, 640, 3), np.uint8)


class Models:
    """Finds what it is told to, and counts the faces that it measures."""

    def __init__(self) -> None:
        self.found = Found((FACE,))
        self.measures = MEASURES
        self.pad = PadResult(1.0, "test/1")
        self.measured: list[float] = []

    def find(self, frame: Frame) -> Found:  # noqa: ARG002 - the port
        return self.found

    def measure(self, frame: Frame, face: Face) -> QualityMeasures:  # noqa: ARG002 - the port
        self.measured.append(frame.captured_at)
        return self.measures

    def assess(self, *_: object) -> PadResult:
        return self.pad

    def match(self, *_: object) -> CandidateList:
        return CandidateList(SPACE, (Candidate(SubjectId("ann"), 0.9),))


class Watched:
    """A vision over models that a test directs."""

    def __init__(self, pace: ProbePace = USUAL) -> None:
        self.models = Models()
        bounds, tracking = SETTINGS.quality.bounds(), SETTINGS.lane.tracking()
        policy = SeeingPolicy(LANE, tracking, bounds, 0.4, pace=pace)
        stages = Stages(*(cast("Any", self.models),) * 4)
        self.vision = Vision(stages, policy, Stopwatch())

    def see(self, at: float, *, measured: bool = True) -> Observed:
        return self.vision.observe(Frame(PIXELS, Instant(at), 0), measured=measured)


def admitted_at(watched: Watched, times: list[float], policy: AccessPolicy) -> float | None:
    """When the machine asks to admit the face that is seen at these times."""
    state: State = Idle()
    for at in times:
        step = advance(state, watched.see(at), policy)
        state = step.state
        if any(isinstance(effect, Admit) for effect in step.effects):
            assert isinstance(state, Admitting)
            return at
    return None


@pytest.mark.parametrize("fps", [30.0, 25.0, 60.0])
def test_fifteen_to_twenty_probes_a_second(fps: float) -> None:
    watched = Watched()
    for number in range(round(10 * fps)):
        watched.see(5.0 + number / fps)
    assert 15.0 <= len(watched.models.measured) / 10.0 <= 20.0


def test_a_slow_camera_loses_no_frame() -> None:
    watched = Watched()
    for number in range(30):
        watched.see(5.0 + number / 15.0)
    assert len(watched.models.measured) == 30


@given(
    st.sampled_from([8.0, 15.0, 24.0, 25.0, 30.0, 50.0, 60.0]),
    st.integers(5, 20),
    st.sampled_from([0.2, 0.375, 0.5, 1.0, 2.0]),
    st.lists(st.floats(-0.2, 0.2), min_size=150, max_size=150),
)
def test_nobody_waits_longer_than_with_each_frame_measured(
    fps: float, probes: int, span: float, jitter: list[float]
) -> None:
    policy = replace(
        POLICY,
        probes_required=probes,
        span_seconds=span,
        refusal_probes=2 * probes,
        refusal_span_seconds=2 * span,
        window_seconds=20.0,
        session_timeout_seconds=60.0,
    )
    times = [5.0 + (number + early) / fps for number, early in enumerate(jitter)]
    every = admitted_at(Watched(EVERY_FRAME), times, policy)
    pace = pace_of((probes, span), (2 * probes, 2 * span))
    paced = admitted_at(Watched(pace), times, policy)
    assert every is not None
    assert paced is not None
    assert paced == every


@pytest.mark.parametrize("fps", [30.0, 25.0, 15.0])
def test_the_settings_of_every_kiosk_decide_at_the_same_frame(fps: float) -> None:
    policy = SETTINGS.access_policy(SPACE, 0.6)
    times = [5.0 + number / fps for number in range(60)]
    every, paced = (admitted_at(Watched(pace), times, policy) for pace in (EVERY_FRAME, USUAL))
    assert every == paced


def test_long_runs_have_as_many_probes_as_they_need() -> None:
    assert pace_of((60, 0.5)).interval < 0.5 / 59
    assert pace_of((5, 0.5), (90, 1.5)).interval < 1.5 / 89
    assert pace_of((5, 5.0), (5, 10.0)).interval <= 1 / LEAST_PER_SECOND
    assert pace_of((1, 0.5)).interval <= 1 / LEAST_PER_SECOND


def test_a_poor_view_is_looked_at_again_at_once() -> None:
    watched = Watched()
    watched.models.measures = replace(MEASURES, sharpness=0.0)
    for number in range(6):
        watched.see(5.0 + number / 30)
    watched.models.measures = MEASURES
    (probe,) = watched.see(5.2).probes
    assert len(watched.models.measured) == 7
    assert probe.candidates is not None


def test_a_run_with_a_frame_that_failed_attack_detection_is_measured_in_each_frame() -> None:
    watched = Watched()
    watched.see(5.0)
    watched.models.pad = PadResult(0.1, "test/1")
    watched.see(5.1)
    watched.models.pad = PadResult(1.0, "test/1")
    for number in range(1, 9):
        (probe,) = watched.see(5.1 + number / 60).probes
        assert not probe.passed_over
    watched.models.found = Found(())
    watched.see(5.3)
    watched.models.found = Found((FACE,))
    seen = [watched.see(5.4 + number / 60).probes[0].passed_over for number in range(4)]
    assert any(seen), "the next run is paced again"


def test_a_face_that_moves_out_of_the_lane_is_told_so_at_once() -> None:
    watched = Watched()
    watched.models.found = Found((AT_THE_EDGE,))
    (before,) = watched.see(5.0).probes
    watched.models.found = Found((BEYOND_IT,))
    (probe,) = watched.see(5.033).probes
    assert probe.track == before.track
    assert before.candidates is not None
    assert not probe.passed_over
    assert probe.quality is not None
    assert probe.quality.defects == (Defect.OFF_LEFT,)


def test_another_face_is_measured_at_once_and_so_is_the_first_after_it() -> None:
    watched = Watched()
    (first,) = watched.see(5.0).probes
    watched.models.found = Found((replace(FACE, box=Box(330, 160, 144, 160)),))
    (other,) = watched.see(5.01).probes
    assert other.track != first.track
    assert not other.passed_over
    watched.models.found = Found((FACE,))
    (back,) = watched.see(5.02).probes
    assert not back.passed_over


def test_who_is_alone_is_judged_in_each_frame() -> None:
    watched = Watched()
    watched.see(5.0)
    beside = replace(FACE, box=Box(380, 160, 80, 90))
    watched.models.found = Found((FACE, beside))
    assert len(watched.see(5.01).probes) == 2
    watched.models.found = Found((FACE,))
    (after,) = watched.see(5.02).probes
    assert not after.passed_over, "the run was broken: the next one begins at once"


def test_time_that_stands_still_or_runs_back_passes_over_nothing_for_long() -> None:
    watched = Watched()
    for at in (5.0, 1.0, float("nan"), 1.01):
        watched.see(at)
    assert watched.models.measured[:2] == [5.0, 1.0]
    assert len(watched.models.measured) == 4


def test_nothing_is_measured_where_nothing_is_decided() -> None:
    watched = Watched()
    (probe,) = watched.see(5.0, measured=False).probes
    assert watched.models.measured == []
    assert (probe.quality, probe.passed_over) == (None, False)
    (again,) = watched.see(5.01).probes
    assert again.candidates is not None
    assert again.track == probe.track, "and who is there was followed meanwhile"
    watched.see(5.02, measured=False)
    watched.see(5.03)
    assert watched.models.measured == [5.01, 5.03]


def test_probes_are_spread_evenly() -> None:
    watched = Watched()
    for number in range(300):
        watched.see(5.0 + number / 30)
    gaps = [b - a for a, b in itertools.pairwise(watched.models.measured)]
    assert max(gaps) < 0.07
