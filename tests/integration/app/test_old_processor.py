"""On a processor that the libraries cannot run on, every command says so instead of dying."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CORE_2 = "processor\t: 0\nflags\t\t: fpu sse sse2 ht syscall nx lm pni ssse3 cx16 lahf_lm\n"
STARTS = """
import os, sys
from pathlib import Path
from kiosk import processor
from kiosk.__main__ import main
processor.CPUINFO = Path(sys.argv.pop(1))
os.uname = lambda: os.uname_result(["", "", "", "", "x86_64"])
for name in ("numpy", "cv2", "PyQt6", "ai_edge_litert"):
    sys.modules[name] = None  # importing it would be the end, as it is on such a processor
main()
"""


@pytest.mark.parametrize(
    "command", [("doctor",), ("models", "verify"), ("run", "--headless"), ("demo",), ("--version",)]
)
def test_a_command_says_what_the_processor_lacks(tmp_path: Path, command: tuple[str, ...]) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(CORE_2)
    done = subprocess.run(
        [sys.executable, "-P", "-c", STARTS, cpuinfo, *command],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    assert "This processor has no SSE4.1, SSE4.2, POPCNT" in done.stderr
    assert "ARM64 board" in done.stderr
    assert done.stdout == ""
