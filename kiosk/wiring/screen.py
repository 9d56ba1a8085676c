"""The site's own texts on the screen."""

from __future__ import annotations

from config.settings import Settings
from kiosk.ui.strings import load
from kiosk.ui.strings.reading import with_own_words
from kiosk.ui.strings.texts import Strings
from kiosk.ui.text import ScreenText


def screen_words(settings: Settings, language: str | None = None) -> Strings:
    """The texts of a language with the site's own words in them.

    Args:
        settings: all settings.
        language: its ISO 639 code; None for that of the settings.

    Raises:
        SettingsError: there is no such language, or the site's words cannot be used.
    """
    code = language or settings.screen.language
    return with_own_words(load(code), settings.screen.words.get(code, {}))


def screen_text(settings: Settings) -> ScreenText:
    """The screen texts for this door."""
    screen = settings.screen
    return ScreenText(
        screen.organisation,
        screen.purpose,
        screen.contact,
        screen.other_way,
        settings.cloud.region,
        {code: ScreenText(**texts.model_dump()) for code, texts in screen.texts.items()},
    )
