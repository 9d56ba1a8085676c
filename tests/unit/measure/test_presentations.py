"""Means of a few frames against means of a few others, over folders as presentations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kiosk.domain.errors import BadInput
from kiosk.domain.people.enrolment import SampleRefusal
from kiosk.measure.acquisition import Acquired
from kiosk.measure.presentations import PresentationResult, measure


def acquired(frames: dict[str, float], failed: int = 0) -> Acquired:
    """Frames by their path, each a direction in a plane, in degrees."""
    at = np.radians(list(frames.values()))
    vectors = np.stack([np.cos(at), np.sin(at)], axis=1).astype(np.float32)
    refused = {Path(f"x/{n}"): SampleRefusal.NO_FACE for n in range(failed)}
    return Acquired(tuple(map(Path, frames)), vectors, refused)


def walked(*folders: tuple[str, tuple[float, ...]]) -> dict[str, float]:
    return {f"{folder}/{n}": a for folder, angles in folders for n, a in enumerate(angles)}


def cosine(degrees: float) -> float:
    return float(np.cos(np.radians(degrees)))


TWO = walked(
    ("ann/1", (0.0, 10.0, 20.0, 30.0, 99.0)),
    ("ann/2", (40.0, 40.0)),
    ("bob", (90.0, 110.0, 50.0)),
)


def of_two() -> PresentationResult:
    return measure(acquired(TWO), 2)


def test_frames_are_averaged_in_their_order_and_what_is_left_over_is_not_used() -> None:
    """Ann at 5, 25 and 40 degrees, Bob at 100."""
    result = of_two()
    assert (result.frames, result.means, result.people) == (2, 4, 2)
    assert result.lowest_mated == pytest.approx(cosine(35.0), abs=1e-6)
    assert result.highest_non_mated == pytest.approx(cosine(60.0), abs=1e-6)
    assert result.margin == pytest.approx(cosine(35.0) - cosine(60.0), abs=1e-6)


def test_the_folder_right_below_is_the_person_and_every_mean_meets_every_other() -> None:
    point = of_two().points["1e-2"]
    assert point.false_non_matches.trials == 3
    assert point.false_matches.trials == 3
    assert point.threshold == pytest.approx(cosine(60.0), abs=1e-6)
    assert (point.false_non_matches.errors, point.false_matches.errors) == (0, 0)


def test_one_frame_is_its_own_mean() -> None:
    result = measure(acquired(TWO), 1)
    assert (result.means, result.frames) == (10, 1)


def test_means_have_unit_length() -> None:
    opposite = walked(("ann", (0.0, 80.0, 0.0, 80.0)), ("bob", (90.0, 170.0)))
    assert measure(acquired(opposite), 2).lowest_mated == pytest.approx(1.0, abs=1e-6)


def test_failures_and_folders_that_are_too_short_are_told() -> None:
    result = measure(acquired(TWO | {"cem/0": 5.0}, failed=3), 2)
    assert (result.failures.errors, result.failures.trials) == (3, len(TWO) + 4)
    assert result.reasons == {SampleRefusal.NO_FACE: 3}
    assert result.too_short == 1
    assert of_two().too_short == 0


def test_a_folder_in_a_folder_does_not_cut_its_frames_in_two() -> None:
    """Paths in order: ann/0, ann/clip/0, ann/clip/1, ann/last."""
    frames = {"ann/0": 0.0, "ann/clip/0": 30.0, "ann/clip/1": 30.0, "ann/last": 20.0}
    result = measure(acquired(frames | walked(("bob", (90.0, 90.0)))), 2)
    assert result.means == 3
    assert result.lowest_mated == pytest.approx(cosine(20.0), abs=1e-6)


@pytest.mark.parametrize(
    ("frames", "number", "problem"),
    [
        (TWO, 6, "No folder holds 6"),
        (walked(("ann", (0.0, 1.0)), ("bob", (2.0, 3.0))), 2, "of one person"),
        (walked(("ann", (0.0, 1.0, 2.0, 3.0))), 2, "of different people"),
    ],
)
def test_what_cannot_be_measured_is_said(
    frames: dict[str, float], number: int, problem: str
) -> None:
    with pytest.raises(BadInput, match=problem) as raised:
        measure(acquired(frames), number)
    assert raised.value.remedy
