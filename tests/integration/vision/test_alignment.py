"""Where a face is put before a network sees it, held against an independent solution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hardware.camera.codec import cv2
from kiosk.domain.vision.face import Box
from models.alignment import (
    ALIGNED_SIZE,
    ARCFACE_112,
    FIVE_OF_478,
    aligned,
    grown_crop,
    similarity,
)

Points = NDArray[np.float64]
SIZES = st.floats(0.2, 5.0)
TURNS = st.floats(-3.1, 3.1)
SHIFTS = st.floats(-300.0, 300.0)
SEEDS = st.integers(0, 2**32 - 1)


def oracle(source: Points, target: Points) -> Points:
    """The same least squares by Umeyama's singular values, as published."""
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    centred = source - source_mean
    u, sigma, vt = np.linalg.svd((target - target_mean).T @ centred / len(source))
    flip = np.diag([1.0, np.sign(np.linalg.det(u @ vt))])
    rotation = u @ flip @ vt
    scale = (sigma * np.diag(flip)).sum() / (centred**2).sum() * len(source)
    shift = target_mean - scale * rotation @ source_mean
    return np.hstack([scale * rotation, shift[:, None]])


def moved(points: Points, matrix: Points) -> Points:
    return points @ matrix[:, :2].T + matrix[:, 2]


@given(SEEDS, st.floats(0.0, 40.0))
def test_it_is_the_least_squares_similarity(seed: int, noise: float) -> None:
    rng = np.random.default_rng(seed)
    source = rng.uniform(0, 640, (5, 2))
    target = ARCFACE_112 + rng.normal(0, noise, (5, 2))
    assert similarity(source, target) == pytest.approx(oracle(source, target), abs=1e-6)


@given(SEEDS, SIZES, TURNS, SHIFTS, SHIFTS)
def test_an_exact_similarity_is_found_again(
    seed: int, size: float, turn: float, across: float, down: float
) -> None:
    a, b = size * np.cos(turn), size * np.sin(turn)
    matrix = np.array([[a, -b, across], [b, a, down]])
    source = np.random.default_rng(seed).uniform(0, 640, (5, 2))
    assert similarity(source, moved(source, matrix)) == pytest.approx(matrix, abs=1e-6)


def test_opencv_finds_the_same_where_the_points_are_exact() -> None:
    source = (ARCFACE_112 - 56.0) @ np.array([[2.1, 0.4], [-0.4, 2.1]]) + (320.0, 200.0)
    robust, inliers = cv2.estimateAffinePartial2D(source, ARCFACE_112)
    assert inliers.all()
    assert similarity(source, ARCFACE_112) == pytest.approx(robust, abs=1e-3)


def test_a_face_is_never_mirrored() -> None:
    """Even where mirrored points would fit best."""
    mirrored = ARCFACE_112 * (-1.0, 1.0) + (112.0, 0.0)
    matrix = similarity(mirrored, ARCFACE_112)
    assert np.linalg.det(matrix[:, :2]) > 0.0


@pytest.mark.parametrize("turn", [0.0, 20.0, -35.0])
def test_five_marks_come_where_arcface_wants_them(turn: float) -> None:
    marks = moved(ARCFACE_112, cv2.getRotationMatrix2D((56.0, 56.0), turn, 2.5))
    marks += np.array([250.0, 180.0])
    picture = np.zeros((480, 640, 3), np.uint8)
    mesh = np.zeros((478, 2), np.float32)
    mesh[list(FIVE_OF_478)] = marks
    for x, y in marks:
        cv2.circle(picture, (round(x), round(y)), 5, (255, 255, 255), -1)
    crop = aligned(picture, mesh)
    assert crop.shape == (ALIGNED_SIZE, ALIGNED_SIZE, 3)
    for x, y in ARCFACE_112:
        assert crop[round(y), round(x)].min() > 200
    assert crop.mean() < 20


# -- the crop for attack detection ---------------------------------------------------------------


def test_a_box_in_the_middle_is_grown_about_its_centre() -> None:
    picture = np.full((480, 640, 3), 50, np.uint8)
    picture[190:290, 270:370] = 200
    crop = grown_crop(picture, Box(270.0, 190.0, 100.0, 100.0), 2.0, 128)
    assert crop.shape == (128, 128, 3)
    bright = np.argwhere(crop[..., 0] > 125)
    assert bright.min(axis=0) == pytest.approx([32, 32], abs=1.5)
    assert bright.max(axis=0) == pytest.approx([95, 95], abs=1.5)


@pytest.mark.parametrize("corner", [(-20.0, -20.0), (580.0, -20.0), (-20.0, 420.0), (580.0, 420.0)])
def test_a_box_at_a_corner_is_shifted_back_into_the_picture(corner: tuple[float, float]) -> None:
    picture = np.full((480, 640, 3), 90, np.uint8)
    crop = grown_crop(picture, Box(*corner, 100.0, 100.0), 2.7, 128)
    assert np.unique(crop).tolist() == [90]


@pytest.mark.parametrize("grow", [1.0, 2.7, 40.0])
def test_a_face_larger_than_its_picture_is_shown_as_far_as_it_goes(grow: float) -> None:
    picture = np.random.default_rng(1).integers(0, 255, (120, 160, 3), np.uint8)
    assert grown_crop(picture, Box(-40.0, -40.0, 240.0, 200.0), grow, 128).shape == (128, 128, 3)
