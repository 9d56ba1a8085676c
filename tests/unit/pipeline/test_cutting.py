"""The picture that a service is shown: one face, with as much around it as nobody else is in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from doorway import MEASURES
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.vision.face import Box, EyeClosure, Face, Pose
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.pipeline.identification.cutting import AROUND, LEAST_AROUND, Cutting, cut_out, worth

WIDTH, HEIGHT = 640, 480
SHE = Box(270, 190, 100, 100)


def face(box: Box) -> Face:
    return Face(box, np.zeros((478, 2), np.float32), Pose(0, 0, 0), EyeClosure(0, 0))


def frame(*boxes: Box) -> Frame:
    """Each face is filled with its number."""
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for number, box in enumerate(boxes, 1):
        x, y = max(int(box.x), 0), max(int(box.y), 0)
        pixels[y : int(box.y + box.height), x : int(box.x + box.width)] = number
    return Frame(pixels, Instant(7.0), 0)


def cut(own: Box, *others: Box) -> Cutting | None:
    return cut_out(frame(own, *others), face(own), MEASURES, map(face, others))


def test_a_face_is_cut_out_with_its_surroundings() -> None:
    cutting = cut(SHE)
    assert cutting is not None
    side = round(100 * (1 + 2 * AROUND))
    assert cutting.pixels.shape == (side, side, 3)
    assert cutting.captured_at == 7.0
    assert (cutting.pixels == 1).sum() == 100 * 100 * 3


def test_it_holds_on_to_no_frame_and_shows_nothing_of_itself() -> None:
    seen = frame(SHE)
    cutting = cut_out(seen, face(SHE), MEASURES, ())
    assert cutting is not None
    assert not np.shares_memory(cutting.pixels, seen.pixels)
    assert "pixels" not in repr(cutting)


@pytest.mark.parametrize("box", [Box(0, 0, 80, 80), Box(560, 400, 80, 80), Box(-5, 100, 90, 90)])
def test_it_ends_at_the_frames_edge(box: Box) -> None:
    cutting = cut(box)
    assert cutting is not None
    assert cutting.pixels.shape[0] <= HEIGHT
    assert cutting.pixels.shape[1] <= WIDTH


@pytest.mark.parametrize(("side", "taken"), [(49.9, False), (50.0, True)])
def test_a_small_face_is_not_cut_out(side: float, *, taken: bool) -> None:
    """R8."""
    assert (cut(Box(200, 200, side, 80)) is not None) is taken


@pytest.mark.parametrize(
    "other",
    [Box(430, 190, 80, 80), Box(130, 190, 80, 80), Box(280, 50, 80, 80), Box(280, 355, 80, 80)],
)
def test_whoever_is_behind_her_shoulder_is_left_out(other: Box) -> None:
    cutting = cut(SHE, other)
    assert cutting is not None
    assert (cutting.pixels == 1).sum() == 100 * 100 * 3
    assert not (cutting.pixels == 2).any()


def test_whoever_stands_cheek_by_cheek_is_not_cut_out() -> None:
    assert cut(SHE, Box(375, 190, 100, 100)) is None
    assert cut(SHE, Box(300, 220, 60, 60)) is None


@given(
    st.lists(
        st.builds(
            Box,
            st.floats(-50, WIDTH),
            st.floats(-50, HEIGHT),
            st.floats(10, 300),
            st.floats(10, 300),
        ),
        max_size=5,
    )
)
def test_wherever_others_are_none_of_them_is_in_it_and_she_is(others: list[Box]) -> None:
    seen = frame(SHE)
    cutting = cut_out(seen, face(SHE), MEASURES, map(face, others))
    if cutting is None:
        return
    height, width, _ = cutting.pixels.shape
    assert (cutting.pixels == 1).sum() == 100 * 100 * 3
    assert min(height, width) >= 100 * (1 + LEAST_AROUND)
    marked = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for box in others:
        x, y = max(int(box.x), 0), max(int(box.y), 0)
        marked[y : max(int(box.y + box.height), 0), x : max(int(box.x + box.width), 0)] = 1
    again = cut_out(replace(seen, pixels=marked), face(SHE), MEASURES, map(face, others))
    assert again is not None
    assert not again.pixels.any()


def test_the_best_view_is_sharp_large_open_eyed_and_from_the_front() -> None:
    best = replace(MEASURES, sharpness=80.0, size_px=220.0, eyes_closed=0.0)
    assert worth(best) == 1.0
    for worse in (
        {"sharpness": 30.0},
        {"size_px": 80.0},
        {"yaw": 20.0},
        {"pitch": -20.0},
        {"eyes_closed": 0.5},
    ):
        assert 0.0 <= worth(replace(best, **worse)) < 1.0
    assert worth(replace(best, yaw=90.0)) == 0.0
