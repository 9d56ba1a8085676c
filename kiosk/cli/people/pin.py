"""`kiosk people pin`: set or remove a person's PIN or duress PIN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.people.common import SubjectArgument, kept_home, people_service
from kiosk.cli.people.pin_entry import StdinOption, new_pin
from kiosk.domain.access.factors import Factor

if TYPE_CHECKING:
    from kiosk.domain.vision.template import SubjectId

DuressOption = Annotated[
    bool, typer.Option("--duress", help="The PIN that lets in and raises a silent alarm.")
]
RemoveOption = Annotated[
    bool, typer.Option("--remove", help="Take the PIN away; with --duress that one only.")
]


def pin(
    subject: SubjectArgument,
    *,
    duress: DuressOption = False,
    remove: RemoveOption = False,
    stdin: StdinOption = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Set a subject's PIN of 4 to 12 digits. It is asked for twice and never shown."""
    from kiosk.store.people.subjects import subject_id

    known = subject_id(subject)
    kept = kept_home(home, config, changes=True)
    with people_service(kept.path) as people:
        if remove:
            factors = people.remove_pin(known, duress=duress)
        else:
            people.check_pin_owner(known, duress=duress)
            text = new_pin(_name(known, duress=duress), stdin=stdin)
            factors = people.set_pin(known, text, duress=duress)
    if json:
        print_json({"subject": known, "has_pin": factors.pin is not None})
        return 0
    print(f"The {_name(known, duress=duress)} is {'gone' if remove else 'set'}.")
    if not remove and factors.required is not Factor.PIN:
        print(f"It is not asked for yet: `kiosk people allow {known} --factor pin`.")
    return 0


def _name(subject: SubjectId, *, duress: bool) -> str:
    return f"{'duress PIN' if duress else 'PIN'} of {subject}"
