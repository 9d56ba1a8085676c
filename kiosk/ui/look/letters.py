"""Detection of characters that no installed font has, which would be drawn as empty boxes.

Qt draws with the kiosk's own typeface and, per character, with every other installed font; it is
asked here. A QGuiApplication must exist.
"""

from __future__ import annotations

import unicodedata

from PyQt6.QtGui import QFontMetrics

from kiosk.ui.look.fonts import font

UNDRAWN = {"Cc", "Cf", "Zs", "Zl", "Zp"}
"""Unicode categories of spaces, joiners, directional marks and similar: nothing is drawn."""

SELECTORS = ((0xFE00, 0xFE0F), (0x180B, 0x180F), (0xE0100, 0xE01EF))
"""Code ranges that select a form of the preceding character and are not drawn themselves."""

EAST_ASIAN = ("CJK ", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC", "HALFWIDTH")
PACKAGES = ("fonts-noto-cjk", "fonts-noto-color-emoji", "fonts-noto-core")


def unseen(text: str) -> str:
    """The characters of a text that no installed font has, each once, in order."""
    metrics = QFontMetrics(font(20))
    letters = dict.fromkeys(letter for letter in text if _is_drawn(letter))
    return "".join(letter for letter in letters if not metrics.inFontUcs4(ord(letter)))


def remedy(letters: str) -> str:
    """The Debian packages with fonts for such characters."""
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
