"""How `kiosk run` runs with which options."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware.camera.source import DeviceSource, FileSource, FolderSource, Source
from kiosk.app.whole_run import Mode, mode_of

DEVICE, FILM = DeviceSource(0), FileSource(Path("walk.mp4"))
PICTURES = FolderSource(Path("walk"), 15.0)


@pytest.mark.parametrize(
    ("source", "options", "mode"),
    [
        (DEVICE, (), Mode.WINDOWED),
        (DEVICE, ("headless",), Mode.LIVE),
        (FILM, (), Mode.WINDOWED),
        (FILM, ("realtime",), Mode.WINDOWED),
        (FILM, ("headless", "realtime"), Mode.LIVE),
        (FILM, ("headless",), Mode.REPLAY),
        (PICTURES, ("headless",), Mode.REPLAY),
    ],
)
def test_what_the_options_mean(source: Source, options: tuple[str, ...], mode: Mode) -> None:
    headless, realtime = "headless" in options, "realtime" in options
    assert mode_of(source, headless=headless, realtime=realtime) is mode
