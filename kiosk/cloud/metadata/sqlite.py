"""The metadata in the kiosk's own database, for a site with one kiosk that registers people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from kiosk.cloud.database import CloudDatabase
from kiosk.cloud.metadata.encoding import decode, encode
from kiosk.cloud.metadata.port import NO_FACT, MetadataFact, changed
from kiosk.domain.cloud.faces import CloudId
from kiosk.domain.cloud.flows import PersonFaces

_COLUMNS = "SELECT person, collection, revision, content FROM faces"


class SqliteMetadata:
    """The metadata in one file; see `Metadata`.

    Args:
        database: the file.
    """

    def __init__(self, database: CloudDatabase) -> None:
        self._database = database

    def of_person(self, person: CloudId) -> Sequence[PersonFaces]:
        """A person's faces in each collection."""
        return self._read(f"{_COLUMNS} WHERE person = ? ORDER BY collection", person)

    def get(self, person: CloudId, collection: str) -> PersonFaces | None:
        """A person's faces in one collection."""
        found = self._read(f"{_COLUMNS} WHERE person = ? AND collection = ?", person, collection)
        return found[0] if found else None

    def put(self, row: PersonFaces) -> PersonFaces:
        """Write a row over the one of the same revision."""
        revision = row.revision + 1
        where = ("cloud-faces", row.person, row.collection, str(revision))
        content, unfinished = self._database.sealed(encode(row), *where), row.intent is not None
        with self._database.transaction() as rows:
            if row.revision == 0:
                made = rows.execute(
                    "INSERT OR IGNORE INTO faces VALUES (?, ?, ?, ?, ?)",
                    (row.person, row.collection, revision, unfinished, content),
                )
            else:
                made = rows.execute(
                    "UPDATE faces SET revision = ?, unfinished = ?, content = ? "
                    "WHERE person = ? AND collection = ? AND revision = ?",
                    (revision, unfinished, content, row.person, row.collection, row.revision),
                )
            if made.rowcount != 1:
                raise changed()
        return replace(row, revision=revision)

    def delete(self, row: PersonFaces) -> None:
        """Delete a row of this revision."""
        with self._database.transaction() as rows:
            question = "DELETE FROM faces WHERE person = ? AND collection = ? AND revision = ?"
            gone = rows.execute(question, (row.person, row.collection, row.revision)).rowcount
            if not gone and self.get(row.person, row.collection) is not None:
                raise changed()

    def everybody(self, collection: str | None = None) -> Iterator[PersonFaces]:
        """All rows, or those of one collection."""
        if collection is None:
            return iter(self._read(_COLUMNS))
        return iter(self._read(f"{_COLUMNS} WHERE collection = ?", collection))

    def unfinished(self) -> Iterator[PersonFaces]:
        """The rows with a flow that has not ended."""
        return iter(self._read(f"{_COLUMNS} WHERE unfinished"))

    def fact(self, name: str) -> MetadataFact:
        """A fact of the site."""
        found = self._database.ask("SELECT revision, content FROM facts WHERE name = ?", name)
        if not found:
            return NO_FACT
        ((revision, content),) = found
        return MetadataFact(
            self._database.opened(content, "cloud-fact", name, str(revision)), revision
        )

    def set_fact(self, name: str, text: str, before: MetadataFact) -> MetadataFact:
        """Write a fact over the one that was read."""
        revision = before.revision + 1
        content = self._database.sealed(text, "cloud-fact", name, str(revision))
        with self._database.transaction() as rows:
            if before.revision == 0:
                question = "INSERT OR IGNORE INTO facts VALUES (?, ?, ?)"
                made = rows.execute(question, (name, revision, content))
            else:
                question = "UPDATE facts SET revision = ?, content = ? "
                question += "WHERE name = ? AND revision = ?"
                made = rows.execute(question, (revision, content, name, before.revision))
            if made.rowcount != 1:
                raise changed()
        return MetadataFact(text, revision)

    def _read(self, question: str, *values: object) -> list[PersonFaces]:
        return [self._row(*each) for each in self._database.ask(question, *values)]

    def _row(self, *columns: Any) -> PersonFaces:  # noqa: ANN401 - of a table
        person, collection, revision, content = columns
        where = ("cloud-faces", person, collection, str(revision))
        text = self._database.opened(content, *where)
        try:
            return decode(CloudId(person), collection, revision, text)
        except (KeyError, TypeError, ValueError) as error:
            raise self._database.corrupt("a record is of another version") from error
