"""`kiosk fleet import`: many people into a scope, from a CSV file and their photographs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, expanded, known_home
from kiosk.cli.counting import counting
from kiosk.cli.fleet.common import (
    FleetSession,
    KeysOption,
    PassphraseOption,
    StoreOption,
    fleet_change,
)
from kiosk.cli.passed_over import listed
from kiosk.domain.errors import BadInput
from kiosk.domain.people.batch import CHANGED_MEANWHILE, ERASED_MEANWHILE, BatchVerdict

if TYPE_CHECKING:
    from kiosk.domain.people.batch import BatchImage
    from kiosk.wiring.batch.importing import ImportOrder, ImportReport
    from kiosk.wiring.batch.workers import WorkerParts

Photographs = Annotated[
    Path, typer.Option("--photos", help="A folder or a ZIP archive; the column photo is below it.")
]
CsvArgument = Annotated[
    Path,
    typer.Argument(
        metavar="CSV",
        help="Columns: subject, given_name, groups, valid_from, valid_until, consent, photo.",
    ),
]


def import_people(
    csv: CsvArgument,
    photos: Photographs,
    scope: Annotated[str, typer.Option(help="The scope that they are brought into.")],
    store: StoreOption,
    keys: KeysOption,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an import that was ended half-way.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Look at everything; say, publish and keep nothing.")
    ] = False,
    manifest: Annotated[
        Path | None, typer.Option(help="Where the manifest is written; else beside the CSV.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Processes; else one for each processor.")
    ] = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """Enrol many people. Their photographs are read and never copied.

    Whoever resembles somebody else is left out, both of a pair. Nobody is enrolled without consent.
    """
    from config.settings import load
    from kiosk.enrolment.batch.sources import photograph_source
    from kiosk.people.batch.roster import read_roster
    from kiosk.wiring.batch.importing import ImportOrder
    from kiosk.wiring.batch.workers import WorkerParts, usable_processors
    from kiosk.wiring.vision import verified_weights

    place = known_home(home)
    csv = expanded(csv)
    roster = read_roster(_content(csv), csv.name)
    settings = load(place, config)
    source = photograph_source(expanded(photos), settings.enrolment.max_image_bytes)
    parts = WorkerParts(settings, verified_weights(settings, place), expanded(photos).absolute())
    where = manifest or csv.with_name(f"{csv.stem}.manifest.json")
    processes = workers or usable_processors()
    with fleet_change(store, keys, passphrase_file, dry_run=dry_run) as session:
        waits = session.keys.partly
        order = ImportOrder(scope, keys, roster, source, where, resume, dry_run, waits)
        report = _imported(parts, order, processes, session)
    if json:
        print_json({**session.left_said, **_said(report, order)})
    else:
        _print(report, order)
        _print_end(report, order, session)
    return 0 if report.enough else 1


def _content(csv: Path) -> bytes:
    try:
        return csv.read_bytes()
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise BadInput(f"{csv} cannot be read: {why}.", "Name a CSV file.") from error


def _imported(
    parts: WorkerParts, order: ImportOrder, processes: int, session: FleetSession
) -> ImportReport:
    """Import over the store; whether enough admins can sign is known before anything is done."""
    from kiosk.store.home import now_utc
    from kiosk.wiring.batch.importing import PEOPLE_A_STATEMENT, BatchImport
    from kiosk.wiring.batch.workers import assessed

    session.signing.signing(session.signing.verified.root)
    if session.keys.partly and len(order.roster.people) > PEOPLE_A_STATEMENT:
        raise BadInput(
            f"What {PEOPLE_A_STATEMENT:,} people at most change can wait for other admins.",
            "Divide the CSV file, or bring the keys of another admin.",
        )
    if session.keys.partly:
        scope = session.admin.keys_of(order.scope)
        session.desk.refuse_about(
            order.scope, (scope.tag(it.subject) for it in order.roster.people)
        )
    work = BatchImport(
        session.admin,
        parts.settings,
        parts.loaded.pack,
        lambda people: assessed(parts, people, processes),
        now_utc,
    )
    with counting("Looking at the photographs", order.roster.photographs) as seen:

        def done(photographs: int) -> None:
            for _ in range(photographs):
                seen()

        return work.run(order, done)


# -- what is said of it --------------------------------------------------------------------------


def _said(report: ImportReport, order: ImportOrder) -> dict[str, Any]:
    """The report for programs."""
    images = [
        {"subject": result.subject, "photo": image.photograph.name, **_outcome(image)}
        for result in report.results
        for image in result.images
    ]
    references = sum("reference" in each for each in images)
    return {
        "scope": order.scope,
        "dry_run": order.dry_run,
        "rows": order.roster.rows,
        "people": len(report.results),
        **_counts(report),
        "photographs": len(images),
        "references": references,
        "not_compared": report.not_compared,
        "resumed": report.resumed,
        "looked_at": report.looked_at,
        "seconds": round(report.seconds, 3),
        "photographs_per_second": _rate(report),
        "statements": report.statements,
        "version": report.version,
        "manifest": None if order.dry_run or _waits(report, order) else str(order.manifest),
        "duplicates": [
            {"subject": p.subject, "other": p.other, "where": "scope" if p.enrolled else "batch"}
            for p in report.pairs
        ],
        "images": images,
    }


def _counts(report: ImportReport) -> dict[str, int]:
    """How many people there are of each verdict, by its name."""
    verdicts = [result.verdict for result in report.results]
    return {each.value: verdicts.count(each) for each in BatchVerdict}


def _rate(report: ImportReport) -> float:
    return round(report.looked_at / report.seconds, 2) if report.looked_at else 0.0


def _outcome(image: BatchImage) -> dict[str, str]:
    if image.reference is not None:
        return {"status": "accepted", "reference": image.reference}
    photograph = image.photograph
    detail = {"detail": photograph.detail} if photograph.detail else {}
    return {"status": "refused", "reason": photograph.refused, **detail}


def _print(report: ImportReport, order: ImportOrder) -> None:
    images = [image for result in report.results for image in result.images]
    refused = [each.photograph for each in images if each.reference is None]
    reasons = ((p.name, p.detail or p.refused.replace("_", " ")) for p in refused)
    for line in listed("refused", reasons):
        print(line)
    for pair in report.pairs:
        where = "in the scope already" if pair.enrolled else "in this batch too"
        print(f"{pair.subject} looks like {pair.other}, who is {where}: look who they are.")
    for line in _left_out(report):
        print(line)
    if report.not_compared:
        print(
            f"kiosk: {report.not_compared:,} people in {order.scope} were enrolled with other "
            "models, and nobody could be compared with them.",
            file=sys.stderr,
        )
    told = ", ".join(f"{count:,} {name}" for name, count in _counts(report).items() if count)
    print(f"{len(report.results):,} people: {told}.")
    print(f"{len(images) - len(refused):,} references of {len(images):,} photographs.", end=" ")
    print(f"{report.looked_at:,} were looked at, {_rate(report):.1f} a second.")


def _left_out(report: ImportReport) -> Iterator[str]:
    """Who was left out because of what was said of them while the photographs were looked at."""
    for result in report.results:
        reasons = {image.photograph.refused for image in result.images}
        if ERASED_MEANWHILE in reasons:
            yield (
                f"{result.subject} was erased meanwhile and is left out: take them out of the CSV "
                "file, unless they agree anew."
            )
        elif CHANGED_MEANWHILE in reasons:
            yield (
                f"{result.subject} was changed meanwhile and is left out: look what was changed, "
                "and import them once more."
            )


def _waits(report: ImportReport, order: ImportOrder) -> bool:
    """True if others have to sign what was said; where nobody changes there is nothing to sign."""
    return order.waits and bool(report.statements)


def _print_end(report: ImportReport, order: ImportOrder, session: FleetSession) -> None:
    if order.dry_run:
        print("Nothing was said, published or kept.")
        return
    if _waits(report, order):
        print("\n".join(session.left_lines))
        print("Import the same once it is published: that changes nobody, and writes the manifest.")
        return
    print(f"The manifest: {order.manifest}")
    if report.version is None:
        print("The publisher's key is not here: run `kiosk fleet publish` where it lies.")
    else:
        print(f"Version {report.version} is published.")
