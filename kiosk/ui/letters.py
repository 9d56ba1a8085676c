"""Which letters no installed font has: they would be drawn as empty boxes.

Asked of Qt, which draws with the kiosk's own typeface and, letter by letter, with every other one
that is installed. A QGuiApplication must exist.
"""

from __future__ import annotations

import unicodedata

from PyQt6.QtGui import QFontMetrics

from kiosk.ui.fonts import font

UNDRAWN = {"Cc", "Cf", "Zs", "Zl", "Zp"}
"""Unicode's categories of spaces, joiners, marks of direction and the like: nothing is drawn."""

SELECTORS = ((0xFE00, 0xFE0F), (0x180B, 0x180F), (0xE0100, 0xE01EF))
"""Choose between forms of the letter before them, and are none themselves."""

EAST_ASIAN = ("CJK ", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC", "HALFWIDTH")
PACKAGES = ("fonts-noto-cjk", "fonts-noto-color-emoji", "fonts-noto-core")


def unseen(text: str) -> str:
    """The letters of a text that no installed font has, each once, in their order."""
    metrics = QFontMetrics(font(20))
    letters = dict.fromkeys(letter for letter in text if _is_drawn(letter))
    return "".join(letter for letter in letters if not metrics.inFontUcs4(ord(letter)))


def remedy(letters: str) -> str:
    """The Debian packages with fonts for such letters."""
    wanted = {_package(letter) for letter in letters}
    return " ".join(package for package in PACKAGES if package in wanted)


def _is_drawn(letter: str) -> bool:
    code = ord(letter)
    chosen = any(first <= code <= last for first, last in SELECTORS)
    return unicodedata.category(letter) not in UNDRAWN and not chosen


def _package(letter: str) -> str:
    cjk, emoji, others = PACKAGES
    if unicodedata.name(letter, "").startswith(EAST_ASIAN):
        return cjk
    return emoji if unicodedata.category(letter) in {"So", "Sk"} else others
