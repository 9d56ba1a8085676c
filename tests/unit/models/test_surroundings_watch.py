"""The movement beside a face: right about shifts that were made, silent where it cannot tell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hardware.camera.codec import cv2
from kiosk.domain.vision.face import Box, EyeClosure, Face, Pose
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from models.surroundings import MOST_SECONDS, SurroundingsWatch

WIDE, HIGH = 640, 480
BOX = Box(270.0, 170.0, 100.0, 140.0)
NO_MESH = np.zeros((478, 2), np.float32)


def face(box: Box = BOX) -> Face:
    return Face(box, NO_MESH, Pose(0.0, 0.0, 0.0), EyeClosure(0.0, 0.0))


def scene(seed: int = 0) -> Pixels:
    """Blots of all sizes."""
    chance = np.random.default_rng(seed)
    blots = sum(
        cv2.resize(
            chance.normal(0.0, 40.0, (HIGH // grain, WIDE // grain, 3)),
            (WIDE, HIGH),
            interpolation=cv2.INTER_CUBIC,
        )
        for grain in (4, 8, 16)
    )
    return np.clip(128.0 + np.asarray(blots), 0, 255).astype(np.uint8)


def moved(pixels: Pixels, right: float, down: float) -> Pixels:
    shift = np.array([[1.0, 0.0, right], [0.0, 1.0, down]])
    return np.asarray(cv2.warpAffine(pixels, shift, (WIDE, HIGH), borderMode=cv2.BORDER_REFLECT))


def with_face(behind: Pixels, front: Pixels) -> Pixels:
    """One picture in the place of the face, another around it."""
    made = behind.copy()
    inner = (slice(165, 315), slice(265, 375))
    made[inner] = front[inner]
    return made


def frame(pixels: Pixels, at: float = 0.0) -> Frame:
    return Frame(pixels, Instant(at), 0)


def stepped(before: Pixels, after: Pixels, seconds: float = 0.066, box: Box = BOX) -> object:
    watch = SurroundingsWatch()
    assert watch.motion(frame(before), face(box)) is None
    return watch.motion(frame(after, seconds), face(box))


def near(told: object, right: float, down: float) -> bool:
    return told == (pytest.approx(right, abs=0.01), pytest.approx(down, abs=0.01))


def test_all_of_a_picture_moves_as_one() -> None:
    step = stepped(scene(), moved(scene(), 4.0, -3.0))
    assert near(step.face, 0.04, -0.03)  # type: ignore[attr-defined] # a step, or the test fails
    assert near(step.left, 0.04, -0.03)  # type: ignore[attr-defined] # the same
    assert near(step.right, 0.04, -0.03)  # type: ignore[attr-defined] # the same


def test_a_face_moves_before_what_keeps_still() -> None:
    room, head = scene(0), scene(1)
    step = stepped(with_face(room, head), with_face(room, moved(head, -5.0, 2.0)))
    assert near(step.face, -0.05, 0.02)  # type: ignore[attr-defined] # the same
    assert near(step.left, 0.0, 0.0)  # type: ignore[attr-defined] # the same
    assert near(step.right, 0.0, 0.0)  # type: ignore[attr-defined] # the same


def test_each_side_is_told_by_its_own_name() -> None:
    other = scene()
    other[:, :200] = moved(scene(), 6.0, 0.0)[:, :200]
    step = stepped(scene(), other)
    assert near(step.left, 0.06, 0.0)  # type: ignore[attr-defined] # the same
    assert near(step.right, 0.0, 0.0)  # type: ignore[attr-defined] # the same


def test_steps_are_measured_in_widths_of_the_face_before() -> None:
    watch = SurroundingsWatch()
    watch.motion(frame(scene()), face())
    twice = Box(BOX.x - 10.0, BOX.y - 10.0, 200.0, 280.0)
    step = watch.motion(frame(moved(scene(), 4.0, 0.0), 0.066), face(twice))
    assert step is not None
    assert near(step.face, 0.04, 0.0)


@pytest.mark.parametrize("seconds", [0.0, -0.066, MOST_SECONDS + 0.001])
def test_frames_that_do_not_follow_one_another_are_not_compared(seconds: float) -> None:
    assert stepped(scene(), scene(), seconds) is None


def test_a_frame_within_the_time_is_compared() -> None:
    assert stepped(scene(), scene(), MOST_SECONDS) is not None


def test_a_frame_of_another_size_is_not_compared() -> None:
    assert stepped(scene(), np.ascontiguousarray(scene()[:-2])) is None


@pytest.mark.parametrize(
    "box",
    [
        replace(BOX, x=20.0),
        replace(BOX, x=520.0),
        Box(120.0, 20.0, 400.0, 440.0),
        replace(BOX, y=-140.0, height=20.0),
        replace(BOX, width=8.0, height=10.0),
    ],
)
def test_a_face_with_too_little_beside_it_is_not_judged(box: Box) -> None:
    assert stepped(scene(), scene(), box=box) is None


def test_after_such_a_face_the_next_frame_is_compared_with_none() -> None:
    watch = SurroundingsWatch()
    watch.motion(frame(scene()), face())
    watch.motion(frame(scene(), 0.066), face(replace(BOX, x=20.0)))
    assert watch.motion(frame(scene(), 0.132), face()) is None


def test_no_pixel_is_kept_longer_than_to_the_next_frame() -> None:
    """Of a frame three small grey squares are kept, and only the last frame's."""
    watch = SurroundingsWatch()
    for at in range(5):
        watch.motion(frame(scene(at), at * 0.066), face())
    kept = watch._before
    assert kept is not None
    assert [patch.nbytes for patch in kept.patches] == [64 * 64 * 4] * 3
    assert kept.at == pytest.approx(4 * 0.066)
