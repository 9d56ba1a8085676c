"""The printed invitation with the words of the screen and this door's details."""

from __future__ import annotations

from datetime import datetime

from config.settings import Settings
from kiosk.domain.enrolment.answers import NO_CODE, YES_CODE
from kiosk.people.sheet import SheetCodes, SheetWords, sheet
from kiosk.ui.strings.texts import WritingDirection
from kiosk.ui.text import Speech
from kiosk.wiring.screen import screen_text, screen_words

STEPS = ("go", "answer", "look", "choice", "once")


def invitation_sheet(
    code: str,
    expires_at: datetime,
    language: str,
    settings: Settings,
    answers: tuple[str, str],
) -> bytes:
    """The A4 sheet of an invitation, as a PDF file.

    Args:
        code: the text of its code.
        expires_at: from then on it does not count, UTC.
        language: the language of the sheet.
        settings: all settings.
        answers: the texts of the codes for yes and for no that count for it alone.

    Raises:
        BadInput: the fonts for that language are not installed.
    """
    strings = screen_words(settings, language)
    speech = Speech(strings, screen_text(settings))
    until = expires_at.astimezone(settings.rules.zone())
    words = SheetWords(
        language=language,
        right_to_left=strings.direction is WritingDirection.RIGHT_TO_LEFT,
        title=speech.standing("sheet.title"),
        steps=tuple(speech.standing(f"sheet.{step}") for step in STEPS),
        until=f"{speech.standing('sheet.until')} {until:%Y-%m-%d %H:%M}",
        answers=(speech.standing("sheet.no"), speech.standing("sheet.yes")),
        questions=speech.standing("screen.questions"),
    )
    yes, no = answers if settings.enrolment.signed_answers else (YES_CODE, NO_CODE)
    return sheet(words, SheetCodes(code, no, yes))
