"""A contact on an input: how it lies at rest. Whatever is not at rest is reported."""

from __future__ import annotations

from typing import Literal

from config.sections.common import Section

AtRest = Literal["open", "closed"]


class ContactSettings(Section):
    """One contact, wherever it is wired to."""

    normally: AtRest
    """How the contact lies at rest: door shut, nobody pressing, nothing burning. Closed is better:
    a cut cable is then reported too."""
