"""Documents that are held to the camera: found, judged, and read or not (R14, R26, R29, R30)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

import cv2
import numpy as np
import pytest
from drawn_documents import WIDTH, document, held_up, zone_text
from enrolling import template

from kiosk.domain.enrolment.document import CardFrame, DocumentFault, DocumentKind, DocumentSeen
from kiosk.domain.vision.face import Box, EyeClosure, Face, Found, Pose
from kiosk.domain.vision.frame import Frame, Pixels
from kiosk.domain.vision.template import Template
from models.document.card import find_cards
from models.document.reader import CardReader
from models.document.zone import checked, read_zone

TODAY = date(2026, 11, 27)
KINDS = tuple(DocumentKind)
BESIDE, MIDDLE = 0.18, 0.5


def scene(width: int = 640) -> Pixels:
    """A room: soft shades, and the noise of a sensor."""
    rough = np.random.default_rng(5).uniform(40, 200, (6, 8, 3)).astype(np.float32)
    shades = cv2.resize(rough, (width, width * 3 // 4), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(6).normal(0, 3, shades.shape)
    return np.clip(shades + noise, 0, 255).astype(np.uint8)


def portrait() -> Pixels:
    """What is where the face is; the finder of these tests says that it is one."""
    return np.full((330, 270, 3), (120, 150, 190), np.uint8)


@dataclass
class Finder:
    """Finds a face at a place of each picture, and counts the templates that are made."""

    across: float | None = BESIDE
    high: float = 0.3
    made: list[Face] = field(default_factory=list)

    def find(self, frame: Frame) -> Found:
        if self.across is None:
            return Found()
        high = self.high * frame.height
        left = self.across * frame.width - high / 2
        box = Box(left, 0.35 * frame.height - high / 2, high, high)
        face = Face(box, np.zeros((478, 2), np.float32), Pose(0, 0, 0), EyeClosure(0, 0))
        return Found((face,))

    def extract(self, _frame: Frame, face: Face) -> Template:
        self.made.append(face)
        return template("ann")


def reader(
    finder: Finder, kinds: Sequence[DocumentKind] = KINDS, *, reads: bool = True
) -> CardReader:
    ports = cast("Any", finder)
    return CardReader(ports, ports, kinds, lambda: TODAY, reads=reads)


def seen(
    frame: Frame, kinds: Sequence[DocumentKind] = KINDS, *, reads: bool = True
) -> DocumentSeen:
    return reader(Finder(), kinds, reads=reads).look(frame)


def shown(
    kind: DocumentKind = DocumentKind.PASSPORT, zone: str | None = None, width: int = 640
) -> Frame:
    return held_up(document(portrait(), kind, zone), scene(width), kind, 0.95, off=0.02)


# -- the card ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", DocumentKind)
@pytest.mark.parametrize("size", [0.65, 0.95, 1.06])
def test_a_card_is_found_near_the_frame_and_told_by_its_shape(
    kind: DocumentKind, size: float
) -> None:
    """R14."""
    frame = held_up(document(portrait(), kind), scene(), kind, size, off=0.03)
    (card,) = find_cards(frame, [kind])
    assert card.kind is kind
    assert card.flat.shape == (round(1000 / kind.ratio), 1000, 3)
    assert repr(card) == f"CardView({kind.value})"


def test_without_a_card_nothing_is_held_and_no_template_made() -> None:
    finder = Finder()
    look = reader(finder).look(Frame(scene(), shown().captured_at, 0))
    assert (look.held, look.fault, look.portrait, look.zone) == (False, None, None, None)
    assert finder.made == []


def test_the_frame_is_in_the_middle_and_of_the_cards_shape() -> None:
    for kind in DocumentKind:
        place = CardFrame.of(640, 480, kind)
        assert place.width / place.height == pytest.approx(kind.ratio)
        assert place.left == pytest.approx(640 - place.left - place.width)
        assert place.top == pytest.approx(480 - place.top - place.height)
        assert place.width <= 0.8 * 640
        assert place.height <= 0.75 * 480 + 1e-9
        half = CardFrame.of(640, 480, kind, 0.5)
        assert (half.width, half.height) == pytest.approx((place.width / 2, place.height / 2))


# -- what is read --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", DocumentKind)
@pytest.mark.parametrize("width", [640, 1280])
def test_a_zone_is_read_and_shown_to_be_confirmed(kind: DocumentKind, width: int) -> None:
    """R29, R30."""
    look = seen(shown(kind, width=width))
    assert (look.held, look.fault) == (True, None)
    assert look.portrait is not None
    assert look.zone is not None
    assert look.zone.kind is kind
    assert look.zone.names == ("Eriksson", "Anna Maria")
    assert look.zone.expires == date(2030, 12, 31)
    assert "Eriksson" not in repr(look)


@pytest.mark.parametrize("kind", DocumentKind)
def test_an_expired_document(kind: DocumentKind) -> None:
    """R30."""
    assert seen(shown(kind, zone_text(kind, "261126"))).fault is DocumentFault.EXPIRED
    assert seen(shown(kind, zone_text(kind, "261127"))).fault is None


@pytest.mark.parametrize("kind", DocumentKind)
def test_a_kind_that_is_not_accepted(kind: DocumentKind) -> None:
    """R30: the kind is told by the zone, whatever the shape."""
    others = [each for each in DocumentKind if each is not kind]
    assert seen(shown(kind), others).fault is DocumentFault.UNKNOWN


@pytest.mark.parametrize(
    ("kind", "digit"), [(DocumentKind.PASSPORT, "301231"), (DocumentKind.ID_CARD, "740812")]
)
def test_an_altered_zone_counts_for_nothing(kind: DocumentKind, digit: str) -> None:
    altered = zone_text(kind).replace(digit, digit[:-1] + "5")
    look = seen(shown(kind, altered))
    assert (look.fault, look.zone) == (None, None)
    assert look.portrait is not None


def test_a_document_without_a_zone_that_is_read() -> None:
    """R30: its kind is told by its shape; the session knows if it counts."""
    for reads in (True, False):
        look = seen(shown(zone=" "), reads=reads)
        assert (look.fault, look.zone) == (None, None)
        assert look.portrait is not None
    assert seen(shown(DocumentKind.ID_CARD), reads=False).zone is None


def test_the_back_of_a_card_has_a_zone_and_no_portrait() -> None:
    finder = Finder(across=None)
    look = reader(finder).look(shown(DocumentKind.ID_CARD))
    assert (look.fault, look.portrait) == (None, None)
    assert look.zone is not None
    assert reader(finder).look(shown(DocumentKind.PASSPORT)).fault is DocumentFault.FACELESS


def test_text_that_is_no_zone() -> None:
    for kind in DocumentKind:
        assert checked(zone_text(kind), kind, TODAY) is not None
        assert checked("", kind, TODAY) is None
        assert checked(zone_text(kind)[:-1], kind, TODAY) is None
        # K, A and U count as 0 in a check digit, as the filler does; B does not.
        assert checked(zone_text(kind).replace("<", "B"), kind, TODAY) is None


def test_a_year_of_two_digits_is_no_further_than_a_document_is_valid() -> None:
    kind = DocumentKind.PASSPORT
    near = checked(zone_text(kind, "411231"), kind, TODAY)
    past = checked(zone_text(kind, "421231"), kind, TODAY)
    assert near is not None
    assert past is not None
    assert (near.expires.year, past.expires.year) == (2041, 1942)
    assert repr(near) == "ReadZone(<hidden>)"


PEOPLE = [
    ("ERIKSSON", "ANNA MARIA"),
    ("MUELLER", "HANS"),
    ("OCONNOR", "SEAN"),
    ("ZHANG", "WEI"),
    ("DUPONT", "JEAN LUC"),
    ("SILVA", "JOAO PEDRO"),
]


def in_a_hand(flat: Pixels, kind: DocumentKind, width: int, chance: np.random.Generator) -> Frame:
    """A document as a camera sees it that is not quite sharp."""
    tilt, off = chance.uniform(-0.03, 0.03), chance.uniform(-0.04, 0.04)
    frame = held_up(flat, scene(width), kind, chance.uniform(0.8, 1.02), off, tilt)
    soft = cv2.GaussianBlur(frame.pixels.astype(np.float32), (0, 0), chance.uniform(0.4, 1.0))
    dim = soft * chance.uniform(0.75, 1.05) + chance.normal(0, 4, soft.shape)
    return Frame(np.clip(dim, 0, 255).astype(np.uint8), frame.captured_at, 0)


@pytest.mark.long
@pytest.mark.parametrize(("width", "least"), [(640, 4), (1280, 9)])
def test_zones_of_documents_in_a_hand_are_read_in_a_few_looks(width: int, least: int) -> None:
    """Of twelve documents, each of another person and held five times, tilted, soft and noisy.

    What check digits cover is never misread. A letter of a name is now and then.
    """
    chance = np.random.default_rng(3)
    read = right = 0
    for kind in KINDS:
        for names in PEOPLE:
            number = "".join(chance.choice(list("0123456789CFGHJKLMNPRTVWXYZ"), 9))
            flat = document(portrait(), kind, zone_text(kind, names=names, number=number))
            looks = (seen(in_a_hand(flat, kind, width, chance)) for _ in range(5))
            zone = next((look.zone for look in looks if look.zone is not None), None)
            if zone is not None:
                assert (zone.kind, zone.expires) == (kind, date(2030, 12, 31))
                read += 1
                right += zone.names == tuple(name.title() for name in names)
    assert read >= least
    assert right >= read - 2


def test_noise_says_nothing() -> None:
    noise = np.random.default_rng(7).integers(0, 255, (704, 1000, 3), np.uint8)
    assert read_zone(noise, TODAY) is None


# -- faults --------------------------------------------------------------------------------------


def test_a_blurred_document() -> None:
    frame = shown()
    soft = cv2.GaussianBlur(frame.pixels, (0, 0), 6.0)
    blurred = Frame(np.asarray(soft, np.uint8), frame.captured_at, 0)
    assert seen(blurred).fault is DocumentFault.BLURRED


def test_glare_on_a_document() -> None:
    page = document(portrait()).copy()
    cv2.circle(page, (WIDTH // 2, 260), 150, (255, 255, 255), -1)
    frame = held_up(page, scene(), DocumentKind.ID_CARD, 0.95)
    assert seen(frame).fault is DocumentFault.GLARE


@pytest.mark.parametrize(
    ("across", "high"),
    [
        pytest.param(None, 0.3, id="none"),
        pytest.param(BESIDE, 0.05, id="too small"),
        pytest.param(MIDDLE, 0.3, id="in the middle, where no portrait is"),
        pytest.param(0.3, 0.7, id="larger than a portrait: a person behind it"),
        pytest.param(0.05, 0.3, id="over the edge"),
    ],
)
def test_a_face_that_is_no_portrait(across: float | None, high: float) -> None:
    """R26: of a live face beside or behind the card no template is made."""
    finder = Finder(across, high)
    look = reader(finder).look(shown())
    assert look.fault is DocumentFault.FACELESS
    assert finder.made == []
