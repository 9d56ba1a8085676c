"""Measured kiosks as child processes: parts of the benchmark, and real runs of `kiosk run`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.domain.errors import OutOfServiceError

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
PART_SECONDS = 600.0
START_SECONDS = 60.0
END_SECONDS = 20.0
MARKS = ("preview", "ready")
UNWIRED = {
    "KIOSK_DOOR__DRIVER": "simulated",
    "KIOSK_DOOR__INTERLOCK": "false",
    "KIOSK_OPERATORS__LOCAL": "false",
    "KIOSK_OPERATORS__MQTT": "null",
}
"""Settings that keep a measured kiosk from operating a real door or using its operator channels."""


@dataclass(frozen=True, slots=True)
class Children:
    """Starts child processes of this program.

    Attributes:
        options: command-line options for every child.
        environment: this process's environment and the variables that a measured kiosk needs.
    """

    options: tuple[str, ...]
    environment: dict[str, str]

    def part(self, name: str, home: Path, *options: str) -> dict[str, Any]:
        """Run one part of the benchmark to its end.

        Args:
            name: a key of `kiosk.bench.parts.PARTS`.
            home: the home of the measured kiosk.
            options: options of this part.

        Raises:
            OutOfServiceError: it failed, or took too long.
        """
        command = ["bench", "--part", name, "--home", str(home), *self.options, *options]
        return self._told(name, command, ONE_THREAD if name == "search" else {})

    @contextmanager
    def opened(self, name: str, home: Path) -> Iterator[subprocess.Popen[str]]:
        """A part that runs until its standard input is closed; killed where it does not end.

        Args:
            name: a key of `kiosk.bench.parts.ALONE`.
            home: the home of the measured kiosk.
        """
        command = ["bench", "--part", name, "--home", str(home), *self.options]
        with subprocess.Popen(
            _program(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self.environment,
        ) as child:
            try:
                yield child
                child.wait(END_SECONDS)
            finally:
                child.kill()

    def run(self, home: Path, source: str) -> dict[str, Any]:
        """Run a complete `kiosk run` with its window, to the end of the source.

        Returns:
            Its summary.

        Raises:
            OutOfServiceError: it failed, or took too long.
        """
        return self._told("run", ["run", *_run_options(home, source), *self.options], {})

    def start(self, home: Path, source: str) -> dict[str, float]:
        """Start `kiosk run` with its window, and end it once it is ready.

        Returns:
            Seconds from its start to each mark, measured from outside.

        Raises:
            OutOfServiceError: it ended before that, or took too long.
        """
        command = ["run", *_run_options(home, source), *self.options]
        began = time.perf_counter()
        with subprocess.Popen(
            _program(command),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
        ) as child:
            timer = threading.Timer(START_SECONDS, child.kill)
            timer.start()
            try:
                reached = _read_marks(child, began)
                child.terminate()
                _, said = child.communicate(timeout=END_SECONDS)
            finally:
                timer.cancel()
                child.kill()
        if set(reached) != set(MARKS):
            raise _failed("start", _complaint(said))
        return reached

    def command(self, arguments: list[str], codes: Collection[int] = (0,)) -> dict[str, Any]:
        """Run another command of this program to its end; returns what it prints.

        Args:
            arguments: its own; options of every child are not added.
            codes: the exit codes of success.

        Raises:
            OutOfServiceError: it failed, or took too long.
        """
        return self._told(arguments[0], arguments, {}, codes)

    def _told(
        self,
        name: str,
        command: list[str],
        more: Mapping[str, str],
        codes: Collection[int] = (0,),
    ) -> dict[str, Any]:
        """The last JSON object that a child prints."""
        try:
            done = subprocess.run(
                _program(command),
                capture_output=True,
                text=True,
                timeout=PART_SECONDS,
                check=False,
                env={**self.environment, **more},
            )
        except subprocess.TimeoutExpired as error:
            raise _failed(name, f"it took longer than {PART_SECONDS:g} s.") from error
        if done.returncode not in codes:
            raise _failed(name, _complaint(done.stderr))
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return told


def environment_of(models: Path) -> dict[str, str]:
    """The environment of a measured kiosk: these weights, no door, a window (offscreen if need be).

    Args:
        models: the folder whose subfolders are packs.
    """
    told = {name: value for name, value in os.environ.items() if not _is_operators(name)}
    environment = {**told, "KIOSK_MODELS__DIRECTORY": str(models), **UNWIRED}
    if not has_display():
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    return environment


def _is_operators(name: str) -> bool:
    return name.upper().startswith("KIOSK_OPERATORS__")


def has_display() -> bool:
    """True if there is a display."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _run_options(home: Path, source: str) -> list[str]:
    return ["--home", str(home), "--source", source, "--json"]


def _program(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-P", "-m", "kiosk", *arguments]


def _read_marks(child: subprocess.Popen[str], began: float) -> dict[str, float]:
    """The time of each mark; returns early if the child ends."""
    reached: dict[str, float] = {}
    for line in child.stdout or ():
        event = json.loads(line)["event"]
        if event in MARKS:
            reached[event] = time.perf_counter() - began
        if len(reached) == len(MARKS):
            break
    return reached


def _complaint(said: str) -> str:
    """The error message of a child that failed: its last `kiosk:` line, else its last line."""
    lines = said.strip().splitlines() or ["it said nothing"]
    ours = [line.removeprefix("kiosk: ") for line in lines if line.startswith("kiosk: ")]
    return (ours or lines)[-1]


def _failed(name: str, why: str) -> OutOfServiceError:
    return OutOfServiceError(
        f"The part '{name}' of the benchmark failed: {why}",
        "Run `kiosk models verify`, and `kiosk run` by itself.",
    )
