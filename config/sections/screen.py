"""Settings of the screen and the voice prompts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from config.sections.common import Section

LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
"""The code of a language that the screen has words for, as in `kiosk/ui/strings/`."""

TEXT_SCALES = (1.0, 1.25, 1.5)


def _known(scale: float) -> float:
    if scale not in TEXT_SCALES:
        raise ValueError("must be 1.0, 1.25 or 1.5")
    return scale


TextScale = Annotated[float, AfterValidator(_known)]


class SiteTexts(Section):
    """The details of this door in one language. Unset: the language's own general words."""

    organisation: str | None = Field(None, min_length=1, max_length=60)
    """Who is responsible, as the standing notice says it."""
    purpose: str | None = Field(None, min_length=1, max_length=60)
    """What face recognition is used for here, as the standing notice says it."""
    contact: str | None = Field(None, min_length=1, max_length=80)
    """Whom to ask, and who helps."""
    other_way: str | None = Field(None, min_length=1, max_length=60)
    """How to enter without a face."""


class ScreenSettings(SiteTexts):
    """Notice, names, voice and window; the door's details as they are in every language."""

    language: LanguageCode = "en"
    """The language at the start; whoever stands there may choose another."""
    texts: dict[LanguageCode, SiteTexts] = Field(default_factory=dict)
    """The door's details in other languages, as in `[screen.texts.es]`."""
    words: dict[LanguageCode, dict[str, str]] = Field(default_factory=dict)
    """The site's own words, by language and key, such as `consent_use.sentence` in
    `[screen.words.en]`; the keys are those of `kiosk/ui/strings/en.toml`."""
    show_names: bool = False
    """Whether a granted person's given name is shown; off, since others can read it."""
    speak: bool = True
    """Whether prompts are spoken, where a speech engine is installed."""
    recordings: Path | None = None
    """A folder of recorded prompts, `LANGUAGE/PROMPT.wav`; the others are spoken. Needs alsa-utils.
    """
    text_scale: TextScale = Field(1.0, ge=1.0, le=1.5)
    """Size of the words: 1.0, 1.25 or 1.5; what has no room for more stays as it is."""
    fullscreen: bool = True
    """Off for development only."""
    width: int = Field(1280, ge=320, le=7680)
    """Of the window where it is not full screen."""
    height: int = Field(800, ge=320, le=7680)
    """Of the window where it is not full screen."""
