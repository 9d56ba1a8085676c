"""OSDP, the kiosk as a reader in front of an existing panel."""

from __future__ import annotations

from config.sections.common import Section


class OsdpPdSettings(Section):
    """OSDP, the kiosk as a reader in front of an existing panel."""
