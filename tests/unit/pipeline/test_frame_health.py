from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scripted_camera import black, frames, noise

from kiosk.domain.vision.frame import Frame, Instant, Pixels
from kiosk.pipeline.frame_health import FrameWatch


def complaints(*pictures: Pixels, start: float = 0.0) -> list[str | None]:
    watch = FrameWatch(frozen_seconds=1.5, black_seconds=1.0)
    return [watch.check(frame) for frame in frames(pictures, start)]


def test_a_living_picture_is_never_complained_of() -> None:
    assert complaints(*(noise(i) for i in range(50))) == [None] * 50


@pytest.mark.parametrize("start", [0.0, 5000.0])
def test_a_frozen_picture_is_noticed_after_its_time(start: float) -> None:
    said = complaints(*(noise(1) for _ in range(17)), start=start)
    assert said[:15] == [None] * 15
    assert "not changed for 1.5 s" in str(said[15])


def test_one_change_begins_the_time_anew() -> None:
    pictures = [noise(1)] * 14 + [noise(2)] * 14
    assert complaints(*pictures) == [None] * 28


def test_a_frozen_picture_that_moves_again_is_well() -> None:
    assert complaints(*[noise(1)] * 20, noise(2))[-1] is None


def test_a_camera_that_alternates_between_two_frames_is_not_called_frozen() -> None:
    assert complaints(*([noise(1), noise(2)] * 15)) == [None] * 30


@pytest.mark.parametrize("start", [0.0, 5000.0])
def test_a_black_picture_is_noticed_though_its_noise_changes(start: float) -> None:
    said = complaints(*(black(i) for i in range(12)), start=start)
    assert said[:10] == [None] * 10
    assert "black for 1 s" in str(said[10])


def test_a_light_that_comes_on_ends_the_black() -> None:
    said = complaints(*(black(i) for i in range(12)), noise(1))
    assert said[-1] is None


def test_a_dark_room_with_one_lamp_is_not_black() -> None:
    def room(seed: int) -> Pixels:
        picture = black(seed)
        picture[20:28, 20:28] = 200
        return picture

    assert complaints(*(room(i) for i in range(30))) == [None] * 30


def test_a_bright_blank_wall_is_frozen_not_black() -> None:
    wall = np.full((48, 64, 3), 255, np.uint8)
    assert "changed" in str(complaints(*[wall] * 20)[-1])


def test_a_dead_black_picture_is_called_black() -> None:
    nothing = np.zeros((48, 64, 3), np.uint8)
    assert "black" in str(complaints(*[nothing] * 20)[-1])


def test_a_change_of_size_is_a_change() -> None:
    watch = FrameWatch(1.0, 1.0)
    grey = np.full((48, 64, 3), 90, np.uint8)
    watch.check(Frame(grey, Instant(0.0), 0))
    assert watch.check(Frame(grey[:24], Instant(1.0), 1)) is None


def test_liveliness_takes_two_different_bright_frames() -> None:
    watch = FrameWatch(1.0, 1.0)
    said = []
    for frame in frames([noise(1), noise(2), noise(2), black(3), black(4), noise(5)]):
        watch.check(frame)
        said.append(watch.lively)
    assert said == [False, True, False, False, False, True]


def test_a_reset_forgets() -> None:
    watch = FrameWatch(1.0, 1.0)
    first, last = frames([noise(1), noise(1)], fps=0.5)
    watch.check(first)
    watch.reset()
    assert watch.check(last) is None
    assert not watch.lively


def fresh(*pictures: Pixels, fps: float = 10.0) -> list[Frame]:
    return [replace(frame, fresh=True) for frame in frames(pictures, fps=fps)]


def test_a_still_scene_whose_time_goes_on_is_not_frozen_and_shows_nobody() -> None:
    watch = FrameWatch(frozen_seconds=1.5, black_seconds=1.0)
    still = []
    for frame in fresh(*[noise(1)] * 50):
        assert watch.check(frame) is None
        still.append(watch.still)
    assert still == [False] * 15 + [True] * 35


def test_what_moves_again_is_not_still() -> None:
    watch = FrameWatch(frozen_seconds=1.5, black_seconds=1.0)
    for frame in fresh(*[noise(1)] * 30, noise(2)):
        watch.check(frame)
    assert not watch.still


def test_a_still_scene_whose_time_stands_is_frozen() -> None:
    watch = FrameWatch(frozen_seconds=1.5, black_seconds=1.0)
    pictures = fresh(*[noise(1)] * 5) + frames([noise(1)] * 17, start=0.5)
    assert "not changed" in str([watch.check(frame) for frame in pictures][-1])


def test_a_still_scene_proves_that_the_camera_works() -> None:
    watch = FrameWatch(1.0, 1.0)
    said = []
    for frame in fresh(noise(1), noise(1)):
        watch.check(frame)
        said.append(watch.lively)
    assert said == [False, True]


@pytest.mark.parametrize(("fps", "slow"), [(1.0, True), (2.9, True), (3.1, False), (15.0, False)])
def test_a_camera_that_gives_too_few_frames_is_told_so(fps: float, slow: bool) -> None:  # noqa: FBT001 - a table
    watch = FrameWatch(1.5, 1.5)
    said = [watch.check(frame) for frame in frames([noise(i) for i in range(200)], fps=fps)]
    assert (said[-1] is not None) is slow
    assert watch.slow is slow
    if slow:
        assert "frames a second come, and 3 are needed" in str(said[-1])


def test_frames_that_nobody_looked_at_count_too() -> None:
    watch = FrameWatch(1.5, 1.5)
    for number in range(0, 300, 15):
        assert watch.check(Frame(noise(number), Instant(number / 15), number)) is None


def test_a_slow_camera_that_is_opened_again_has_to_prove_itself() -> None:
    watch = FrameWatch(1.5, 1.5)
    for frame in frames([noise(i) for i in range(9)], fps=1.0):
        watch.check(frame)
    watch.reset()
    lively = []
    for frame in frames([noise(i) for i in range(100)], fps=15.0):
        watch.check(frame)
        lively.append(watch.lively)
    assert not any(lively[:60])
    assert all(lively[60:])
