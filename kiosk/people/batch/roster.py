"""The roster of a batch: a CSV file with one row for each photograph.

It is checked as a whole before anything is done, and its faults name their lines. An empty field
says nothing: it is the default, or what another row says of the same person.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kiosk.domain.errors import BadInput
from kiosk.domain.people.batch import BatchPerson
from kiosk.people.batch.row import COLUMNS, RosterRow, photograph_name, row_of, rules_of
from kiosk.store.people.subjects import subject_id

MOST_BYTES = 500_000_000
MOST_LINES_NAMED = 8
_TWICE = "One row for each photograph is enough."


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is to be enrolled.

    Attributes:
        name: of the file.
        sha256: of its content, hexadecimal.
        rows: how many rows it has.
        people: each of them once, in the order of their first rows.
        lines: the line of each photograph's first row, by its path.
    """

    name: str
    sha256: str
    rows: int
    people: tuple[BatchPerson, ...]
    lines: Mapping[str, int]

    @property
    def photographs(self) -> int:
        """How many photographs are to be looked at."""
        return sum(len(person.photographs) for person in self.people)

    def nameless(self) -> Roster:
        """The same people without their names."""
        return replace(self, people=tuple(replace(it, given_name=None) for it in self.people))

    def at_line(self, line: int, problem: str, remedy: str) -> BadInput:
        """The error for a fault of one row."""
        return BadInput(f"{self.name}, line {line}: {problem}", remedy)


def read_roster(content: bytes, name: str) -> Roster:
    """The people of a CSV file.

    Args:
        content: of the file.
        name: of the file, for messages.

    Raises:
        BadInput: something in it cannot be used; names the first such line, and counts the others.
    """
    digest = hashlib.sha256(content).hexdigest()
    found, faults = _Rows(), _Faults(name)
    for line, values in _records(_text(content, name), name):
        try:
            found.add(line, row_of(values))
        except BadInput as error:
            faults.add(line, error)
    people = tuple(found.people(faults))
    faults.refuse()
    if not people:
        raise BadInput(f"{name} names nobody.", "Write a row for each photograph below the header.")
    return Roster(name, digest, found.count, people, found.lines)


class _Faults:
    """The faults of a file, by line."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._found: dict[int, BadInput] = {}

    def add(self, line: int, error: BadInput) -> None:
        self._found.setdefault(line, error)

    def refuse(self) -> None:
        """Raises BadInput: there is one."""
        if not self._found:
            return
        first, *others = sorted(self._found)
        error, more = self._found[first], ""
        if others:
            named = ", ".join(map(str, others[:MOST_LINES_NAMED]))
            rest = " and others" if len(others) > MOST_LINES_NAMED else ""
            more = f" {len(others):,} more lines have faults: {named}{rest}."
            more = (
                more.replace("1 more lines have", "1 more line has") if len(others) == 1 else more
            )
        raise BadInput(f"{self._name}, line {first}: {error.problem}{more}", str(error.remedy))


class _Rows:
    """The rows of a file, by person."""

    def __init__(self) -> None:
        self.count = 0
        self.lines: dict[str, int] = {}
        self._own: dict[str, list[tuple[int, RosterRow]]] = {}
        self._seen: dict[tuple[str, str], int] = {}

    def add(self, line: int, row: RosterRow) -> None:
        """Take a row.

        Raises:
            BadInput: it repeats or contradicts another.
        """
        self.count += 1
        before = self._seen.setdefault((row.subject, row.photo), line)
        if before != line:
            raise BadInput(f"It repeats line {before}: {row.subject} with {row.photo!r}.", _TWICE)
        own = self._own.setdefault(row.subject, [])
        for other, known in own:
            if field := row.contradicts(known):
                raise BadInput(
                    f"Its {field} of {row.subject} differs from that of line {other}.",
                    "Say the same in each row of a person, or leave it empty in all but one.",
                )
        if not any(row.says_no_more_than(known) for _, known in own):
            own.append((line, row))
        self.lines.setdefault(row.photo, line)

    def people(self, faults: _Faults) -> Iterator[BatchPerson]:
        """Everybody whose rows together say enough."""
        photographs: dict[str, list[str]] = {}
        for subject, photo in self._seen:
            photographs.setdefault(subject, []).append(photo)
        for subject, own in self._own.items():
            try:
                yield _person(subject, [row for _, row in own], photographs[subject])
            except BadInput as error:
                faults.add(own[0][0], error)


def _person(subject: str, rows: Sequence[RosterRow], photographs: Sequence[str]) -> BatchPerson:
    said = rows[0]
    for row in rows[1:]:
        said = said.joined(row)
    if not said.consent:
        raise BadInput(
            f"No consent of {subject} is given, and nobody is enrolled without it.",
            "Write into the column consent what they agreed to: the text, or form and version.",
        )
    rules = rules_of(subject_id(subject), said)
    return BatchPerson(
        subject_id(subject), said.given_name or None, rules, said.consent, tuple(photographs)
    )


# -- the file ------------------------------------------------------------------------------------


def _text(content: bytes, name: str) -> str:
    if len(content) > MOST_BYTES:
        raise BadInput(
            f"{name} has {len(content):,} bytes; {MOST_BYTES:,} are read.", "Split the file."
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadInput(
            f"{name}, line {line}: it is not UTF-8.",
            "Save the file as UTF-8; spreadsheets call it CSV UTF-8.",
        ) from error


def _records(text: str, name: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The first line of each row that is not empty, and its fields by column."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        columns = [each.strip() for each in next(reader, [])]
        _check_columns(columns, name)
        line = reader.line_num + 1
        for values in reader:
            if any(each.strip() for each in values):
                if len(values) != len(columns):
                    raise BadInput(
                        f"{name}, line {line}: it has {len(values)} fields, not {len(columns)}.",
                        "Put a field that holds a comma, a quote or a line break in double quotes.",
                    )
                yield line, dict(zip(columns, (each.strip() for each in values), strict=True))
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadInput(
            f"{name}, line {line}: it cannot be read as comma-separated values: {error}.",
            "Write a quote within a field twice, and end each quoted field with a quote.",
        ) from error


def _check_columns(columns: Sequence[str], name: str) -> None:
    expected = f"The first line is {','.join(COLUMNS)}, separated by commas."
    missing = [each for each in COLUMNS if each not in columns]
    if missing:
        raise BadInput(
            f"{name}, line 1: these columns are missing: {', '.join(missing)}.", expected
        )
    other = [each for each in columns if each not in COLUMNS]
    if other or len(columns) != len(COLUMNS):
        which = f"{other[0][:40]!r} is no column" if other else "a column is there twice"
        raise BadInput(f"{name}, line 1: {which}.", expected)


__all__ = ["COLUMNS", "Roster", "photograph_name", "read_roster"]
