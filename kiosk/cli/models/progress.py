"""Progress of an installation on standard error: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from models.packs.installed import PackFile
    from models.packs.installing import Progress


class Lines:
    """Progress as one line per event."""

    def say(self, line: str) -> None:
        """Write one line."""
        print(line, file=sys.stderr, flush=True)

    def kept(self, file: PackFile) -> None:
        """Report that the file is present and correct."""
        self.say(f"{file.name}: already there, SHA-256 right")

    def started(self, file: PackFile, source: str) -> None:
        """Report that the file is now requested from this source."""
        self.say(f"{file.name}: from {source} …")

    def advanced(self, file: PackFile, done: int) -> None:
        """Do nothing: lines do not show bytes."""

    def failed(self, file: PackFile, source: str, reason: str) -> None:
        """Report that this source did not provide the file."""
        self.say(f"{file.name}: not from {source}: {reason}")

    def finished(self, file: PackFile) -> None:
        """Report that the file is installed."""
        self.say(f"{file.name}: in place, SHA-256 right")

    def waiting(self, directory: Path) -> None:
        """Report that another installation is using the folder."""
        self.say(f"Another installation works in {directory}; waiting for it to end …")


class Bars(Lines):
    """Progress as a bar for the current file, with the other events as lines above it."""

    def __init__(self, shown: RichProgress) -> None:
        self._shown = shown
        self._task: TaskID | None = None

    def say(self, line: str) -> None:
        """Write one line above the bar."""
        self._shown.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def started(self, file: PackFile, source: str) -> None:
        """Show a pulsing bar until the first bytes arrive."""
        super().started(file, source)
        self._task = self._shown.add_task(file.name, total=None)

    def advanced(self, file: PackFile, done: int) -> None:
        """Advance the bar."""
        if self._task is not None:
            self._shown.update(self._task, completed=done, total=file.bytes)

    def failed(self, file: PackFile, source: str, reason: str) -> None:
        """Remove the bar and report that this source did not provide the file."""
        self._end()
        super().failed(file, source, reason)

    def finished(self, file: PackFile) -> None:
        """Remove the bar and report that the file is installed."""
        self._end()
        super().finished(file)

    def _end(self) -> None:
        if self._task is not None:
            self._shown.remove_task(self._task)
            self._task = None


@contextlib.contextmanager
def shown() -> Iterator[Progress]:
    """Yield bars if standard error is a terminal, else lines."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bars(progress)
