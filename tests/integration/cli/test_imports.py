"""A command imports what it needs, and nothing of others: each start would take longer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.cli.on_demand import ALONE, GROUPS

ASK = """
import atexit, sys
from pathlib import Path
told = Path(sys.argv.pop(1))
atexit.register(lambda: told.write_text(" ".join(sys.modules)))
from kiosk.__main__ import main
main()
"""
RUNTIMES = ("cv2", "av", "ai_edge_litert", "mediapipe", "onnxruntime")


def imported(folder: Path, *arguments: str | Path, **environment: str) -> set[str]:
    """The modules that a command has imported when it ends."""
    told = folder / "imported"
    ended = subprocess.run(
        [sys.executable, "-P", "-c", ASK, str(told), *map(str, arguments)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return set(told.read_text().split())


def commands(modules: set[str]) -> set[str]:
    return {name for name in ALONE + GROUPS if f"kiosk.cli.{name}" in modules}


def test_the_version_needs_no_command_and_no_library_of_theirs(tmp_path: Path) -> None:
    modules = imported(tmp_path, "--version")
    assert commands(modules) == set()
    assert not modules & {*RUNTIMES, "numpy", "PyQt6", "config.settings", "cryptography"}


def test_the_doors_status_needs_no_eyes_and_no_screen(tmp_path: Path) -> None:
    imported(tmp_path, "init", "--home", tmp_path / "home")
    modules = imported(tmp_path, "door", "status", "--home", tmp_path / "home")
    assert commands(modules) == {"door"}
    assert not modules & {*RUNTIMES, "PyQt6"}


@pytest.mark.weights
def test_a_run_needs_no_other_command_and_nothing_that_its_settings_do_not_name(
    tmp_path: Path,
) -> None:
    (tmp_path / "pictures").mkdir()
    for number in range(3):
        room = np.full((480, 640, 3), 100 + number, np.uint8)
        cv2.imwrite(str(tmp_path / "pictures" / f"{number}.png"), room)
    source = f"images:{tmp_path / 'pictures'}?fps=15"
    run = ("run", "--headless", "--home", tmp_path / "home", "--source", source)
    modules = imported(tmp_path, *run, KIOSK_MODELS__ENGINE="litert")
    assert commands(modules) == {"run"}
    assert not modules & {"PyQt6", "av", "mediapipe", "onnxruntime", "faiss"}
    assert not modules & {"osdp", "pymodbus", "gpiozero", "httpx", "paho"}
