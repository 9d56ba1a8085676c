"""The tests can be collected where the recordings of real people are not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def using_recordings() -> list[Path]:
    return [
        path
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if re.search(r"evaluation_data|mark\.data", path.read_text(encoding="utf-8"))
    ]


def test_tests_of_recordings_are_collected_without_them(tmp_path: Path) -> None:
    files = using_recordings()
    assert len(files) > 20
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
        + [str(path) for path in files],
        env={**os.environ, "KIOSK_TEST_DATA": str(tmp_path / "none"), "PYTEST_ADDOPTS": ""},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
