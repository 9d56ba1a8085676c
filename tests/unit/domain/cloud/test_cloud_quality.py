"""The whitepaper's quality checks on what Rekognition says of a picture (R1 to R8)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.cloud.faces import DetectedFace
from kiosk.domain.cloud.quality import FaceDefect, defects

GOOD = DetectedFace(
    *(99.9, 0.1, 0.1, 0.5, 0.5, 0.0, 0.0, 0.0, 50.0, 50.0), eyes_open=True, sunglasses=False
)
NAN = float("nan")


def found(side: int = 200, **changes: float | bool | None) -> tuple[FaceDefect, ...]:
    face = replace(GOOD, **changes)  # type: ignore[arg-type]
    return defects([face], side, side)


@pytest.mark.parametrize(
    ("changes", "passes", "defect"),
    [
        ({"yaw": 45.0}, True, FaceDefect.TURNED),
        ({"yaw": 45.1}, False, FaceDefect.TURNED),
        ({"yaw": -45.0}, True, FaceDefect.TURNED),
        ({"yaw": -45.1}, False, FaceDefect.TURNED),
        ({"yaw": NAN}, False, FaceDefect.TURNED),
        ({"pitch": 45.0}, True, FaceDefect.TILTED),
        ({"pitch": 45.1}, False, FaceDefect.TILTED),
        ({"pitch": -30.0}, True, FaceDefect.TILTED),
        ({"pitch": -30.1}, False, FaceDefect.TILTED),
        ({"pitch": NAN}, False, FaceDefect.TILTED),
        ({"sharpness": 15.0}, False, FaceDefect.BLURRED),
        ({"sharpness": 15.1}, True, FaceDefect.BLURRED),
        ({"sharpness": NAN}, False, FaceDefect.BLURRED),
        ({"brightness": 15.0}, False, FaceDefect.DARK),
        ({"brightness": 15.1}, True, FaceDefect.DARK),
        ({"eyes_open": False}, False, FaceDefect.EYES_CLOSED),
        ({"eyes_open": None}, False, FaceDefect.EYES_CLOSED),
        ({"sunglasses": True}, False, FaceDefect.SUNGLASSES),
        ({"sunglasses": None}, False, FaceDefect.SUNGLASSES),
        ({"width": 0.25}, False, FaceDefect.TOO_SMALL),
        ({"width": 0.255}, True, FaceDefect.TOO_SMALL),
        ({"height": 0.25}, False, FaceDefect.TOO_SMALL),
        ({"height": NAN}, False, FaceDefect.TOO_SMALL),
        ({"roll": 180.0, "occluded": True}, True, FaceDefect.TOO_SMALL),
    ],
)
def test_each_bound_of_the_whitepaper(
    changes: dict[str, float], *, passes: bool, defect: FaceDefect
) -> None:
    assert found(**changes) == (() if passes else (defect,))


def test_looking_up_is_allowed_further_than_looking_down() -> None:
    """The sign is AWS's: down is negative."""
    assert (found(pitch=40.0), found(pitch=-40.0)) == ((), (FaceDefect.TILTED,))


def test_there_is_exactly_one_face() -> None:
    assert defects([], 200, 200) == (FaceDefect.NO_FACE,)
    assert defects([GOOD, GOOD], 200, 200) == (FaceDefect.SEVERAL_FACES,)


def test_everything_that_is_wrong_is_said() -> None:
    assert found(yaw=90.0, brightness=0.0) == (FaceDefect.TURNED, FaceDefect.DARK)


def test_the_size_counts_in_pixels_of_the_picture() -> None:
    assert found(101) == ()
    assert found(100) == (FaceDefect.TOO_SMALL,)
