"""The base of the journal's events: how one is written to disk, and read back from there.

Names and details on disk are read by programs of other versions for years. A class may get further
details, each with a default that is left out; whatever would change a written detail gets a new
name.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import Enum, EnumType
from functools import cache
from types import UnionType
from typing import Any, ClassVar, Final, Self, get_args, get_type_hints

from kiosk.domain.audit import AuditEntry, Value


class Absent(Enum):
    """The value of a detail that is not on disk, where null would say something else."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class JournalEvent(ABC):
    """An event that the journal records.

    Each kind is a frozen dataclass. Its fields are the details on disk, an enum as its value; a
    field that has its default is left out there. No field holds an image, a template, a key or a
    person's name.

    Attributes:
        name: the event's name on disk.
        fixed: details that are the same in every entry of the kind.
    """

    name: ClassVar[str]
    fixed: ClassVar[Mapping[str, Value]] = {}

    @abstractmethod
    def sentence(self) -> str:
        """One sentence for people, without a score."""

    def details(self) -> dict[str, Value]:
        """The details on disk."""
        said = {f.name: getattr(self, f.name) for f in fields(self)}
        defaults = {f.name: f.default for f in fields(self)}
        shown = {name: _plain(it) for name, it in said.items() if it != defaults[name]}
        return {**self.fixed, **shown}

    def entry(self, at: datetime) -> AuditEntry:
        """The journal entry of the event; its time is cut to whole milliseconds, UTC."""
        stamp = at.astimezone(UTC).isoformat(timespec="milliseconds")
        return AuditEntry(stamp, self.name, self.details())

    @classmethod
    def read(cls, details: Mapping[str, Value]) -> Self | None:
        """The event with exactly these details; None where they are not of this kind."""
        kinds = _kinds(cls)
        try:
            own = {name: it for name, it in details.items() if name not in cls.fixed}
            event = cls(**{name: _fitted(it, kinds[name]) for name, it in own.items()})
        except (KeyError, TypeError):
            return None
        return event if event.details() == details else None

    @classmethod
    def nearest(cls, details: Mapping[str, Value]) -> Self:
        """The event as far as details of another version tell it; for its sentence only."""
        kinds = _kinds(cls)
        return cls(**{f.name: _close(details.get(f.name), kinds[f.name]) for f in fields(cls)})


def words(value: object) -> str:
    """A value of an enum or of the disk, as words."""
    return str(_plain(value)).replace("_", " ")


@cache
def _kinds(event: type[JournalEvent]) -> dict[str, tuple[object, ...]]:
    """The types that each field takes."""
    hints = get_type_hints(event)
    kinds = {field.name: hints[field.name] for field in fields(event)}
    return {
        name: get_args(kind) if isinstance(kind, UnionType) else (kind,)
        for name, kind in kinds.items()
    }


def _plain(value: Any) -> Value:  # noqa: ANN401 - of any field
    match value:
        case Enum():
            plain: Value = value.value
        case tuple():
            plain = list(value)
        case _:
            plain = value
    return plain


def _fitted(value: Value, kinds: tuple[object, ...]) -> object:
    """A value from disk as the first of these types that takes it; raises TypeError."""
    for kind in kinds:
        match value:
            case str() if isinstance(kind, EnumType) and value in kind._value2member_map_:
                return kind(value)
            case list() if kind == tuple[str, ...] and all(isinstance(it, str) for it in value):
                return tuple(value)
            case int() if kind is float and not isinstance(value, bool):
                return value
            case _ if type(value) is kind:
                return value
    raise TypeError(kinds)


def _close(value: Value, kinds: tuple[object, ...]) -> object:
    try:
        return _fitted(value, kinds)
    except TypeError:
        return () if tuple[str, ...] in kinds else value
