"""`kiosk people`: list enrolled people, set their rules and second factors, erase them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, guarded
from kiosk.cli.people.allow import allow
from kiosk.cli.people.badge import badge
from kiosk.cli.people.common import (
    SubjectArgument,
    agreed,
    kept_home,
    people_of,
    person_of,
    plain,
    show_record,
    summary,
)
from kiosk.cli.people.pin import pin
from kiosk.domain.errors import BadInput, StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiosk.domain.vision.template import SubjectId
    from kiosk.store.open_home import OpenHome
    from kiosk.store.people.person import EnrolledPerson

app = typer.Typer(
    name="people",
    help="Who is enrolled, and what is agreed with them: list, show, allow, pin, badge, erase.",
    no_args_is_help=True,
)

YesOption = Annotated[bool, typer.Option("--yes", help="Erase for good, without being asked.")]


@app.command("list")
@guarded
def list_people(
    *, home: HomeOption = None, config: ConfigOption = None, json: JsonOption = False
) -> int:
    """List everybody who is enrolled."""
    people = people_of(kept_home(home, config))
    if json:
        print_json({"people": [summary(person) for person in people]})
        return 0
    _show_table(people)
    print(f"{len(people)} enrolled.")
    return 0


@app.command()
@guarded
def show(
    subject: SubjectArgument,
    *,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Show what is stored about a subject, except the templates, PINs and badges themselves."""
    record = _record(person_of(kept_home(home, config), subject))
    if json:
        print_json(record)
    else:
        show_record(record)
    return 0


@app.command()
@guarded
def erase(
    subject: SubjectArgument,
    *,
    home: HomeOption = None,
    config: ConfigOption = None,
    yes: YesOption = False,
    json: JsonOption = False,
) -> int:
    """Erase a subject permanently: key, templates, name and consent. Recorded first."""
    from kiosk.store.open_home import OpenHome
    from kiosk.store.people.subjects import subject_id

    known = subject_id(subject)
    kept = kept_home(home, config, changes=True)
    if not (yes or _confirmed(known)):
        raise BadInput(
            f"{subject} is not erased: it is permanent, and nobody confirmed it.",
            "Answer y, or add --yes.",
        )
    with OpenHome.open(kept.path) as open_home:
        receipt = _erase(open_home, known)
    if json:
        print_json(receipt)
        return 0
    print(
        f"{subject} is erased: {receipt['references']} references, their key, the given name and "
        f"the consent, at {receipt['erased_at']}. The journal keeps the id and this erasure."
    )
    return 0


app.command()(guarded(allow))
app.command()(guarded(pin))
app.command()(guarded(badge))

# -- parts ---------------------------------------------------------------------------------------


def _confirmed(subject: SubjectId) -> bool:
    """True if the person at the terminal confirms; no answer counts as no."""
    question = f"Erase {subject} for good, with templates, name and consent? [y/N] "
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _erase(open_home: OpenHome, subject: SubjectId) -> dict[str, str | int]:
    count = open_home.references.count(subject)
    open_home.note("erased", {"subject": subject, "references": count})
    try:
        gone = open_home.references.erase(subject)
    except StoreError as error:
        open_home.note("erasure_failed", {"subject": subject, "problem": error.problem})
        raise
    at = open_home.utc().isoformat(timespec="seconds")
    return {"subject": subject, "references": gone, "erased_at": at}


def _record(person: EnrolledPerson) -> dict[str, Any]:
    consent = person.profile.consent
    return (
        summary(person)
        | {
            "spaces": ", ".join(person.spaces),
            "consent_text": consent.text,
            "consent_sha256": consent.text_sha256,
            "consent_at": consent.given_at.isoformat(timespec="seconds"),
        }
        | agreed(person)
    )


def _show_table(people: Sequence[EnrolledPerson]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    known = ("subject", "given name", "references", "enrolled (UTC)", "groups", "factor")
    table = Table(*known, "PIN", "badge")
    for person in people:
        row = summary(person)
        row["enrolled_at"] = row["enrolled_at"][:10]
        table.add_row(*(Text(plain(value)) for value in row.values()))
    Console().print(table)
