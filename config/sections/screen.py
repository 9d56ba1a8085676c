"""Settings of the screen and the voice prompts."""

from __future__ import annotations

from pydantic import Field

from config.sections.common import Section


class ScreenSettings(Section):
    """Notice, names, voice and window."""

    language: str = Field("en", pattern=r"^[a-z]{2,3}$")
    """The code of a language that the screen has words for, as in `kiosk/ui/strings/`."""
    show_names: bool = False
    """Whether a granted person's given name is shown; off, since others can read it."""
    speak: bool = True
    """Whether prompts are spoken, where a speech engine is installed."""
    organisation: str = Field("this site", min_length=1, max_length=60)
    """Who is responsible, as the standing notice says it."""
    purpose: str = Field("opening this door", min_length=1, max_length=60)
    """What face recognition is used for here, as the standing notice says it."""
    contact: str = Field("reception", min_length=1, max_length=80)
    """Whom to ask, and who helps."""
    other_way: str = Field("your card", min_length=1, max_length=60)
    """How to enter without a face."""
    fullscreen: bool = True
    """Off for development only."""
    width: int = Field(1280, ge=320, le=7680)
    """Of the window where it is not full screen."""
    height: int = Field(800, ge=320, le=7680)
    """Of the window where it is not full screen."""
