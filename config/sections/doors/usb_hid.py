"""A USB relay board."""

from __future__ import annotations

from config.sections.common import Section


class UsbHidSettings(Section):
    """A USB relay board."""
