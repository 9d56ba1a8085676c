"""Shared parts of all commands: options, the home, and the mapping from errors to exit codes.

Exit codes: 0 done, 2 wrong use or bad input, 3 refused, 4 out of service, 5 internal error, 130
interrupted. 1 is used by the doctor for warnings, and by `enrol` where pictures were refused and
somebody was enrolled all the same.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, ParamSpec

import typer

from kiosk import last_resort
from kiosk.app.console import print_error
from kiosk.domain.errors import BadInput, LintelError

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", envvar="KIOSK_HOME", help="Holds everything that this kiosk keeps."),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="A TOML file of settings instead of config.toml in the home."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]

MAKE_ONE = "Check --home; `kiosk init` makes a new one."

_TYPERS_OWN = frozenset({"typer", "click"})
"""Packages whose exceptions typer itself turns into a message or an exit code."""

Arguments = ParamSpec("Arguments")


def home_of(home: Path | None) -> Path:
    """The kiosk's home: the given path, else `lintel` in the user's data folder.

    Raises:
        BadInput: there is no such user, or this user's data folder cannot be determined.
    """
    place = expanded(home).absolute() if home is not None else _data_folder() / "lintel"
    last_resort.log_into(place)
    return place


def expanded(path: Path) -> Path:
    """The path with a leading `~` expanded to a user's home folder.

    Raises:
        BadInput: there is no such user, or the user has no home folder.
    """
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise BadInput(
            f"Nothing says where {path.parts[0]} of {path} is.", "Write the whole path."
        ) from error


def _data_folder() -> Path:
    """The user's data folder (XDG). A relative path in a variable is ignored."""
    given = Path(os.environ.get("XDG_DATA_HOME", ""))
    if given.is_absolute():
        return given
    try:
        own = Path.home() if os.environ.get("HOME") != "" else Path()
    except RuntimeError:
        own = Path()
    if not own.is_absolute():
        raise BadInput(
            f"This user (number {os.getuid()}) has no folder of their own for a kiosk's home.",
            "Give --home, or set KIOSK_HOME or HOME.",
        )
    return own / ".local" / "share"


def known_home(home: Path | None) -> Path:
    """The home for a command that reads settings only and needs no existing kiosk.

    Raises:
        BadInput: the command line names a home that does not exist. A home named by the environment
            may be created later.
    """
    place = home_of(home)
    if home is not None and str(home) != os.environ.get("KIOSK_HOME"):
        _refuse_missing(place)
    return place


def existing_home(home: Path | None) -> Path:
    """The home for a command that reads stored data.

    Raises:
        BadInput: the folder does not exist, or other users could change it.
        StoreError: an exchange of all that it holds was interrupted, and cannot be finished now.
    """
    from kiosk.store.home import Home
    from kiosk.store.whole.exchange import finish

    place = home_of(home)
    _refuse_missing(place)
    Home(place).refuse_foreign()
    finish(Home(place))
    return place


def made_home(home: Path | None) -> Path:
    """The home for a command that changes stored data and creates none.

    Raises:
        BadInput: there is no kiosk in it.
    """
    from kiosk.store.home import Home

    place = existing_home(home)
    if not Home(place).made:
        raise BadInput(f"There is no kiosk in {place}.", MAKE_ONE)
    return place


def _refuse_missing(place: Path) -> None:
    if not place.is_dir():
        raise BadInput(f"There is no home {place}.", MAKE_ONE)


def guarded(command: Callable[Arguments, int]) -> Callable[Arguments, None]:
    """Turn a command that returns an exit code, or raises any error, into a typer command.

    The problem and its remedy go to standard error; standard output is reserved for the result.
    """

    @functools.wraps(command)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        try:
            code = command(*args, **kwargs)
        except LintelError as error:
            print_error(error)
            code = error.exit_code
        except SystemExit as ended:  # rich exits this way when the reader of its output has closed
            if not isinstance(ended.__context__, BrokenPipeError):
                raise
            code = last_resort.told(ended.__context__)
        except (Exception, KeyboardInterrupt) as error:
            if type(error).__module__.partition(".")[0] in _TYPERS_OWN:
                raise
            code = last_resort.told(error)
        raise typer.Exit(code)

    return run


def unless_other(command: Callable[..., None]) -> Callable[..., None]:
    """A command that is the group of others too; it does its own work only without them."""

    @functools.wraps(command)
    def run(_context: typer.Context, **options: object) -> None:
        other = _context.invoked_subcommand
        if other is None:
            command(_context, **options)
        elif any(_is_typed(_context, name) for name in _context.params):
            raise typer.BadParameter(f"Write options after {other}.")

    return run


def _is_typed(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"
