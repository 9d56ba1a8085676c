"""How much memory a run says that it had: its own, not that of the program that started it."""

from __future__ import annotations

from child_process import run

SCRIPT = """
import subprocess, sys
ballast = bytearray(600_000_000)
for at in range(0, len(ballast), 4096):
    ballast[at] = 1
asked = "from kiosk.pipeline.memory import peak_rss_mb; print(peak_rss_mb())"
print(subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True).stdout)
"""


def test_a_large_parent_does_not_count() -> None:
    assert 5.0 < float(run(SCRIPT)) < 300.0


def test_memory_that_was_given_back_still_counts() -> None:
    grown = run(
        "from kiosk.pipeline.memory import peak_rss_mb\n"
        "before = peak_rss_mb(); held = b'1' * 200_000_000; del held\n"
        "print(peak_rss_mb() - before)"
    )
    assert float(grown) > 150.0
