"""`kiosk cloud reconcile`, `kiosk cloud erase`: differences mended, and one person deleted."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.cloud.common import DryRunOption, opened_admin
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, made_home
from kiosk.cli.people.common import SubjectArgument
from kiosk.domain.errors import BadInput

if TYPE_CHECKING:
    from kiosk.cloud.jobs.reconciling import ReconcileReport
    from kiosk.domain.cloud.faces import CloudId
    from kiosk.domain.vision.template import SubjectId


def reconcile(
    *,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what differs.")] = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Compare every collection with the metadata and with who is enrolled and agreed."""
    with opened_admin(made_home(home), config) as admin:
        from kiosk.cloud.jobs.reconciling import Reconciling

        report = Reconciling(admin.reconciling()).run(repair=repair and not dry_run)
        names = dict(admin.ids.table(admin.open_home.references.subjects()))
    if json:
        print_json(_said(report, names))
    else:
        _print(report, names, repaired=repair and not dry_run)
    return 0 if report.mended == len(report.drifts) and not report.strays else 1


def _said(report: ReconcileReport, names: dict[CloudId, SubjectId]) -> dict[str, object]:
    return {
        "collections": report.collections,
        "faces": report.faces,
        "people": report.people,
        "mended": report.mended,
        "strays": list(report.strays),
        "to_register_again": [names.get(it, it) for it in report.left],
        "differences": [
            {
                "kind": it.kind.value,
                "collection": it.collection,
                "subject": None if it.person is None else names.get(it.person),
                "person": it.person,
                "faces": list(it.faces),
            }
            for it in report.drifts
        ],
    }


def _print(report: ReconcileReport, names: dict[CloudId, SubjectId], *, repaired: bool) -> None:
    print(
        f"Collections: {len(report.collections)}, faces: {report.faces:,}, people in the metadata:"
        f" {report.people:,}."
    )
    for kind, count in Counter(it.kind.value for it in report.drifts).items():
        print(f"{kind.replace('_', ' ')}: {count:,}")
    for it in report.drifts:
        who = "nobody" if it.person is None else names.get(it.person, it.person)
        kind = it.kind.value.replace("_", " ")
        print(f"  {it.collection}: {kind}, {who}, faces: {len(it.faces)}")
    if any(it.kind.value == "unknown_here" for it in report.drifts):
        print(
            "Who is unknown here may be known to another kiosk of the fleet: they are left alone."
            " Mend the collections from there, too."
        )
    for name in report.strays:
        print(f"{name} belongs to no generation: delete it by hand if nobody needs it.")
    if report.left:
        again = ", ".join(names.get(it, it) for it in report.left)
        print(f"To be registered again: {again}.")
    if not report.drifts:
        print("Nothing differs.")
    elif repaired:
        print(f"{report.mended:,} of {len(report.drifts):,} differences are mended.")
    else:
        print(f"Differences: {len(report.drifts):,}; --repair mends them.")


def erase(
    subject: SubjectArgument,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Erase without being asked.")] = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Delete a person's faces and user from every collection, and see that they are gone.

    What is kept of them here stays: `kiosk people erase` deletes that too.
    """
    from kiosk.store.people.subjects import subject_id

    known = subject_id(subject)
    with opened_admin(made_home(home), config) as admin:
        person, enrolled = admin.ids.of(known), known in admin.open_home.references.subjects()
        rows = admin.metadata.of_person(person)
        if dry_run:
            faces = sum(len(row.faces) for row in rows)
        elif yes or _confirmed(known):
            faces = admin.withdrawing().withdraw(person)
        else:
            raise BadInput(
                f"{subject} is not erased from the cloud: nobody confirmed it.",
                "Answer y, or add --yes.",
            )
    if json:
        print_json({"subject": known, "faces": faces, "erased": not dry_run, "dry_run": dry_run})
    elif faces:
        does = "would be deleted" if dry_run else "deleted, and listed no longer"
        print(f"Faces of {subject}: {faces} {does}.")
    else:
        print(f"No face of {subject} is in any collection.")
        if not enrolled:
            print("Nobody of that id is enrolled here, either: check it.", file=sys.stderr)
    return 0


def _confirmed(subject: SubjectId) -> bool:
    print(f"Erase {subject} from the cloud? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
