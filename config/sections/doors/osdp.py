"""OSDP, the kiosk as controller of a reader or I/O module."""

from __future__ import annotations

from config.sections.common import Section


class OsdpSettings(Section):
    """OSDP, the kiosk as controller of a reader or I/O module."""
