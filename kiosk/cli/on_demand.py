"""The commands of `kiosk`, each imported when it is named: a start waits for no other command."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from kiosk.cli.common import guarded

if TYPE_CHECKING:
    from typer._click.core import Command

ALONE = (
    "backup",
    "bench",
    "calibrate",
    "demo",
    "doctor",
    "enrol",
    "init",
    "restore",
    "run",
    "sync",
)
"""Commands: the function of that name in the module of that name."""

GROUPS = (
    "invite",
    "models",
    "audit",
    "operator",
    "door",
    "people",
    "admin",
    "evaluate",
    "retention",
    "fleet",
    "device",
    "keys",
    "cloud",
)
"""Groups of commands: the `app` in the module of that name."""


class Commands(Mapping[str, "Command"]):
    """The commands by name, in the order of the help; read like a dictionary of them."""

    def __init__(self) -> None:
        self._made: dict[str, Command] = {}

    def __getitem__(self, name: str) -> Command:
        """The command; imported the first time. Raises KeyError where there is no such command."""
        if name not in self._made:
            self._made[name] = _made(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(ALONE + GROUPS)

    def __len__(self) -> int:
        return len(ALONE + GROUPS)

    def __contains__(self, name: object) -> bool:
        return name in ALONE + GROUPS


class OnDemand(TyperGroup):
    """The top group, with `Commands` instead of commands that were made before."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 - typer's own arguments, passed on
        super().__init__(**given)
        # Typer lists, finds and suggests names from this attribute, and adds nothing to it later;
        # it is declared as a mapping that could be added to.
        self.commands = Commands()  # type: ignore[assignment]


def _made(name: str) -> Command:
    """The command or group of that name, imported now."""
    if name not in ALONE + GROUPS:
        raise KeyError(name)
    module = importlib.import_module(f"kiosk.cli.{name}")
    if name in GROUPS:
        return get_group(module.app)
    alone = typer.Typer(add_completion=False)
    alone.command(name)(guarded(getattr(module, name)))
    return get_command(alone)
