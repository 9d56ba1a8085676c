"""What was seen of an identity document that a person holds up; its image is never kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import Template


class DocumentFault(Enum):
    """The reason why a document cannot be used as it is seen now."""

    BLURRED = "document_blurred"
    GLARE = "document_glare"
    FACELESS = "document_faceless"
    """No face is found on it."""
    EXPIRED = "document_expired"
    UNKNOWN = "document_unknown"
    """Its kind is not accepted here, or its check digits are wrong."""


@dataclass(frozen=True, slots=True, eq=False)
class ReadDocument:
    """A document that can be compared.

    Attributes:
        portrait: the features of the face on it.
        lines: what was read from it, for the person to confirm; empty where nothing is read.
    """

    portrait: Template
    lines: tuple[str, ...] = field(default=(), repr=False)

    def __repr__(self) -> str:
        return f"ReadDocument({len(self.lines)} hidden lines)"


@dataclass(frozen=True, slots=True)
class DocumentSeen:
    """A frame was searched for the document that is asked for.

    Attributes:
        at: capture time of the frame.
        held: true if something of a card's shape is held up; it may hide the person's face.
        fault: why it cannot be used; None if it can, or if none is held.
        document: what was read, once it is certain.
    """

    at: Instant
    held: bool = False
    fault: DocumentFault | None = None
    document: ReadDocument | None = None
