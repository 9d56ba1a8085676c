"""Texts that the screen cannot show: the setting or the person concerned, and the remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kiosk.ui.look.letters import remedy, unseen
from kiosk.ui.strings.texts import DETAILS
from kiosk.ui.text import ScreenText

SHOWN_CODES = 5
"""The number of characters named by code; more from the same script add no information."""


def problems(site: ScreenText, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each text that cannot be shown, as a sentence and a remedy. Never contains a name itself.

    Args:
        site: the texts of the settings.
        names: given names by subject id; empty if none are shown.
    """
    for where, text in _settings(site):
        lost = unseen(text)
        if lost:
            yield _said(where, lost), f"{_install(lost)}, or write {where} in other letters."
    for subject, name in names.items():
        lost = unseen(name)
        if lost:
            text = _said(f"The given name of {subject}", lost)
            yield f"{text}; they are greeted without it", f"{_install(lost)}."


def _settings(site: ScreenText) -> Iterator[tuple[str, str]]:
    """Each text of the settings, with the setting's name."""
    tables = {"screen": site}
    tables |= {f"screen.texts.{code}": texts for code, texts in site.translations.items()}
    for table, texts in tables.items():
        for detail in DETAILS:
            text = getattr(texts, detail)
            if text is not None:
                yield f"{table}.{detail}", text


def _said(what: str, lost: str) -> str:
    codes = " ".join(f"U+{ord(letter):04X}" for letter in lost[:SHOWN_CODES])
    more = " ..." if len(lost) > SHOWN_CODES else ""
    return f"{what} has letters that no installed font has ({codes}{more})"


def _install(lost: str) -> str:
    return f"Install fonts that have them: apt-get install {remedy(lost)}"
