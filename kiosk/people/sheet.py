"""The printed invitation: one A4 page with the code, what to do, and two codes to answer with."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.errors import BadInput
from kiosk.people.badge_picture import badge_picture

if TYPE_CHECKING:
    from fpdf import FPDF

MARGIN_MM, WIDTH_MM = 20.0, 210.0
INVITATION_MM = 70.0
"""Large enough to be read at arm's length by a camera of 640 pixels."""
ANSWER_MM = 55.0

CHINESE = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")
"""Where Debian's fonts-wqy-microhei lies."""

_INTER = ("fontpkg_inter", "Inter[opsz,wght].ttf")
_ARABIC = ("fontpkg_noto_sans_arabic", "NotoSansArabic[wdth,wght].ttf")


@dataclass(frozen=True, slots=True)
class SheetWords:
    """The words on the sheet, in one language.

    Attributes:
        language: its ISO 639-1 code.
        right_to_left: True if its script runs so.
        title: the heading.
        steps: what to do, one paragraph each.
        until: until when the invitation counts.
        answers: the words beside the codes for no and for yes.
        questions: whom to ask.
    """

    language: str
    right_to_left: bool
    title: str
    steps: tuple[str, ...]
    until: str
    answers: tuple[str, str]
    questions: str


@dataclass(frozen=True, slots=True)
class SheetCodes:
    """The texts of the codes on the sheet. Never printed elsewhere."""

    invitation: str
    no: str
    yes: str

    def __repr__(self) -> str:
        return "SheetCodes(<hidden>)"


def sheet(words: SheetWords, codes: SheetCodes) -> bytes:
    """The sheet as a PDF file.

    Raises:
        BadInput: the fonts for that language are not installed.
    """
    from fpdf import FPDF  # noqa: PLC0415 - only who prints a sheet waits for it

    page = FPDF(format="A4")
    page.set_margins(MARGIN_MM, MARGIN_MM)
    page.set_auto_page_break(auto=False)
    page.set_title(words.title)
    page.set_lang(words.language)
    _add_fonts(page, words)
    page.add_page()
    _write(page, words.title, 22, words)
    page.ln(3)
    _place_code(page, codes.invitation, (WIDTH_MM - INVITATION_MM) / 2, INVITATION_MM)
    page.set_y(page.get_y() + INVITATION_MM + 4)
    for number, step in enumerate(words.steps, start=1):
        _write(page, f"{number}. {step}", 12, words)
        page.ln(1)
    _write(page, words.until, 12, words)
    _write(page, words.questions, 12, words)
    _place_answers(page, words, codes)
    return bytes(page.output())


def _add_fonts(page: FPDF, words: SheetWords) -> None:
    """The language's own font first, the others for what it lacks, such as a name or a number."""
    found = {"Inter": _packaged(*_INTER), "Arabic": _packaged(*_ARABIC), "Chinese": CHINESE}
    own = {"ar": "Arabic", "zh": "Chinese"}.get(words.language, "Inter")
    if not found[own].is_file():
        raise BadInput(
            f"The letters for the language {words.language!r} are not installed.",
            "Set the kiosk up again: that installs the fonts of every language.",
        )
    there = {name: path for name, path in found.items() if path.is_file()}
    for name, path in there.items():
        page.add_font(name, fname=path)
    page.set_fallback_fonts([name for name in there if name != own])
    page.set_font(own)
    page.set_text_shaping(use_shaping_engine=True, direction=_direction(words))


def _packaged(package: str, file: str) -> Path:
    try:
        return Path(str(files(package) / "files" / file))
    except ModuleNotFoundError:
        return Path(file)


def _direction(words: SheetWords) -> str:
    return "rtl" if words.right_to_left else "ltr"


def _write(page: FPDF, text: str, points: float, words: SheetWords) -> None:
    page.set_font_size(points)
    align = "R" if words.right_to_left else "L"
    page.multi_cell(0, points * 0.55, text, align=align, new_x="LMARGIN", new_y="NEXT")


def _place_answers(page: FPDF, words: SheetWords, codes: SheetCodes) -> None:
    """No on the left and yes on the right, of one size, as on the screen."""
    bottom = page.h - MARGIN_MM - ANSWER_MM
    sides: Mapping[float, tuple[str, str]] = {
        MARGIN_MM + 15: (codes.no, words.answers[0]),
        WIDTH_MM - MARGIN_MM - 15 - ANSWER_MM: (codes.yes, words.answers[1]),
    }
    page.set_font_size(20)
    for left, (code, word) in sides.items():
        page.set_xy(left, bottom - 11)
        page.cell(ANSWER_MM, 10, word, align="C")
        page.set_y(bottom)
        _place_code(page, code, left, ANSWER_MM)


def _place_code(page: FPDF, text: str, left: float, side: float) -> None:
    page.image(io.BytesIO(badge_picture(text, "png")), left, page.get_y(), side, side)
