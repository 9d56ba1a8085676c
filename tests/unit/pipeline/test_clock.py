from __future__ import annotations

import time
from datetime import UTC, datetime

import numpy as np
import pytest
from hand_clock import HandClock

from kiosk.domain.errors import EndOfSource
from kiosk.domain.ports import Clock
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.pipeline.clock import FollowedCamera, ReplayClock, SystemClock

PIXELS = np.zeros((2, 2, 3), np.uint8)


def frame(at: float) -> Frame:
    return Frame(PIXELS, Instant(at), 0)


class OneFrame:
    """A camera of one frame."""

    def __init__(self, only: Frame) -> None:
        self.left = [only]
        self.closed = False

    def read(self, timeout: float) -> Frame:  # noqa: ARG002 - the port's own signature
        if not self.left:
            raise EndOfSource
        return self.left.pop()

    def close(self) -> None:
        self.closed = True


def test_the_system_clock_is_that_of_the_machine() -> None:
    before, now, after = time.monotonic(), SystemClock().monotonic(), time.monotonic()
    assert before <= now <= after


@pytest.mark.parametrize("clock", [SystemClock(), ReplayClock()])
def test_the_wall_clock_is_now_and_utc(clock: Clock) -> None:
    before, now, after = datetime.now(UTC), clock.utc(), datetime.now(UTC)
    assert before <= now <= after
    assert now.tzinfo is UTC


def test_replay_time_is_the_frames_time_plus_the_work_since() -> None:
    real = HandClock()
    clock = ReplayClock(real.monotonic)
    clock.follow(frame(40.0))
    assert clock.monotonic() == 40.0
    real.pass_(0.03)
    assert clock.monotonic() == pytest.approx(40.03)


def test_a_slow_machine_does_not_fall_behind_the_recording() -> None:
    real = HandClock()
    clock = ReplayClock(real.monotonic)
    for at in (1.0, 1.1, 1.2):
        clock.follow(frame(at))
        real.pass_(5.0)
    clock.follow(frame(1.3))
    assert clock.monotonic() == pytest.approx(1.3)


def test_replay_time_is_never_before_its_frame() -> None:
    real = HandClock()
    clock = ReplayClock(real.monotonic)
    clock.follow(frame(1.0))
    real.pass_(-3.0)
    assert clock.monotonic() == 1.0


def test_a_followed_camera_moves_the_clock_and_stays_a_camera() -> None:
    clock = ReplayClock(HandClock().monotonic)
    inner = OneFrame(frame(12.5))
    camera = FollowedCamera(inner, clock)
    assert camera.read(1.0).captured_at == 12.5
    assert clock.monotonic() == 12.5
    with pytest.raises(EndOfSource):
        camera.read(1.0)
    camera.close()
    assert inner.closed
