"""The age of a kiosk's process, by which `kiosk run --json` marks its start."""

from __future__ import annotations

import os
import subprocess
import sys
import time


def test_the_age_counts_from_the_start_of_the_process_imports_included() -> None:
    code = "import sys; sys.stdin.read(); from kiosk.app.age import seconds_since_start as s\n"
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-c", code + "print(s())"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    ) as child:
        waited = time.monotonic() - started
        told, _ = child.communicate("")
    lived = time.monotonic() - started
    assert waited - 0.05 <= float(told) <= lived + 0.05
