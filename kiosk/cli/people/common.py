"""Shared parts of the commands about people: the home, a person, and journalled changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kiosk.cli.common import existing_home, made_home
from kiosk.domain.errors import LintelError

if TYPE_CHECKING:
    from kiosk.domain.audit import Value
    from kiosk.store.home import Home
    from kiosk.store.open_home import OpenHome
    from kiosk.store.people.person import EnrolledPerson

SubjectArgument = Annotated[str, typer.Argument(help="The subject's opaque id.")]


def kept_home(home: Path | None, config: Path | None, *, changes: bool = False) -> Home:
    """The kiosk's home, which must exist: reading creates nothing.

    Args:
        home: the value of --home.
        config: a settings file, which must be valid.
        changes: True if the command is about to change stored data.
    """
    from kiosk.store.home import Home

    kept = Home(made_home(home) if changes else existing_home(home))
    if config is not None:
        from config.settings import load

        load(kept.path, config)
    return kept


def people_of(home: Home) -> Sequence[EnrolledPerson]:
    """All enrolled people; none if there is no database yet."""
    from kiosk.store.open_home import references_of

    with references_of(home) as references:
        return references.people() if references else ()


def person_of(home: Home, subject: str) -> EnrolledPerson:
    """One enrolled person.

    Raises:
        BadInput: it is not a valid id.
        SubjectUnknown: nobody with this id is enrolled.
    """
    from kiosk.store.open_home import references_of
    from kiosk.store.people.subjects import subject_id, unknown

    known = subject_id(subject)
    with references_of(home) as references:
        if references is None:
            raise unknown(known)
        return references.show(known)


@contextmanager
def written_down(open_home: OpenHome, event: str, details: dict[str, Value]) -> Iterator[None]:
    """Do a change only after it is recorded in the journal; record a failure as well."""
    open_home.note(event, details)
    try:
        yield
    except LintelError as error:
        failed = {"subject": details.get("subject"), "tried": event, "problem": error.problem}
        open_home.note("change_failed", failed)
        raise


def summary(person: EnrolledPerson) -> dict[str, Any]:
    """A person as one table row."""
    return {
        "subject": person.subject,
        "given_name": person.profile.given_name,
        "references": person.references,
        "enrolled_at": person.profile.enrolled_at.isoformat(timespec="seconds"),
        "groups": list(person.profile.rules.groups),
        "factor": person.profile.factors.required.value,
        "has_pin": person.profile.factors.pin is not None,
        "has_badge": person.profile.factors.badge is not None,
    }


def agreed(person: EnrolledPerson) -> dict[str, Any]:
    """The rules and required factors of a person. No secret, and nothing about a duress PIN."""
    rules, factors = person.profile.rules, person.profile.factors
    return {
        "groups": list(rules.groups),
        "valid_from": rules.valid_from.isoformat() if rules.valid_from else None,
        "valid_until": rules.valid_until.isoformat() if rules.valid_until else None,
        "needs_longer": rules.needs_longer,
        "credential": rules.credential,
        "factor": factors.required.value,
        "has_pin": factors.pin is not None,
        "has_badge": factors.badge is not None,
    }


def show_record(record: dict[str, Any]) -> None:
    """Print one line per field."""
    for name, value in record.items():
        print(f"{name.replace('_', ' ')}: {plain(value)}")


def plain(value: object) -> str:
    """A value as text for people."""
    match value:
        case None | []:
            return "-"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(str, value))
        case _:
            return str(value)
