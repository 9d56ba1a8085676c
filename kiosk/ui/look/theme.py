"""The style sheet with the palette's colours filled in."""

from __future__ import annotations

from importlib.resources import files
from string import Template

from kiosk.ui.look import palette


def style_sheet() -> str:
    """The complete style sheet. A colour that is not in the palette raises `KeyError`."""
    text = (files("kiosk.ui.look") / "theme.qss").read_text(encoding="utf-8")
    names = {name: value for name, value in vars(palette).items() if isinstance(value, str)}
    return Template(text).substitute(names)
