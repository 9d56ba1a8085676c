"""One row of a roster, checked by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from pathlib import PurePosixPath

from kiosk.domain.errors import BadInput
from kiosk.domain.people.consent import Consent
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import SubjectId
from kiosk.people.rules import RuleChanges, changed_profile, refuse_group
from kiosk.store.people.person import Profile
from kiosk.store.people.subjects import given_name, subject_id

COLUMNS = ("subject", "given_name", "groups", "valid_from", "valid_until", "consent", "photo")
_BETWEEN_GROUPS = re.compile(r"[;\s]+")
_SOME_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RosterRow:
    """A row. Empty is what it does not say.

    Attributes:
        subject: a valid id.
        photo: a path within the photographs.
        given_name: valid, or empty.
        groups: valid names, each once.
        valid_from: the first day.
        valid_until: the last day.
        consent: a text.
    """

    subject: str
    photo: str
    given_name: str
    groups: tuple[str, ...]
    valid_from: date | None
    valid_until: date | None
    consent: str

    def __repr__(self) -> str:
        return "RosterRow(<hidden>)"

    def contradicts(self, other: RosterRow) -> str:
        """The first column in which both say something, and not the same; empty for none."""
        for name in _OF_A_PERSON:
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine and theirs and mine != theirs:
                return name
        return ""

    def says_no_more_than(self, other: RosterRow) -> bool:
        """True if another row of the same person says all that this one does."""
        said = (name for name in _OF_A_PERSON if getattr(self, name))
        return all(getattr(self, name) == getattr(other, name) for name in said)

    def joined(self, other: RosterRow) -> RosterRow:
        """What this row and another of the same person say together."""
        both = {n: getattr(self, n) or getattr(other, n) for n in _OF_A_PERSON}
        return RosterRow(self.subject, self.photo, **both)


_OF_A_PERSON = tuple(f.name for f in fields(RosterRow) if f.name not in {"subject", "photo"})


def row_of(values: Mapping[str, str]) -> RosterRow:
    """The row with these fields, by column.

    Raises:
        BadInput: a field cannot be used.
    """
    groups = [each for each in _BETWEEN_GROUPS.split(values["groups"]) if each]
    for group in groups:
        refuse_group(group)
    return RosterRow(
        subject_id(values["subject"]),
        photograph_name(values["photo"]),
        given_name(values["given_name"]) or "",
        tuple(dict.fromkeys(groups)),
        _day(values, "valid_from"),
        _day(values, "valid_until"),
        values["consent"],
    )


def rules_of(subject: SubjectId, row: RosterRow) -> PersonRules:
    """What the rows of a person say that they may do.

    Raises:
        BadInput: they would be let in never.
    """
    blank = Profile(None, Consent("-", _SOME_TIME), _SOME_TIME)
    rules = RuleChanges(groups=row.groups, valid_from=row.valid_from, valid_until=row.valid_until)
    return changed_profile(blank, rules, None, subject).rules


def photograph_name(text: str) -> str:
    """The path of a photograph within the folder or the archive.

    Raises:
        BadInput: there is none, or it leads elsewhere.
    """
    if not text:
        raise BadInput(
            "It names no photograph.",
            "Write its path, below the folder of photographs, into the column photo.",
        )
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise BadInput(
            f"The photograph {text[:200]!r} does not lie below the folder of photographs.",
            "Write its path below the folder of photographs, and begin with no slash.",
        )
    if "\\" in text or not text.isprintable():
        raise BadInput(
            f"The photograph {text[:200]!r} has a character that no path here may have.",
            "Write / between folder and file, and nothing that is invisible.",
        )
    return str(path)


def _day(values: Mapping[str, str], column: str) -> date | None:
    text = values[column]
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            f"{text[:40]!r} in the column {column} is no day.", "Write it as 2026-01-31."
        ) from error
