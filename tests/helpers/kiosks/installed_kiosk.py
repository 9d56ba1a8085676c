"""The `kiosk` of another environment than the tests' own."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from kiosk_process import MODULE, Ended, bare, kiosk
from readme_commands import listed

COMMANDS = listed()


class InstalledKiosk:
    """It: each command of the README's table is a new process at first, and a fork from then on.

    The new process shows that a command imports what it needs; the others do their jobs sooner.

    Args:
        python: of the environment.
    """

    _begun: ClassVar[set[str]] = set()

    def __init__(self, python: Path) -> None:
        self.new = (str(python), "-P", *MODULE)
        self._fork = (str(python), *MODULE)

    def run(self, *words: str | Path, typed: str = "", **more: str) -> Ended:
        """Run a command to its end.

        Args:
            words: of the command.
            typed: its standard input.
            more: variables of its environment.
        """
        name = _name(words)
        command = self._fork if name in self._begun else self.new
        self._begun.add(name)
        return kiosk(*words, command=command, env=bare(COLUMNS="200", **more), typed=typed)


def _name(words: tuple[str | Path, ...]) -> str:
    """The longest command of the table that they begin with."""
    beginnings = (" ".join(map(str, words[:length])) for length in (3, 2, 1))
    return next(name for name in beginnings if name in COMMANDS)
