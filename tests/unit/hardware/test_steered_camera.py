from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import cv2
import numpy as np
import pytest
from drawn_portraits import drawn, shown

from hardware.sim.paper import nodded
from hardware.sim.steered import Posture, SteeredCamera
from kiosk.domain.errors import CameraLost, EndOfSource
from kiosk.domain.vision.frame import Frame

FPS = 10.0
AWAY, STRAIGHT = Posture(there=False), Posture()


def played(postures: Iterable[Posture]) -> list[Frame]:
    camera = SteeredCamera(drawn(), iter(postures), fps=FPS)
    frames = []
    try:
        while True:
            frames.append(camera.read(1.0))
    except EndOfSource:
        return frames


def test_nobody_is_seen_until_somebody_walks_up_and_after_they_left() -> None:
    frames = played([AWAY] * 3 + [STRAIGHT] * 20 + [AWAY] * 2)
    heights = [shown(frame.pixels).height for frame in frames]
    assert set(heights[:3]) == {0.0} == set(heights[-2:])
    assert 0.0 < heights[3] < heights[18] == pytest.approx(0.42 * 480, abs=8)
    assert [frame.captured_at for frame in frames] == pytest.approx(np.arange(25) / FPS)


def test_each_visit_looks_alike_however_long_the_room_was_empty() -> None:
    short, long = ([AWAY] * pause + [STRAIGHT] * 20 for pause in (2, 9))
    first, second = played(short)[-1].pixels, played(long)[-1].pixels
    assert shown(first) == shown(second)


def test_the_noise_of_an_empty_room_does_not_look_like_a_wall_that_moves() -> None:
    empty = [frame.pixels.mean(axis=2) for frame in played([AWAY] * 9)]
    noise = [picture - np.mean(empty, axis=0) for picture in empty]
    for before, after in pairwise(noise):
        _, peak = cv2.phaseCorrelate(before, after)
        assert peak < 0.1


@pytest.mark.parametrize("asked", [Posture(turn=24.0), Posture(nod=-15.0)])
def test_a_head_turns_and_bends_as_it_is_told_and_back(asked: Posture) -> None:
    usual = played([STRAIGHT] * 40)
    told = played([STRAIGHT] * 20 + [asked] * 10 + [STRAIGHT] * 10)
    same = [np.array_equal(a.pixels, b.pixels) for a, b in zip(usual, told, strict=True)]
    assert all(same[:20])
    assert not any(same[20:30])
    assert all(same[35:])


@pytest.mark.parametrize(("degrees", "rows"), [(15.0, slice(1, None)), (-15.0, slice(None, -1))])
def test_a_nose_moves_down_or_up_and_what_is_beside_the_head_stays(
    degrees: float, rows: slice
) -> None:
    portrait = drawn()
    made = nodded(portrait, degrees)
    assert made.shape == portrait.pixels.shape
    assert np.array_equal(made[:, :3], portrait.pixels[:, :3])
    assert not np.array_equal(made[rows], portrait.pixels[rows])


def test_a_card_is_held_into_the_corner() -> None:
    card = np.zeros((40, 40, 3), np.uint8)
    frame = played([Posture(card=card)])[0]
    assert frame.pixels[-40:, -40:].mean() < 10.0 < frame.pixels[:40, :40].mean()


def test_it_ends_with_the_last_posture_and_is_lost_once_closed() -> None:
    camera = SteeredCamera(drawn(), iter([AWAY]))
    camera.read(1.0)
    with pytest.raises(EndOfSource):
        camera.read(1.0)
    camera.close()
    with pytest.raises(CameraLost):
        camera.read(1.0)
