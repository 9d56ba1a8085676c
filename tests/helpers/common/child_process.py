"""Python in a process of its own, for what must be killed, starved of disk, or run beside us."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from multiprocessing.connection import Connection
from pathlib import Path


def start(script: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """Start a script that can import what this process can; its output is piped, line by line."""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return subprocess.Popen(
        [sys.executable, "-u", "-c", textwrap.dedent(script), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )


def run(script: str, *arguments: str | Path) -> str:
    """Run a script to its end; its standard output. A failure shows its standard error."""
    child = start(script, *arguments)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0, err
    return out


def kill(child: subprocess.Popen[str]) -> list[str]:
    """Kill a child without warning; the lines that it had still said."""
    child.kill()
    assert child.stdout is not None
    # Not `communicate`: it would pass over what `readline` has read ahead.
    rest = child.stdout.read()
    child.communicate(timeout=30)
    return [line for line in rest.splitlines() if line]


def stay(parent: Connection) -> None:
    """Work of a process that does not end by itself, and hears nothing."""
    parent.send("here")
    time.sleep(600)
