"""`kiosk people`: who is enrolled, what they agreed to, and how they are forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, guarded, home_of, print_json
from kiosk.domain.errors import BadInput, StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiosk.domain.template import SubjectId
    from kiosk.store.cabinet import Cabinet
    from kiosk.store.home import Home
    from kiosk.store.person import Person

app = typer.Typer(name="people", help="Who is enrolled: list, show, erase.", no_args_is_help=True)

SubjectArgument = Annotated[str, typer.Argument(help="The subject's opaque id.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Erase for good.")]


@app.command("list")
@guarded
def list_people(
    *, home: HomeOption = None, config: ConfigOption = None, json: JsonOption = False
) -> int:
    """List everybody who is enrolled."""
    people = _people(_home(home, config))
    if json:
        print_json({"people": [_summary(person) for person in people]})
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
    """Show what is kept about a subject, all but the templates themselves."""
    record = _record(_person(_home(home, config), subject))
    if json:
        print_json(record)
        return 0
    for name, value in record.items():
        print(f"{name.replace('_', ' ')}: {'-' if value is None else value}")
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
    """Forget a subject for good: key, templates, name and consent. Written down first."""
    from kiosk.store.cabinet import Cabinet
    from kiosk.store.subjects import subject_id

    known = subject_id(subject)
    kept = _home(home, config)
    if not yes:
        raise BadInput(f"{subject} is not erased without --yes: it is for good.", "Add --yes.")
    with Cabinet.open(kept.path) as cabinet:
        receipt = _erase(cabinet, known)
    if json:
        print_json(receipt)
        return 0
    print(
        f"{subject} is erased: {receipt['references']} references, their key, the given name and "
        f"the consent, at {receipt['erased_at']}. The journal keeps the id and this erasure."
    )
    return 0


# -- parts ---------------------------------------------------------------------------------------


def _home(home: Path | None, config: Path | None) -> Home:
    """The kiosk's home, which must be there: nothing is made by looking."""
    from kiosk.store.home import Home

    kept = Home(home_of(home))
    if not kept.path.is_dir():
        raise BadInput(f"There is no home {kept.path}.", "Check --home.")
    if config is not None:
        from config.settings import load

        load(kept.path, config)
    return kept


def _people(home: Home) -> Sequence[Person]:
    from kiosk.store.cabinet import references_of

    with references_of(home) as references:
        return references.people() if references else ()


def _person(home: Home, subject: str) -> Person:
    from kiosk.store.cabinet import references_of
    from kiosk.store.subjects import subject_id, unknown

    known = subject_id(subject)
    with references_of(home) as references:
        if references is None:
            raise unknown(known)
        return references.show(known)


def _erase(cabinet: Cabinet, subject: SubjectId) -> dict[str, str | int]:
    count = cabinet.references.count(subject)
    cabinet.note("erased", {"subject": subject, "references": count})
    try:
        gone = cabinet.references.erase(subject)
    except StoreError as error:
        cabinet.note("erasure_failed", {"subject": subject, "problem": error.problem})
        raise
    at = cabinet.utc().isoformat(timespec="seconds")
    return {"subject": subject, "references": gone, "erased_at": at}


def _summary(person: Person) -> dict[str, str | int | None]:
    return {
        "subject": person.subject,
        "given_name": person.profile.given_name,
        "references": person.references,
        "enrolled_at": person.profile.enrolled_at.isoformat(timespec="seconds"),
    }


def _record(person: Person) -> dict[str, str | int | None]:
    consent = person.profile.consent
    return _summary(person) | {
        "spaces": ", ".join(person.spaces),
        "consent_text": consent.text,
        "consent_sha256": consent.text_sha256,
        "consent_at": consent.given_at.isoformat(timespec="seconds"),
    }


def _show_table(people: Sequence[Person]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("subject", "given name", "references", "enrolled (UTC)")
    for person in people:
        table.add_row(*(Text(str(value or "")) for value in _summary(person).values()))
    Console().print(table)
