"""The data map for people and programs: a row for each class, and the doctor's findings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.diagnostics.data_map.classes import CLASSES, NAMED, DataClass
from kiosk.diagnostics.data_map.walking import Trouble, WalkedFile, walked
from kiosk.domain.finding import Finding, Health

if TYPE_CHECKING:
    from config.settings import Settings

NAMES_SHOWN = 5
_SAID: Mapping[Trouble, tuple[Health, str, str]] = {
    Trouble.PICTURE: (
        Health.BAD,
        "pictures or films lie in the home",
        "Nothing here writes any: find out who did, and whom they show; then remove them.",
    ),
    Trouble.EXPOSED: (
        Health.BAD,
        "keys, credentials or invitations lie in the home in the plain",
        "Take others, since these may be known, and remove them.",
    ),
    Trouble.OTHERS: (
        Health.WARN,
        "others may open files of the home",
        "Run `chmod 700` on the home, and `chmod 600` on these.",
    ),
    Trouble.LINK: (
        Health.WARN,
        "links lie in the home, and were not followed",
        "Find out where they lead, and remove them.",
    ),
    Trouble.NO_FILE: (
        Health.WARN,
        "what is neither a file nor a folder lies in the home",
        "Find out who made it, and remove it.",
    ),
    Trouble.UNREAD: (
        Health.WARN,
        "files of the home could not be read",
        "Run the doctor as the user to whom it belongs.",
    ),
    Trouble.UNKNOWN: (
        Health.WARN,
        "files of no known class lie in the home",
        "Look what they are; a kiosk does not need them.",
    ),
}
"""Worst first."""


@dataclass(frozen=True, slots=True)
class ClassRow:
    """What there is of a class.

    Attributes:
        kind: the class.
        files: how many; None where nobody looked.
        size: bytes in all of them; None where nobody looked.
        modes: their rights, such as `0600`.
    """

    kind: DataClass
    files: int | None
    size: int | None
    modes: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """The row as JSON data."""
        return {
            "about": list(self.kind.about),
            "where": list(self.kind.shown),
            "protection": self.kind.protection.value,
            "until": self.kind.until,
            "files": self.files,
            "bytes": self.size,
            "modes": list(self.modes),
        }


def data(home: Path, settings: Settings) -> Iterator[Finding]:
    """Check that a home holds nothing that must not be there; nothing where there is none."""
    if home.is_dir():
        yield from findings(tuple(walked(home, named_files(settings))))


def findings(found: Sequence[WalkedFile]) -> Iterator[Finding]:
    """What a walk says, worst first."""
    whole = True
    for trouble, (health, said, remedy) in _SAID.items():
        names = sorted(each.name for each in found if each.trouble is trouble)
        if names:
            whole = False
            yield Finding("data", health, f"{said}: {_listed(names)}", remedy)
    if whole:
        kinds = {each.kind.about for each in found if each.kind is not None}
        said = f"files: {len(found):,}, of {len(kinds)} classes; no picture, no secret in the plain"
        yield Finding("data", Health.OK, said)


def class_rows(found: Collection[WalkedFile]) -> Sequence[ClassRow]:
    """A row for each class, whether there is anything of it or not."""
    return [_row(kind, [each for each in found if each.kind is kind]) for kind in (*CLASSES, NAMED)]


def named_files(settings: Settings) -> Collection[Path]:
    """Every file that the settings name by its whole path."""
    return {path for path in _paths(settings.model_dump()) if path.is_absolute()}


def _row(kind: DataClass, files: Sequence[WalkedFile]) -> ClassRow:
    modes = tuple(sorted({f"{each.mode:04o}" for each in files}))
    return ClassRow(kind, len(files), sum(each.size for each in files), modes)


def _paths(value: object) -> Iterator[Path]:
    match value:
        case Path():
            yield value
        case dict():
            for each in value.values():
                yield from _paths(each)
        case list() | tuple():
            for each in value:
                yield from _paths(each)
        case _:
            pass


def _listed(names: Sequence[str]) -> str:
    """Names safe for a terminal; the first few, and how many more."""
    shown = [ascii(each)[1:-1] for each in names[:NAMES_SHOWN]]
    more = f" and {len(names) - NAMES_SHOWN:,} more" if len(names) > NAMES_SHOWN else ""
    return f"{', '.join(shown)}{more}"
