"""A contact on an input, with its rest state. Any other state is reported."""

from __future__ import annotations

from typing import Literal

from config.sections.common import Section

AtRest = Literal["open", "closed"]


class ContactSettings(Section):
    """One contact, on any kind of input."""

    normally: AtRest
    """State of the contact at rest: door shut, button not pressed, no fire. Closed is better: a cut
    cable is then reported too."""
