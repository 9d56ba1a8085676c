"""`kiosk people erase`: erase a person for good, after a yes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.fleet.common import PassphraseOption
from kiosk.cli.people.common import SubjectArgument, kept_home, people_service, tell_of_cloud
from kiosk.domain.errors import BadInput, LintelError

if TYPE_CHECKING:
    from kiosk.domain.vision.template import SubjectId

YesOption = Annotated[bool, typer.Option("--yes", help="Erase for good, without being asked.")]


def erase(
    subject: SubjectArgument,
    *,
    home: HomeOption = None,
    config: ConfigOption = None,
    yes: YesOption = False,
    store: Annotated[
        str | None, typer.Option(help="The store of a fleet: erase at every door of it.")
    ] = None,
    keys: Annotated[Path | None, typer.Option(help="With --store: admins' keys.")] = None,
    passphrase_file: PassphraseOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --store: write nothing, and do not ask.")
    ] = False,
    json: JsonOption = False,
) -> int:
    """Erase a subject permanently: key, templates, name and consent. Recorded first.

    With --store they are erased at every door of the fleet, as soon as each has synced.
    """
    from kiosk.store.people.subjects import subject_id

    known = subject_id(subject)
    kept = kept_home(home, config, changes=True) if store is None else None
    if store is not None and keys is None:
        raise BadInput("--store needs the admins' keys.", "Name their folder with --keys.")
    if dry_run and store is None:
        raise BadInput("--dry-run needs --store.", "Somebody of this kiosk is erased, or not.")
    if not (yes or dry_run or _confirmed(known)):
        raise BadInput(
            f"{subject} is not erased: it is permanent, and nobody confirmed it.",
            "Answer y, or add --yes.",
        )
    if kept is None:
        return _erased_in_fleet(
            known, store or "", keys or Path(), passphrase_file, dry_run, json=json
        )
    with people_service(kept.path) as people:
        erasure = people.erase(known)
    at = erasure.at.isoformat(timespec="seconds")
    if json:
        print_json({"subject": known, "references": erasure.references, "erased_at": at})
        return 0
    print(
        f"{subject} is erased: {erasure.references} references, their key, the given name and "
        f"the consent, at {at}. The journal keeps the id and this erasure."
    )
    tell_of_cloud(kept, known)
    return 0


def _erased_in_fleet(
    subject: SubjectId, store: str, keys: Path, file: Path | None, dry_run: bool, *, json: bool
) -> int:
    from kiosk.cli.people.fleet import FleetPlace, directed

    place, what = FleetPlace(store, keys, file, dry_run), f"{subject} is erased in"

    def awaited() -> tuple[dict[str, object], str]:
        if dry_run:
            return {"awaited": None}, ""
        left = _awaited(subject, store, keys, file)
        lines = [f"\nYet to confirm: device {device}." for device in left or ()]
        return {"awaited": left}, "".join(lines)

    return directed(subject, place, lambda who, it: it.erase(who), what, awaited, json=json)


def _awaited(subject: SubjectId, store: str, keys: Path, file: Path | None) -> Sequence[str] | None:
    """The devices that have yet to confirm; None where that cannot be read: erased is erased."""
    from kiosk.cli.fleet.reports.erasure import erasures_of

    try:
        found = erasures_of(subject, store, keys, file)
    except LintelError as error:
        print(f"Who has confirmed it cannot be read. {error.problem}", file=sys.stderr)
        return None
    return sorted({it.device for each in found for it in each.awaited})


def _confirmed(subject: SubjectId) -> bool:
    """True if the person at the terminal confirms; no answer counts as no."""
    question = f"Erase {subject} for good, with templates, name and consent? [y/N] "
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
