"""Identity documents of nobody: a drawn card with a portrait and a machine-readable zone."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from mrz.generator.td1 import TD1CodeGenerator
from mrz.generator.td3 import TD3CodeGenerator
from PIL import Image, ImageDraw, ImageFont

from kiosk.domain.enrolment.document import CardFrame, DocumentKind
from kiosk.domain.vision.frame import Frame, Instant, Pixels

FONT = "/usr/share/fonts/opentype/ocr-b/OCRB.otf"
WIDTH = 1012
if not Path(FONT).is_file():
    pytest.skip("the package fonts-ocr-b is not installed", allow_module_level=True)
SURNAME, GIVEN, NUMBER = "ERIKSSON", "ANNA MARIA", "D23145890"


def zone_text(
    kind: DocumentKind,
    expires: str = "301231",
    names: tuple[str, str] = (SURNAME, GIVEN),
    number: str = NUMBER,
) -> str:
    """The lines of the zone of somebody who does not exist, with right check digits."""
    if kind is DocumentKind.ID_CARD:
        return str(TD1CodeGenerator("ID", "UTO", number, "740812", "F", expires, "UTO", *names))
    return str(TD3CodeGenerator("P", "UTO", *names, number, "UTO", "740812", "F", expires))


def document(
    portrait: Pixels | None, kind: DocumentKind = DocumentKind.ID_CARD, zone: str | None = None
) -> Pixels:
    """A flat document, (height, width, 3) BGR.

    Args:
        portrait: a face with its surroundings; None for a document without one.
        kind: its kind.
        zone: the text of its zone; None for a valid one.
    """
    height = round(WIDTH / kind.ratio)
    page = Image.new("RGB", (WIDTH, height), (222, 230, 214))
    draw = ImageDraw.Draw(page)
    letters = ImageFont.truetype(FONT, 24)
    for place, text in enumerate(("UTOPIA", "Surname", "Given names", "Date of expiry")):
        draw.text((380, 40 + 44 * place), text, (60, 60, 90), font=letters)
    if portrait is not None:
        face = cv2.cvtColor(cv2.resize(portrait, (270, 330)), cv2.COLOR_BGR2RGB)
        page.paste(Image.fromarray(face), (50, 40))
    lines = (zone or zone_text(kind)).split("\n")
    size = 43 if kind is DocumentKind.ID_CARD else 29
    letters = ImageFont.truetype(FONT, size)
    line_px = round(size * 1.42)
    top = height - line_px * len(lines) - 24
    for place, line in enumerate(lines):
        draw.text((34, top + line_px * place), line, (10, 10, 20), font=letters)
    return np.asarray(cv2.cvtColor(np.asarray(page), cv2.COLOR_RGB2BGR), np.uint8)


def held_up(
    flat: Pixels,
    scene: Pixels,
    kind: DocumentKind = DocumentKind.ID_CARD,
    size: float = 1.0,
    off: float = 0.0,
    tilt: float = 0.03,
) -> Frame:
    """A document in a hand before a camera's scene, a little tilted.

    Args:
        flat: the document.
        scene: the camera's picture behind it.
        kind: its kind.
        size: of the frame on the screen that it fills.
        off: how far it is beside that frame, as a share of its width.
        tilt: how far its far side is shorter, as a share.
    """
    high, wide = scene.shape[:2]
    place = CardFrame.of(wide, high, kind)
    width, height = place.width * size, place.height * size
    left = (wide - width) / 2 + off * width
    upper = (high - height) / 2
    slant = tilt * height
    corners = np.array(
        [
            [left, upper],
            [left + width, upper + slant],
            [left + width, upper + height - slant],
            [left, upper + height],
        ],
        np.float32,
    )
    source = np.array(
        [[0, 0], [flat.shape[1], 0], [flat.shape[1], flat.shape[0]], [0, flat.shape[0]]], np.float32
    )
    turn = cv2.getPerspectiveTransform(source, corners)
    seen = cv2.warpPerspective(flat, turn, (wide, high), flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full(flat.shape[:2], 255, np.uint8), turn, (wide, high))
    picture = np.where(mask[:, :, np.newaxis] > 127, seen, scene)
    return Frame(np.asarray(picture, np.uint8), Instant(0.0), 0)
