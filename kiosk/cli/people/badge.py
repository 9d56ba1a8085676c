"""`kiosk people badge`: issue a person's QR badge. A new badge replaces the previous one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.new_file import write_new
from kiosk.cli.people.common import SubjectArgument, kept_home, people_service
from kiosk.domain.access.factors import BY_BADGE
from kiosk.domain.errors import BadInput

if TYPE_CHECKING:
    from kiosk.domain.access.factors import Factors
    from kiosk.domain.vision.template import SubjectId
    from kiosk.people.service import PeopleService
    from kiosk.store.home import Home

OutOption = Annotated[
    Path | None, typer.Option("--out", help="A new file for the badge: .svg or .png.")
]
RevokeOption = Annotated[
    bool, typer.Option("--revoke", help="End the badge that is valid, and make none.")
]


def badge(
    subject: SubjectArgument,
    *,
    out: OutOption = None,
    revoke: RevokeOption = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Make a subject's badge. It is written once; the previous badge becomes invalid."""
    from kiosk.store.people.subjects import subject_id

    known = subject_id(subject)
    if (out is None) is not revoke:
        raise BadInput("Say either where the badge goes or that it ends.", "Use --out or --revoke.")
    path = _checked(out) if out is not None else None
    said = _change(kept_home(home, config, changes=True), known, path)
    if json:
        print_json({"subject": known, "has_badge": path is not None})
    else:
        print(said)
    return 0


def _change(home: Home, subject: SubjectId, path: Path | None) -> str:
    """Issue a badge, or revoke the valid one; returns what there is to say about it."""
    with people_service(home.path) as people:
        if path is None:
            people.revoke_badge(subject)
            return f"{subject} has no valid badge any more. What they have to show stays as it was."
        return _issued(subject, path, _issue(people, subject, path))


def _issue(people: PeopleService, subject: SubjectId, path: Path) -> Factors:
    """Write the file first: a badge that cannot be written must not revoke the previous one."""
    from kiosk.people.badge_picture import badge_picture

    drawn = people.draw_badge(subject)
    write_new(path, badge_picture(drawn.text, path.suffix.removeprefix(".")), "--out")
    try:
        return people.issue_badge(drawn)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _issued(subject: SubjectId, path: Path, factors: Factors) -> str:
    said = (
        f"{path} is the one valid badge of {subject}: a copy of it works as well. "
        "Print it, hand it over and delete the file."
    )
    if factors.required in BY_BADGE:
        return said
    return f"{said}\nIt is not asked for yet: `kiosk people allow {subject} --factor badge`."


def _checked(path: Path) -> Path:
    from kiosk.people.badge_picture import KINDS

    if path.suffix.removeprefix(".") not in KINDS:
        raise BadInput(f"--out {path} is of no kind that can be made.", "End it in .svg or .png.")
    return path
