"""Texts that the screen cannot show: the setting or the person concerned, and the remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields

from kiosk.ui.look.letters import remedy, unseen
from kiosk.ui.text import ScreenText

SHOWN_CODES = 5
"""The number of characters named by code; more from the same script add no information."""


def problems(site: ScreenText, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each text that cannot be shown, as a sentence and a remedy. Never contains a name itself.

    Args:
        site: the texts of the settings.
        names: given names by subject id; empty if none are shown.
    """
    for field in fields(site):
        lost = unseen(getattr(site, field.name))
        if lost:
            where = f"screen.{field.name}"
            yield _said(where, lost), f"{_install(lost)}, or write {where} in other letters."
    for subject, name in names.items():
        lost = unseen(name)
        if lost:
            text = _said(f"The given name of {subject}", lost)
            yield f"{text}; they are greeted without it", f"{_install(lost)}."


def _said(what: str, lost: str) -> str:
    codes = " ".join(f"U+{ord(letter):04X}" for letter in lost[:SHOWN_CODES])
    more = " ..." if len(lost) > SHOWN_CODES else ""
    return f"{what} has letters that no installed font has ({codes}{more})"


def _install(lost: str) -> str:
    return f"Install fonts that have them: apt-get install {remedy(lost)}"
