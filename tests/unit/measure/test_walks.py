"""Walks in memory, and the witness who writes down when somebody came."""

from __future__ import annotations

from collections.abc import Sequence

import measured_people as people
import numpy as np
import pytest
from scripted_camera import noise

from kiosk.domain.access.machine import Decision, Event, Observed, Reason
from kiosk.domain.errors import CameraLost, EndOfSource
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.door.effect_runner import DecisionOutcome
from kiosk.measure.walks import FrameCost, RepeatedCamera, Witness, play, seconds_to_release
from kiosk.measure.watching import frames_of
from kiosk.pipeline.stopwatch import Stopwatch

ABSENCE = 0.7


class Occupied:
    """Somebody is in the lane at these times."""

    def __init__(self, *spans: tuple[float, float]) -> None:
        self._spans = spans
        self.closed = False

    def observe(self, frame: Frame, *, measured: bool = True) -> Observed:  # noqa: ARG002 - the same
        at = frame.captured_at
        if any(begins <= at < ends for begins, ends in self._spans):
            return people.seen(at, 0.9)
        return Observed(at, ())

    def may_decide(self, _at: Instant, /) -> bool:
        return False

    def answers(self, now: Instant) -> Sequence[Event]:  # noqa: ARG002 - nothing comes late
        return ()

    def close(self) -> None:
        self.closed = True


def watched(observer: Occupied, seconds: float, fps: float = 10.0) -> Witness:
    times = iter(np.arange(0.0, seconds + 1.0, 1 / fps))
    witness = Witness(observer, ABSENCE, now=lambda: float(next(times)))
    for frame in frames_of(RepeatedCamera([noise(1)], fps, round(seconds * fps))):
        witness.observe(frame)
    return witness


def outcome(at: float, release_ms: float | None) -> DecisionOutcome:
    granted = release_ms is not None
    reason = Reason.MATCHED if granted else Reason.NOT_RECOGNISED
    return DecisionOutcome(Decision(Instant(at), reason, None), release_ms)


def test_a_walk_is_repeated_and_time_goes_on() -> None:
    pictures = [noise(i) for i in range(3)]
    frames = list(frames_of(RepeatedCamera(pictures, 10.0, 2)))
    assert [frame.index for frame in frames] == list(range(6))
    assert [frame.captured_at for frame in frames] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert frames[4].pixels is pictures[1]


def test_a_repeated_camera_ends_and_can_be_closed() -> None:
    camera = RepeatedCamera([noise(1)], 10.0, 1)
    camera.read(1.0)
    with pytest.raises(EndOfSource):
        camera.read(1.0)
    camera.close()
    camera.close()
    with pytest.raises(CameraLost):
        camera.read(1.0)


def test_each_arrival_is_the_first_frame_in_the_lane() -> None:
    witness = watched(Occupied((1.0, 2.0), (4.0, 5.0)), 6.0)
    assert witness.arrivals() == pytest.approx((1.0, 4.0))


def test_a_blink_of_absence_is_no_new_arrival() -> None:
    witness = watched(Occupied((1.0, 2.0), (2.5, 3.0)), 4.0)
    assert witness.arrivals() == pytest.approx((1.0,))


def test_frames_are_counted_once_warm() -> None:
    somebody = Occupied((0.0, 9.0))
    assert watched(somebody, 4.0, fps=10.0).frames_per_second() == pytest.approx(10.0)
    assert watched(somebody, 1.0, fps=10.0).frames_per_second() is None


def test_frames_of_nobody_and_frames_without_measures_make_no_kiosk_faster() -> None:
    times = iter([0.0, 1.0, 1.1, 1.2, 1.21, 1.22, 1.32, 1.33])
    witness = Witness(Occupied((0.0, 0.35), (0.5, 0.65)), ABSENCE, now=lambda: next(times))
    for number in range(8):
        frame = Frame(noise(1), Instant(number / 10), number)
        witness.observe(frame, measured=number != 6)
    assert witness.frames_per_second(walking_up=True) == pytest.approx(10.0)
    assert witness.frames_per_second() == pytest.approx(6 / 0.33)


def test_a_witness_ends_what_it_watched() -> None:
    observer = Occupied()
    Witness(observer, ABSENCE).close()
    assert observer.closed


def test_waits_run_from_arrival_to_the_doors_answer() -> None:
    outcomes = [outcome(1.5, 50.0), outcome(4.7, 100.0)]
    assert seconds_to_release([1.0, 4.0], outcomes) == pytest.approx([0.55, 0.8])


def test_only_the_first_release_of_a_walk_counts() -> None:
    outcomes = [outcome(1.2, None), outcome(1.5, 50.0), outcome(3.0, 50.0)]
    assert seconds_to_release([1.0, 4.0], outcomes) == pytest.approx([0.55])


def test_who_was_not_let_in_waited_for_nothing() -> None:
    assert seconds_to_release([1.0], [outcome(2.0, None)]) == []
    assert seconds_to_release([], [outcome(2.0, 10.0)]) == []


class Recorded:
    """Measures every frame, and keeps what it is told."""

    def __init__(self, events: list[Event]) -> None:
        self._events = events

    def gathers(self, at: Instant) -> bool:  # noqa: ARG002 - the same at any time
        return True

    def handle(self, event: Event) -> None:
        self._events.append(event)


def test_playing_times_every_frame_and_decides_in_order() -> None:
    events: list[Event] = []
    done: list[int] = []
    costs: list[FrameCost] = []
    stopwatch = Stopwatch()
    camera = RepeatedCamera([noise(1)], 10.0, 5)
    session = Recorded(events)
    for cost in play(camera, Occupied((0.0, 0.25)), session, stopwatch):
        costs.append(cost)
        done.append(len(events))
    taken = stopwatch.milliseconds()
    assert [len(taken[stage]) for stage in ("frame", "decide")] == [5, 5]
    assert _times(events) == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4])
    assert done == [1, 2, 3, 4, 5], "what was decided is carried out before the next frame"
    assert [cost.walking_up for cost in costs] == [True, True, True, False, False]
    assert all(cost.processor_ms >= 0.0 for cost in costs)


def _times(events: Sequence[Event]) -> list[float]:
    return [event.at for event in events]
