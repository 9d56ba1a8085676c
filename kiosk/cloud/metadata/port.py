"""The port to the metadata: what is kept of each person's faces, and a few facts of the site.

Every change is conditional: whoever changes something says what they have read, and of two who
change it at once one is told so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from kiosk.domain.cloud.faces import CloudId
from kiosk.domain.cloud.flows import PersonFaces
from kiosk.domain.errors import CloudUnavailable


class MetadataChanged(CloudUnavailable):
    """Somebody else has changed what was to be changed; nothing was written."""


@dataclass(frozen=True, slots=True)
class MetadataFact:
    """A small text by name, such as which collections are in force.

    Attributes:
        text: the content.
        revision: raised with each change; 0 for one that was never written.
    """

    text: str
    revision: int


NO_FACT = MetadataFact("", 0)


class Metadata(Protocol):
    """What is kept of the people who are in the collections.

    Every call raises:
        CloudUnavailable: the table gives no answer now.
        CloudRefused: access is refused, the table is missing, or what is there makes no sense.
        StoreError: the kiosk's own database cannot be used.
    """

    def of_person(self, person: CloudId) -> Sequence[PersonFaces]:
        """A person's faces, in each collection where they have any; by the collection's name."""
        ...

    def get(self, person: CloudId, collection: str) -> PersonFaces | None:
        """A person's faces in one collection; None if nothing is kept of them."""
        ...

    def put(self, row: PersonFaces) -> PersonFaces:
        """Write a row over the one of the same revision; revision 0 makes a new one.

        Returns:
            The row as it is now, with its new revision.

        Raises:
            MetadataChanged: there is another revision.
        """
        ...

    def delete(self, row: PersonFaces) -> None:
        """Delete a row; one that is gone is no error.

        Raises:
            MetadataChanged: there is another revision.
        """
        ...

    def everybody(self, collection: str | None = None) -> Iterator[PersonFaces]:
        """All rows, or those of one collection, in no order."""
        ...

    def unfinished(self) -> Iterator[PersonFaces]:
        """The rows with a flow that has not ended."""
        ...

    def fact(self, name: str) -> MetadataFact:
        """A fact of the site; `NO_FACT` if it was never written."""
        ...

    def set_fact(self, name: str, text: str, before: MetadataFact) -> MetadataFact:
        """Write a fact over the one that was read; returns what is there now.

        Raises:
            MetadataChanged: there is another by now.
        """
        ...


def changed() -> MetadataChanged:
    """The error for a change that somebody else was quicker with."""
    return MetadataChanged(
        "Another kiosk has changed the same person's record in the cloud's metadata meanwhile.",
        "It is tried again.",
    )
