"""Shared parts of `kiosk cloud`: the open admin, and the people of a batch with their gates."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.common import expanded
from kiosk.domain.errors import BadInput, LibraryMissing

if TYPE_CHECKING:
    from config.settings import Settings
    from kiosk.cloud.jobs.batch import BatchGates
    from kiosk.cloud.monitoring.decision_counts import DecisionCounts
    from kiosk.people.batch.roster import Roster
    from kiosk.wiring.cloud.jobs import CloudAdmin

CsvArgument = Annotated[
    Path,
    typer.Argument(
        metavar="CSV",
        help="Columns: subject, given_name, groups, valid_from, valid_until, consent, photo.",
    ),
]
PhotosOption = Annotated[
    Path, typer.Option("--photos", help="A folder or a ZIP archive; the column photo is below it.")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")
]
ResumeOption = Annotated[
    bool, typer.Option("--resume", help="Go on with a job that was ended half-way.")
]
WorkersOption = Annotated[
    int | None,
    typer.Option(min=1, max=256, help="Processes that look; else one for each processor."),
]
ThreadsOption = Annotated[int, typer.Option(min=1, max=16, help="Calls to Rekognition at once.")]
ReadsOnlyOption = Annotated[
    bool, typer.Option("--dry-run", help="Makes no difference: this changes nothing.")
]
SAME_REGION = "Photographs are sent by this machine, in each call; nothing is read from S3."


def settings_in(place: Path, config: Path | None) -> Settings:
    """The settings of a kiosk, for a command that does not run it."""
    from kiosk.wiring.rollout.settings import settings_of

    return settings_of(place, config)


@contextmanager
def cloud_libraries() -> Iterator[None]:
    """Where the libraries for Amazon Web Services are imported.

    Raises:
        LibraryMissing: the extra `cloud` is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise LibraryMissing("kiosk cloud", error.name, "cloud", for_door=False) from error


def decision_counts(place: Path) -> DecisionCounts:
    """What a kiosk counted of its decisions; nothing where nothing was.

    Raises:
        CloudUnavailable: it cannot be read.
    """
    from kiosk.cloud.monitoring.decision_counts import DecisionCountFile, DecisionCounts
    from kiosk.store.home import Home

    path = Home(place).cloud_spending
    return DecisionCountFile(path).counted() if path.exists() else DecisionCounts(None, {})


@contextmanager
def opened_admin(place: Path, config: Path | None) -> Iterator[CloudAdmin]:
    """Everything that the jobs of a home work with."""
    with cloud_libraries():
        from kiosk.wiring.cloud.jobs import cloud_admin

    with cloud_admin(settings_in(place, config), place) as admin:
        yield admin


def read_csv(csv: Path) -> Roster:
    """The people of a CSV file."""
    from kiosk.people.batch.roster import read_roster

    path = expanded(csv)
    try:
        return read_roster(path.read_bytes(), path.name)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise BadInput(f"{path} cannot be read: {why}.", "Name a CSV file.") from error


def gates_of(
    admin: CloudAdmin, place: Path, roster: Roster, photos: Path, workers: int | None
) -> tuple[BatchGates, dict[str, str]]:
    """What decides locally about a batch, and what an unfinished job depends on."""
    from kiosk.enrolment.batch.sources import photograph_source
    from kiosk.wiring.batch.importing import binding
    from kiosk.wiring.batch.refusing import refuse_missing
    from kiosk.wiring.batch.workers import WorkerParts, assessed, usable_processors
    from kiosk.wiring.cloud.jobs import batch_gates
    from kiosk.wiring.vision import verified_weights

    settings, where = admin.settings, expanded(photos).absolute()
    source = photograph_source(where, settings.enrolment.max_image_bytes)
    refuse_missing(roster, source)
    loaded = verified_weights(settings, place)
    parts = WorkerParts(settings, loaded, where)
    processes = workers or usable_processors()
    gates = batch_gates(
        admin, loaded.pack, source, lambda people: assessed(parts, people, processes)
    )
    return gates, dict(binding(settings, loaded.pack, roster))


def hashed(text: str) -> str:
    """A hash of a text, for what a job depends on."""
    return hashlib.sha256(text.encode()).hexdigest()


def region_warning(source: str | None, region: str | None) -> str:
    """What is to be known where photographs lie in another region (R36); empty for nothing."""
    if source is None or source == region:
        return ""
    return (
        f"The photographs come from {source}, and the collections are in {region}: their faces"
        " leave the region. See whether that is allowed."
    )
