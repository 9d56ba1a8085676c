"""`kiosk people erase`: erase a person for good, after a yes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.people.common import SubjectArgument, kept_home, people_service
from kiosk.domain.errors import BadInput

if TYPE_CHECKING:
    from kiosk.domain.vision.template import SubjectId

YesOption = Annotated[bool, typer.Option("--yes", help="Erase for good, without being asked.")]


def erase(
    subject: SubjectArgument,
    *,
    home: HomeOption = None,
    config: ConfigOption = None,
    yes: YesOption = False,
    json: JsonOption = False,
) -> int:
    """Erase a subject permanently: key, templates, name and consent. Recorded first."""
    from kiosk.store.people.subjects import subject_id

    known = subject_id(subject)
    kept = kept_home(home, config, changes=True)
    if not (yes or _confirmed(known)):
        raise BadInput(
            f"{subject} is not erased: it is permanent, and nobody confirmed it.",
            "Answer y, or add --yes.",
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
    return 0


def _confirmed(subject: SubjectId) -> bool:
    """True if the person at the terminal confirms; no answer counts as no."""
    question = f"Erase {subject} for good, with templates, name and consent? [y/N] "
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
