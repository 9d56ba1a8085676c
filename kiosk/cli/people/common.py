"""What the commands about people share: the home, a person, and how a change is written down."""

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
    """The kiosk's home, which must be there: nothing is made by looking.

    Args:
        home: as given.
        config: a file of settings that must be in order.
        changes: whether the command is about to change what is kept.
    """
    from kiosk.store.home import Home

    kept = Home(made_home(home) if changes else existing_home(home))
    if config is not None:
        from config.settings import load

        load(kept.path, config)
    return kept


def people_of(home: Home) -> Sequence[EnrolledPerson]:
    """Everybody who is enrolled; nobody where no database was made yet."""
    from kiosk.store.open_home import references_of

    with references_of(home) as references:
        return references.people() if references else ()


def person_of(home: Home, subject: str) -> EnrolledPerson:
    """One of them.

    Raises:
        BadInput: that cannot be an id.
        SubjectUnknown: nobody of that id is enrolled.
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
    """Do something only once it is in the journal; what fails then is there as failed."""
    open_home.note(event, details)
    try:
        yield
    except LintelError as error:
        failed = {"subject": details.get("subject"), "tried": event, "problem": error.problem}
        open_home.note("change_failed", failed)
        raise


def summary(person: EnrolledPerson) -> dict[str, Any]:
    """A person in one row."""
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
    """What a person may do and has to show. No secret, and nothing of a duress PIN."""
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
    """A line for each thing that is known."""
    for name, value in record.items():
        print(f"{name.replace('_', ' ')}: {plain(value)}")


def plain(value: object) -> str:
    """A value as people read it."""
    match value:
        case None | []:
            return "-"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(str, value))
        case _:
            return str(value)
