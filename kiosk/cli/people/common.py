"""Shared parts of the commands about people: the home, the people service, values as text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kiosk.app.console import print_error
from kiosk.cli.common import existing_home, made_home
from kiosk.domain.errors import ModelError, SettingsError, SpaceMismatch

if TYPE_CHECKING:
    from kiosk.domain.vision.template import SubjectId
    from kiosk.people.service import PeopleService
    from kiosk.store.home import Home

SubjectArgument = Annotated[str, typer.Argument(help="The subject's opaque id.")]


def kept_home(home: Path | None, config: Path | None, *, changes: bool = False) -> Home:
    """The kiosk's home, which must exist: reading creates nothing.

    Args:
        home: the value of --home.
        config: a settings file, which must be valid.
        changes: True if the command is about to change stored data.
    """
    from kiosk.store.home import Home

    kept = Home(made_home(home) if changes else existing_home(home))
    if config is not None:
        from kiosk.wiring.rollout.settings import settings_of

        settings_of(kept.path, config)
    return kept


def tell_of_cloud(kept: Home, subject: SubjectId) -> None:
    """Say what becomes of an erased subject's faces in the cloud, where the home knows of any."""
    if kept.cloud.exists():
        print(
            "Their faces in Amazon Rekognition are deleted by the kiosk that runs in this home,"
            f" within a minute or so; `kiosk cloud erase {subject} --yes` deletes them now."
        )


def warn_of_other_space(kept: Home, config: Path | None) -> None:
    """Say on standard error that the models of the settings cannot compare who is enrolled.

    Settings that cannot be used are a matter of other commands.
    """
    from kiosk.store.open_home import references_of
    from kiosk.wiring.rollout.settings import settings_of
    from kiosk.wiring.spaces import refuse_other_space
    from models.packs.installed import load_manifest

    try:
        pack = load_manifest().pack(settings_of(kept.path, config).models.pack)
        with references_of(kept) as references:
            refuse_other_space(references, pack)
    except SpaceMismatch as error:
        print_error(error)
    except (SettingsError, ModelError):
        return


@contextmanager
def people_service(home: Path) -> Iterator[PeopleService]:
    """The people service of a home that is open meanwhile."""
    from kiosk.people.service import PeopleService
    from kiosk.store.open_home import OpenHome

    with OpenHome.open(home) as open_home:
        yield PeopleService(open_home)


def show_record(record: dict[str, Any]) -> None:
    """Print one line per field."""
    for name, value in record.items():
        print(f"{name.replace('_', ' ')}: {plain(value)}")


def plain(value: object) -> str:
    """A value as text for people."""
    match value:
        case None | []:
            return "-"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(str, value))
        case _:
            return str(value)
