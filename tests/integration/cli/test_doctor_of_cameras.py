"""What the doctor says of a camera that hangs on its side, or is too slow."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest
from evaluation_data import for_enrolment, pack, people, picture
from scripted_camera import ScriptedCamera, frames, noise

from config.settings import Settings
from hardware.camera.turning import turned
from kiosk.diagnostics.orientation import hanging
from kiosk.diagnostics.parts import look
from kiosk.domain.errors import CameraLost
from kiosk.domain.finding import Finding, Health
from kiosk.domain.vision.frame import Frame, Instant


def told(home: Path, hangs: int, rotate: int = 0) -> list[Finding]:
    """What is said where people stand before a camera that hangs so."""
    pack()
    shown = cycle(turned(picture(for_enrolment(person)[2]), hangs) for person in people())
    settings = Settings.model_validate({"camera": {"rotate": rotate}})
    return list(hanging(home, settings, lambda _: Frame(next(shown), Instant(0.0), 0)))


@pytest.mark.weights
@pytest.mark.data
@pytest.mark.parametrize("hangs", [90, 180, 270])
def test_a_camera_that_hangs_turned_is_told_with_the_setting(tmp_path: Path, hangs: int) -> None:
    (finding,) = told(tmp_path, hangs)
    assert (finding.name, finding.health) == ("camera.rotate", Health.WARN)
    assert f"camera.rotate = {360 - hangs}," in finding.remedy


@pytest.mark.weights
@pytest.mark.data
def test_what_is_turned_already_is_counted_in(tmp_path: Path) -> None:
    (finding,) = told(tmp_path, 90, rotate=180)
    assert "camera.rotate = 90," in finding.remedy


@pytest.mark.weights
@pytest.mark.data
def test_a_camera_that_hangs_upright_is_not_spoken_of(tmp_path: Path) -> None:
    assert told(tmp_path, 0) == []


def test_a_camera_that_is_gone_meanwhile_is_not_spoken_of(tmp_path: Path) -> None:
    camera = ScriptedCamera(CameraLost("It is gone."))
    assert list(hanging(tmp_path, Settings(), camera.read)) == []


def looked(fps: float) -> Finding:
    shown: Iterator[Frame] = iter(frames([noise(i) for i in range(100)], fps=fps))
    (finding,) = look(lambda _: next(shown), Settings().camera, 0.0)
    return finding


@pytest.mark.parametrize("fps", [1.0, 2.5])
def test_a_camera_that_is_too_slow_is_bad_and_the_rate_is_named(fps: float) -> None:
    finding = looked(fps)
    assert finding.health is Health.BAD
    assert f"only {fps:.1f} frames a second come, and 3 are needed" in finding.text


def test_a_camera_that_is_fast_enough_is_well() -> None:
    assert looked(5.0).health is Health.OK
