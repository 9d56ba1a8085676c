"""A relay that is told over HTTP."""

from __future__ import annotations

from config.sections.common import Section


class HttpSettings(Section):
    """A relay that is told over HTTP."""
