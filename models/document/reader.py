"""What is seen of a document that is held up: a well lit, sharp card, its portrait and its zone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from kiosk.domain.enrolment.document import (
    DocumentFault,
    DocumentKind,
    DocumentSeen,
    DocumentZone,
)
from kiosk.domain.ports import FaceFinder, TemplateExtractor
from kiosk.domain.vision.face import Box
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.template import Template
from models.document.card import (
    LEAST_SHARPNESS,
    MOST_GLARE,
    CardView,
    find_cards,
)
from models.document.zone import ReadZone, read_zone

LEAST_FACE_PX = 60
"""A portrait whose face is smaller on the flat card is not compared."""

MOST_FACE = 0.65
"""The height of a portrait's face, as a share of the document's."""

LEAST_ASIDE = 0.12
"""A portrait is beside the middle of its document, by this share of the width."""


class CardReader:
    """The `DocumentReader` port: reads documents in the frame on the screen. Owned by one thread.

    Args:
        finder: finds faces in photographs.
        extractor: makes the template of the portrait; asked only after the consent.
        accepted: the kinds of documents that count here.
        today: the day, by the site's clock.
        reads: true if zones are read.
    """

    def __init__(
        self,
        finder: FaceFinder,
        extractor: TemplateExtractor,
        accepted: Sequence[DocumentKind],
        today: Callable[[], date],
        *,
        reads: bool,
    ) -> None:
        self._finder = finder
        self._extractor = extractor
        self._accepted = frozenset(accepted)
        self._today = today
        self._reads = reads

    def look(self, frame: Frame) -> DocumentSeen:
        """What is seen of a document in a frame; its image is dropped on return."""
        at = frame.captured_at
        cards = find_cards(frame, tuple(DocumentKind))
        if not cards:
            return DocumentSeen(at)
        fault = _fault(cards[0])
        if fault is not None:
            return DocumentSeen(at, held=True, fault=fault)
        card, zone = self._zone(cards)
        fault = self._untrue(card, zone)
        portrait = self._portrait(card) if fault is None else None
        if fault is None and portrait is None and not _back(zone):
            fault = DocumentFault.FACELESS
        if fault is not None:
            return DocumentSeen(at, held=True, fault=fault)
        return DocumentSeen(at, held=True, portrait=portrait, zone=_said(zone))

    def _zone(self, cards: Sequence[CardView]) -> tuple[CardView, ReadZone | None]:
        """The card whose zone can be read, and what it says; the likeliest if none can."""
        for card in cards if self._reads else ():
            zone = read_zone(card.flat, self._today())
            if zone is not None:
                return card, zone
        return cards[0], None

    def _untrue(self, card: CardView, zone: ReadZone | None) -> DocumentFault | None:
        """Why the document does not count: its kind is told by its zone, or else by its shape."""
        if (card.kind if zone is None else zone.kind) not in self._accepted:
            return DocumentFault.UNKNOWN
        expired = zone is not None and zone.expires < self._today()
        return DocumentFault.EXPIRED if expired else None

    def _portrait(self, card: CardView) -> Template | None:
        """The template of the largest face on the card; documents show a small one beside it.

        Where a portrait is on no document nothing is extracted: a person who stands behind
        something with a card's edges is not taken for the portrait.
        """
        flat = Frame(card.flat, Instant(0.0), 0)
        faces = [face for face in self._finder.find(flat) if on_document(face.box, flat)]
        if not faces:
            return None
        return self._extractor.extract(flat, max(faces, key=lambda face: face.box.area))


def on_document(box: Box, flat: Frame) -> bool:
    """True if a face is where the portrait of a document is, and of its size."""
    if not LEAST_FACE_PX <= box.height <= MOST_FACE * flat.height:
        return False
    inside = box.x >= 0 and box.y >= 0 and box.x + box.width <= flat.width
    if not inside or box.y + box.height > flat.height:
        return False
    return abs(box.centre[0] / flat.width - 0.5) >= LEAST_ASIDE


def _fault(card: CardView) -> DocumentFault | None:
    """Why nothing of the card can be read now."""
    if card.glare > MOST_GLARE:
        return DocumentFault.GLARE
    return DocumentFault.BLURRED if card.sharpness < LEAST_SHARPNESS else None


def _back(zone: ReadZone | None) -> bool:
    """True if this is the back of a card. The zone of a passport is below its portrait."""
    return zone is not None and zone.kind is DocumentKind.ID_CARD


def _said(zone: ReadZone | None) -> DocumentZone | None:
    """What the person confirms: their names, and until when the document is valid."""
    if zone is None:
        return None
    return DocumentZone(zone.kind, zone.names, zone.expires)
