"""`kiosk cloud index`, `kiosk cloud reindex`: faces of many people into collections."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.cloud.common import (
    SAME_REGION,
    CsvArgument,
    DryRunOption,
    PhotosOption,
    ResumeOption,
    ThreadsOption,
    WorkersOption,
    gates_of,
    opened_admin,
    read_csv,
    region_warning,
)
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, made_home
from kiosk.cli.counting import counting
from kiosk.domain.errors import BadInput, Refused

if TYPE_CHECKING:
    from kiosk.domain.cloud.faces import CloudId
    from kiosk.domain.vision.template import SubjectId
    from kiosk.people.batch.roster import Roster
    from kiosk.wiring.cloud.filling import FillOrder, Renewal
    from kiosk.wiring.cloud.jobs import CloudAdmin

_HOUR = 3600.0
OldRegionOption = Annotated[
    str | None, typer.Option("--photos-region", help="AWS region where the photographs lie.")
]


def index(
    csv: CsvArgument,
    photos: PhotosOption,
    *,
    resume: ResumeOption = False,
    workers: WorkersOption = None,
    threads: ThreadsOption = 8,
    photos_region: OldRegionOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Put enrolled people's faces into the collections. Only their faces are sent, cut out.

    Whoever is not enrolled here, or did not agree to Amazon Rekognition, is left out.
    """
    place = made_home(home)
    roster = read_csv(csv)
    with opened_admin(place, config) as admin:
        from kiosk.cli.cloud.telling import code_of, print_report, report_said
        from kiosk.wiring.cloud.filling import indexed

        _warn(photos_region, admin.settings.cloud.region)
        with _order(admin, place, roster, photos, workers) as (make, names):
            report = indexed(admin, make(resume, dry_run, threads))
    if json:
        print_json({"dry_run": dry_run, **report_said(report, names)})
    else:
        print_report(report, names)
    return code_of(report)


def reindex(
    csv: Annotated[Path | None, typer.Argument(metavar="CSV", help="As for index.")] = None,
    photos: Annotated[Path | None, typer.Option("--photos", help="As for index.")] = None,
    *,
    shards: Annotated[
        int | None, typer.Option(min=1, max=100, help="Collections; else cloud.shards.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Face model that the new collections must belong to.")
    ] = None,
    leave_out: Annotated[
        bool, typer.Option("--leave-out", help="Switch even if people are in the old ones only.")
    ] = False,
    delete_old: Annotated[
        bool, typer.Option("--delete-old", help="Only delete collections searched no longer.")
    ] = False,
    grace: Annotated[float, typer.Option(min=1.0, help="Hours that they stay at least.")] = 24.0,
    resume: ResumeOption = False,
    workers: WorkersOption = None,
    threads: ThreadsOption = 8,
    home: HomeOption = None,
    config: ConfigOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Fill new collections beside those that are searched, and search the new ones once complete.

    A new collection has AWS's newest face model; an old one keeps its own. The old ones stay until
    they are deleted with --delete-old.
    """
    place = made_home(home)
    if delete_old:
        return _deleted(place, config, grace, dry_run=dry_run, json=json)
    if csv is None or photos is None:
        raise BadInput("reindex needs a CSV file and --photos.", "Or give --delete-old.")
    roster = read_csv(csv)
    with opened_admin(place, config) as admin:
        from kiosk.cli.cloud.telling import code_of, print_report, report_said
        from kiosk.domain.cloud.faces import ModelVersion
        from kiosk.wiring.cloud.filling import RenewalOrder, renewed

        wanted = None if model is None else ModelVersion(model)
        renewal = RenewalOrder(shards or admin.settings.cloud.shards, wanted, leave_out)
        with _order(admin, place, roster, photos, workers) as (make, names):
            done = renewed(admin, make(resume, dry_run, threads), renewal)
    if json:
        print_json({"dry_run": dry_run, **_said(done), **report_said(done.report, names)})
    else:
        print_report(done.report, names)
        _print(done)
    stuck = done.report.complete and not done.switched and not dry_run
    return Refused.exit_code if stuck else code_of(done.report)


@contextmanager
def _order(
    admin: CloudAdmin, place: Path, roster: Roster, photos: Path, workers: int | None
) -> Iterator[tuple[Callable[[bool, bool, int], FillOrder], Mapping[CloudId, SubjectId]]]:
    """Makes the order for a job, with progress on a terminal; and people by their ids there."""
    from kiosk.wiring.cloud.filling import FillOrder

    gates, binding = gates_of(admin, place, roster, photos, workers)
    with counting("Looking at the photographs", roster.photographs) as step:

        def seen(photographs: int) -> None:
            for _ in range(photographs):
                step()

        def make(resume: bool, dry_run: bool, threads: int) -> FillOrder:
            return FillOrder(roster.people, gates, binding, resume, dry_run, threads, seen)

        yield make, admin.ids.table(admin.open_home.references.subjects())


def _warn(source: str | None, region: str | None) -> None:
    if problem := region_warning(source, region):
        print(f"{problem} {SAME_REGION}", file=sys.stderr)


def _said(done: Renewal) -> dict[str, object]:
    made = done.collections
    return {
        "generation": None if made is None else made.generation.number,
        "model": None if made is None else made.model,
        "collections": [] if made is None else list(made.names),
        "missing": len(done.missing),
        "switched": done.switched,
    }


def _print(done: Renewal) -> None:
    if done.collections is None:
        print("Nothing was made or sent.")
        return
    number, model = done.collections.generation.number, done.collections.model
    if done.switched:
        print(f"Generation {number}, of face model {model}, is in force now.")
        if done.missing:
            many = len(done.missing)
            print(
                f"{'1 person is' if many == 1 else f'{many:,} people are'} in the old collections"
                " only, and not found any more: run index with their photographs, or enrol them"
                " again.",
                file=sys.stderr,
            )
    elif done.missing:
        print(
            f"{len(done.missing):,} people are in the old collections and not in generation"
            f" {number}: add their photographs, or switch with --leave-out.",
            file=sys.stderr,
        )


def _deleted(place: Path, config: Path | None, grace: float, *, dry_run: bool, json: bool) -> int:
    with opened_admin(place, config) as admin:
        from kiosk.cloud.jobs.building import delete_retired

        names = delete_retired(admin.building, grace * _HOUR, dry_run=dry_run)
        left = () if dry_run and names else admin.records.read().retired
    if json:
        print_json({"dry_run": dry_run, "deleted": list(names)})
    else:
        does = "would be deleted" if dry_run else "deleted"
        print(f"Collections {does}: {', '.join(names) or 'none'}.")
        for each in left:
            ends = datetime.fromtimestamp(each.since + grace * _HOUR, UTC)
            print(f"Generation {each.generation.number} stays until {ends:%Y-%m-%d %H:%M} UTC.")
    return 0
