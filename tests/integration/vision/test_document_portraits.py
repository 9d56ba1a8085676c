"""The portrait of a document compared with whoever holds it: real faces, the real network (R26)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import cv2
import evaluation_data
import numpy as np
import pytest
from drawn_documents import document, held_up
from evaluation_data import frame_of

from config.settings import Settings
from kiosk.domain.enrolment.document import DocumentKind
from kiosk.domain.ports import FaceFinder, TemplateExtractor
from kiosk.domain.vision.face import Face
from kiosk.domain.vision.frame import Pixels
from kiosk.wiring.enrolment import self_enrolment_rules
from models.document.reader import CardReader
from models.stills import StillsFinder

pytestmark = [pytest.mark.weights, pytest.mark.data]


def test_a_portrait_is_its_holders_and_nobody_elses(
    stills: FaceFinder,
    extractor: TemplateExtractor,
    face_in: Callable[[Pixels], Face],
    portraits: dict[str, Pixels],
) -> None:
    """R26: the holder's own document fits, another person's does not."""
    pack = evaluation_data.pack().pack
    threshold = self_enrolment_rules(Settings(), pack).document_threshold
    reader = CardReader(
        StillsFinder(stills),
        extractor,
        tuple(DocumentKind),
        lambda: date(2026, 11, 27),
        reads=False,
    )
    people = sorted(portraits)[:3]
    live = {each: extractor.extract(frame_of(it), face_in(it)) for each, it in portraits.items()}
    for person, kind in zip(people, [*DocumentKind, DocumentKind.PASSPORT], strict=True):
        picture = evaluation_data.picture(evaluation_data.for_enrolment(person)[0])
        box = face_in(picture).box
        border = 0.35 * box.height
        left, top = int(max(0, box.x - border)), int(max(0, box.y - border))
        right, bottom = int(box.x + box.width + border), int(box.y + box.height + border)
        room = cv2.resize(portraits[person], (1280, 960), interpolation=cv2.INTER_CUBIC)
        flat = document(picture[top:bottom, left:right], kind)
        seen = reader.look(held_up(flat, np.asarray(room, np.uint8), kind, 0.95))
        assert seen.portrait is not None, seen.fault
        scores = {each: float(seen.portrait.vector @ its.vector) for each, its in live.items()}
        assert scores.pop(person) >= threshold
        assert max(scores.values()) < threshold
