"""What was seen of an identity document that a person holds up; its image is never kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import Template

FRAME_WIDTH, FRAME_HEIGHT = 0.8, 0.75
"""The most of the picture that the frame for a document takes, across and down."""


class DocumentKind(Enum):
    """The kinds of documents that can be shown; the value is that in the settings (R30)."""

    ID_CARD = "id_card"
    PASSPORT = "passport"

    @property
    def ratio(self) -> float:
        """Width over height (ISO/IEC 7810, ID-1 and ID-3)."""
        return 85.6 / 53.98 if self is DocumentKind.ID_CARD else 125.0 / 88.0


@dataclass(frozen=True, slots=True)
class CardFrame:
    """Where a document is to be held in the camera's picture; the screen draws the same (R14).

    Attributes:
        left: pixels of the frame.
        top: pixels of the frame.
        width: pixels of the frame.
        height: pixels of the frame.
    """

    left: float
    top: float
    width: float
    height: float

    @classmethod
    def of(cls, width: int, height: int, kind: DocumentKind, size: float = 1.0) -> CardFrame:
        """The frame for a kind of document in a picture of so many pixels.

        Args:
            width: of the picture.
            height: of the picture.
            kind: the document's.
            size: as a share of the frame on the screen.
        """
        wide = size * min(FRAME_WIDTH * width, FRAME_HEIGHT * height * kind.ratio)
        high = wide / kind.ratio
        return cls((width - wide) / 2, (height - high) / 2, wide, high)


class DocumentFault(Enum):
    """The reason why a document cannot be used as it is seen now."""

    BLURRED = "document_blurred"
    GLARE = "document_glare"
    FACELESS = "document_faceless"
    """No face is found on it."""
    EXPIRED = "document_expired"
    UNKNOWN = "document_unknown"
    """Its kind is not accepted here."""


@dataclass(frozen=True, slots=True)
class DocumentZone:
    """What a machine-readable zone says, once its check digits are right and it has not expired.

    Attributes:
        kind: the document's, by the form of its zone.
        names: for the person to confirm, for no check digit covers a name. Nothing rests on them.
        expires: the last day on which the document is valid.
    """

    kind: DocumentKind
    names: tuple[str, ...] = field(repr=False)
    expires: date = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class ReadDocument:
    """A document that can be compared.

    Attributes:
        portrait: the features of the face on it.
        zone: its zone; None where none was read.
    """

    portrait: Template
    zone: DocumentZone | None = None

    def __repr__(self) -> str:
        return f"ReadDocument({'without' if self.zone is None else 'with'} a zone)"


@dataclass(frozen=True, slots=True)
class DocumentSeen:
    """A frame was searched for the document that is asked for.

    Attributes:
        at: capture time of the frame.
        held: true if something of a card's shape is held up; it may hide the person's face.
        fault: why it cannot be used; None if it can, or if none is held.
        portrait: the features of the face on it; None where none is seen, or it has a fault.
        zone: what its zone says; None where none was read.
    """

    at: Instant
    held: bool = False
    fault: DocumentFault | None = None
    portrait: Template | None = None
    zone: DocumentZone | None = None
