"""The machine-readable zone of a document (ICAO 9303), proven by its check digits.

The library of the extra `document` checks the digits; without it nothing is read. A name has no
check digit, so its letters have to be clear, and the person is asked if it is right.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec

import cv2
import numpy as np

from kiosk.domain.enrolment.document import DocumentKind
from kiosk.domain.vision.frame import Pixels
from models.document.glyphs import glyphs
from models.document.letters import UNLIKE, Likeness, ink_of, read_cells

EXTRA = "document"
LIBRARY = "mrz"
ZONE_SHARE = 0.45
"""The lower share of a document in which its zone is looked for."""

FORMS = {
    DocumentKind.ID_CARD: (
        "caaaa" + "x" * 9 + "D" + "x" * 15,
        "dddddddsdddddddaaa" + "x" * 11 + "d",
        "a" * 30,
    ),
    DocumentKind.PASSPORT: (
        "p" + "a" * 43,
        "x" * 9 + "daaadddddddsddddddd" + "x" * 14 + "Dd",
    ),
}
"""What each place of TD1 and TD3 may hold, by the names in `ALLOWED`."""

DIGITS, CAPITALS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALLOWED = {
    "a": CAPITALS + "<",
    "c": "ACI",
    "d": DIGITS,
    "D": DIGITS + "<",
    "p": "P",
    "s": "FM<",
    "x": DIGITS + CAPITALS + "<",
}
LEAST_LIKENESS = 0.5
"""The correlation of a cell with its letter; one that is less alike cannot be read."""

LEAST_MARGIN = 0.07
"""How much more alike a letter must be than the next one where no check digit proves it."""

MOST_DOUBTFUL = 4
"""So many letters of numbers may be one of two."""

LONGEST_YEARS = 15
"""No document is valid for longer: a year of two digits is of the century that is nearer."""


@dataclass(frozen=True, slots=True)
class ReadZone:
    """What a zone says, once all its check digits are right. Never printed.

    Attributes:
        kind: the document's, by the form of its zone.
        names: surname and given names, for the person to confirm.
        expires: the last day on which the document is valid.
    """

    kind: DocumentKind
    names: tuple[str, str]
    expires: date

    def __repr__(self) -> str:
        return "ReadZone(<hidden>)"


def can_read() -> bool:
    """True if zones can be read in this installation."""
    return find_spec(LIBRARY) is not None


def read_zone(flat: Pixels, today: date) -> ReadZone | None:
    """The zone of a flat document; None if it cannot be read, or a check digit is wrong.

    Args:
        flat: (height, width, 3) BGR, as `CardView.flat`.
        today: chooses the century of a year of two digits.
    """
    found = _proven(flat, today)
    return None if found is None else found[0]


def zone_lines(flat: Pixels, today: date) -> Sequence[str]:
    """The lines of the zone of a flat document; none where `read_zone` reads nothing."""
    found = _proven(flat, today)
    return () if found is None else found[1].split("\n")


def _proven(flat: Pixels, today: date) -> tuple[ReadZone, str] | None:
    """What a zone says, and its text; None if it cannot be read, or no or two readings check."""
    upper = round(flat.shape[0] * (1.0 - ZONE_SHARE))
    ink = ink_of(np.asarray(cv2.cvtColor(flat[upper:], cv2.COLOR_BGR2GRAY), np.uint8))
    for kind, form in FORMS.items():
        cells = read_cells(ink, len(form), len(form[0]))
        texts = [] if cells is None else texts_of(cells, form)
        zones = {zone: text for text in texts if (zone := checked(text, kind, today)) is not None}
        if len(zones) == 1:
            return zones.popitem()
    return None


def texts_of(cells: Likeness, form: tuple[str, ...]) -> Sequence[str]:
    """What the lines of a zone may say; nothing if a letter of a name is not certain.

    An O and a 0 are nearly alike, and a number may have both: the check digits tell.

    Args:
        cells: how like each letter each of them is.
        form: what each place may hold.
    """
    letters = "".join(glyphs())
    allowed = np.array([[[it in ALLOWED[place] for it in letters] for place in f] for f in form])
    values = np.where(allowed, cells.values, UNLIKE)
    ranked = np.sort(values, axis=2)
    margin = ranked[..., -1] - ranked[..., -2]
    kinds = np.array([list(line) for line in form])
    if (margin[kinds == "a"] < LEAST_MARGIN).any() or (ranked[..., -1] < LEAST_LIKENESS).any():
        return ()
    doubtful = np.argwhere((kinds == "x") & (margin < LEAST_MARGIN))
    if len(doubtful) > MOST_DOUBTFUL:
        return ()
    order = values.argsort(axis=2)
    texts = []
    for seconds in itertools.product((False, True), repeat=len(doubtful)):
        chosen = order[..., -1].copy()
        for (line, cell), second in zip(doubtful, seconds, strict=True):
            chosen[line, cell] = order[line, cell, -2 if second else -1]
        texts.append("\n".join("".join(letters[at] for at in line) for line in chosen))
    return texts


def checked(text: str, kind: DocumentKind, today: date) -> ReadZone | None:
    """What the text of a zone says; None if a check digit or a field is wrong.

    Args:
        text: its lines.
        kind: the document's.
        today: chooses the century of a year of two digits.
    """
    from mrz.checker.td1 import TD1CodeChecker
    from mrz.checker.td3 import TD3CodeChecker

    checker = TD1CodeChecker if kind is DocumentKind.ID_CARD else TD3CodeChecker
    try:
        found = checker(text)
        if not found:
            return None
        said = found.fields()
        expires = _day(said.expiry_date, today)
    except (ValueError, IndexError, AttributeError):
        return None
    return ReadZone(kind, (said.surname.title(), said.name.title()), expires)


def _day(text: str, today: date) -> date:
    """A day of six digits; raises ValueError if there is no such day."""
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:6])
    found = today.year - today.year % 100 + year
    if found - today.year > LONGEST_YEARS:
        found -= 100
    return date(found, month, day)
