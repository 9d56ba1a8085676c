"""A full-screen window that somebody closes: the door goes on working, and the kiosk runs on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from kiosk_process import STEERED, Running, environment
from mjpeg_camera import MjpegCamera
from operated_kiosk import Anna

from kiosk.domain.operators.orders import Verb

pytestmark = pytest.mark.weights


def test_closing_the_full_screen_ends_no_kiosk(tmp_path: Path) -> None:
    """B11: Alt+F4, or a session that asks every window to close."""
    anna, pipe = Anna(tmp_path), tmp_path / "windows"
    os.mkfifo(pipe)
    with (
        MjpegCamera() as camera,
        Running(
            *("run", "--home", anna.home, "--source", camera.url, "--json"),
            command=STEERED,
            env=environment(LINTEL_TEST_PAD=str(pipe)),
        ) as kiosk,
    ):
        kiosk.wait_for("ready")
        for _ in range(3):
            pipe.write_text("close\n", encoding="ascii")
            kiosk.wait_for("closed")
            anna.orders(Verb.RELEASE, 1.0)
            kiosk.wait_for("door", what="released")
            kiosk.wait_for("door", what="secured")
        ended = kiosk.end()
    assert ended.code == 0
    assert len(ended.of("summary")) == 1
