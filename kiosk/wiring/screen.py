"""The site's own texts on the screen."""

from __future__ import annotations

from config.settings import Settings
from kiosk.ui.text import ScreenText


def screen_text(settings: Settings) -> ScreenText:
    """The screen texts for this door."""
    screen = settings.screen
    return ScreenText(
        screen.organisation,
        screen.purpose,
        screen.contact,
        screen.other_way,
        {code: ScreenText(**texts.model_dump()) for code, texts in screen.texts.items()},
    )
