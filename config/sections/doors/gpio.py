"""Lines of a GPIO chip."""

from __future__ import annotations

from config.sections.common import Section


class GpioSettings(Section):
    """Lines of a GPIO chip."""
