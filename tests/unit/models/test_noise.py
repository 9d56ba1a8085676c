"""The measure of noise: right about noise that was added, deaf to faces, edges and slopes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.camera.codec import cv2
from kiosk.domain.vision.face import Box
from kiosk.domain.vision.frame import Pixels
from models.quality.noise import COARSE_WEIGHT, GAIN, face_noise, fine_noise, quiet_noise

BOX = Box(40.0, 30.0, 200.0, 260.0)


def slope() -> Pixels:
    """A surface that is lit from one side."""
    ramp = np.linspace(70, 180, 320)[None, :, None]
    return np.repeat(np.repeat(ramp, 320, axis=0), 3, axis=2).astype(np.uint8)


def with_noise(pixels: Pixels, noise: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Pixels:
    return np.clip(np.round(pixels + noise), 0, 255).astype(np.uint8)


def grain(deviation: float, size: int = 1) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Noise whose grains are so many pixels wide."""
    rng = np.random.default_rng(size)
    small = rng.normal(0.0, deviation, (320 // size, 320 // size, 3))
    return np.asarray(np.kron(small, np.ones((size, size, 1))), np.float64)[:320, :320]


SIDES = st.integers(16, 60)


@given(st.integers(0, 2**32 - 1), SIDES, SIDES, st.integers(0, 255))
def test_it_is_immerkaers_measure(seed: int, height: int, width: int, contrast: int) -> None:
    """Whatever the pixels are: the kernel as published, and percentiles by numpy."""
    low = (255 - contrast) // 2
    rng = np.random.default_rng(seed)
    pixels = rng.integers(low, low + contrast + 1, (height, width, 3)).astype(np.uint8)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    answers = cv2.filter2D(pixels, cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT_101)
    medians = np.sort(np.abs(answers).reshape(-1, 3), axis=0)[height * width // 2]
    assert fine_noise(pixels) == pytest.approx(medians.max() / (0.6745 * GAIN))
    squares = answers[: height // 4 * 4, : width // 4 * 4] ** 2
    energy = squares.reshape(height // 4, 4, width // 4, 4, 3).mean(axis=(1, 3))
    quiet = np.percentile(energy.reshape(-1, 3), 25, axis=0).max()
    assert quiet_noise(pixels, 4) == pytest.approx(np.sqrt(quiet) / GAIN, rel=1e-5)


@pytest.mark.parametrize("deviation", [5.0, 10.0, 20.0, 30.0])
def test_white_noise_is_told_by_its_deviation(deviation: float) -> None:
    pixels = with_noise(slope()[:, :320], grain(deviation))
    assert face_noise(pixels, BOX) == pytest.approx(deviation, rel=0.08)


def test_a_smooth_face_has_none() -> None:
    assert face_noise(slope(), BOX) < 1.0


def test_noise_of_one_colour_counts_as_much() -> None:
    """The luma hardly shows the noise of the blue."""
    blue = grain(20.0) * np.array([1.0, 0.0, 0.0])
    assert face_noise(with_noise(slope(), blue), BOX) == pytest.approx(20.0, rel=0.1)


def test_coarse_noise_counts_for_more() -> None:
    """It does not average out where the face is shown smaller."""
    coarse = face_noise(with_noise(slope(), grain(15.0, size=5)), BOX)
    assert coarse > 25.0 > face_noise(with_noise(slope(), grain(15.0)), BOX)


def test_lines_and_edges_are_no_noise() -> None:
    drawn = slope()
    for at in range(40, 240, 40):
        cv2.line(drawn, (at, 30), (at, 290), (20, 20, 20), 2)
    assert face_noise(drawn, BOX) < COARSE_WEIGHT


def test_a_face_at_the_edge_is_measured_as_far_as_it_is_seen() -> None:
    beyond = Box(-60.0, -40.0, 200.0, 260.0)
    assert face_noise(with_noise(slope(), grain(10.0)), beyond) == pytest.approx(10.0, rel=0.1)


@pytest.mark.parametrize("box", [Box(400.0, 30.0, 80.0, 80.0), Box(310.0, 30.0, 80.0, 80.0)])
def test_a_face_of_which_nothing_is_seen_has_no_known_noise(box: Box) -> None:
    """Unknown is refused."""
    assert math.isnan(face_noise(slope(), box))
