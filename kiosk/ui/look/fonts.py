"""The typefaces of every kiosk: Inter and Noto Sans Arabic from their packages; else the system's.

Both are variable fonts, so weight and optical size are set as axes. Chinese comes from the system's
fonts (Debian's fonts-wqy-microhei). If a font is absent, Qt chooses another one that has the
letters, and everything is measured before it is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from importlib.resources import files
from importlib.util import find_spec

from PyQt6.QtCore import QRectF, QSizeF, Qt
from PyQt6.QtGui import QFont, QFontDatabase, QFontMetricsF

FILES = {
    "fontpkg_inter": "Inter[opsz,wght].ttf",
    "fontpkg_noto_sans_arabic": "NotoSansArabic[wdth,wght].ttf",
}
"""The file of each package of fonts."""
FAMILIES = ["Inter", "Noto Sans Arabic", "WenQuanYi Micro Hei", "DejaVu Sans"]
LARGE_PX = 28
"""The pixel size from which fonts use the optical size for headlines."""


class Weight(Enum):
    """The weight of a font."""

    REGULAR = 400
    MEDIUM = 500
    STRONG = 600


def install() -> bool:
    """Make the packaged typefaces known to Qt. True if all are installed.

    A QApplication must exist.
    """
    installed = [_install(package, file) for package, file in FILES.items()]
    return all(installed)


def _install(package: str, file: str) -> bool:
    if find_spec(package) is None:
        return False
    data = (files(package) / "files" / file).read_bytes()
    return QFontDatabase.addApplicationFontFromData(data) >= 0


def font(pixels: float, weight: Weight = Weight.REGULAR) -> QFont:
    """The font at a size in pixels, at least one."""
    made = QFont(FAMILIES)
    made.setPixelSize(max(1, round(pixels)))
    made.setWeight(QFont.Weight(weight.value))
    _set_axis(made, "wght", weight.value)
    _set_axis(made, "opsz", 32 if pixels >= LARGE_PX else 14)
    return made


def _set_axis(letters: QFont, axis: str, value: float) -> None:
    tag = QFont.Tag.fromString(axis)
    if tag is not None:
        letters.setVariableAxis(tag, value)


def fitting(text: str, pixels: float, width: float, weight: Weight = Weight.REGULAR) -> QFont:
    """The font at the given size, or smaller so that the text fits the width on one line."""
    made = font(pixels, weight)
    advance = QFontMetricsF(made).horizontalAdvance(text)
    if advance <= width:
        return made
    size = made.pixelSize() * width / advance
    made = font(int(size), weight)
    while made.pixelSize() > 1 and QFontMetricsF(made).horizontalAdvance(text) > width:
        made = font(made.pixelSize() - 1, weight)
    return made


def fitting_block(text: str, pixels: float, box: QRectF, weight: Weight) -> QFont:
    """The font at the given size, or smaller so that the wrapped text fits the box."""
    made = font(pixels, weight)
    while made.pixelSize() > 1 and not _fits(text, made, box):
        made = font(made.pixelSize() - 1, weight)
    return made


def _fits(text: str, letters: QFont, box: QRectF) -> bool:
    needed = block_size(text, letters, box.width())
    return needed.width() <= box.width() and needed.height() <= box.height()


def block_size(text: str, letters: QFont, width: float) -> QSizeF:
    """The size of a text wrapped at a width; wider only if a single word is."""
    room = QRectF(0, 0, width, 1e6)
    return QFontMetricsF(letters).boundingRect(room, Qt.TextFlag.TextWordWrap, text).size()


def flow(items: Sequence[str], separator: str, letters: QFont, width: float) -> str:
    """The items on as few lines as possible: a line break comes between items where it can."""
    measure = QFontMetricsF(letters)
    lines: list[str] = []
    for item in items:
        longer = f"{lines[-1]}{separator}{item}" if lines else item
        if lines and measure.horizontalAdvance(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(item)
    return "\n".join(lines)
