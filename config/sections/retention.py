"""Settings of retention: how long people, journal entries and receipts are kept."""

from __future__ import annotations

from pydantic import Field

from config.sections.common import Section


class RetentionSettings(Section):
    """What `kiosk retention run` goes by; a kiosk that runs does the same once a day."""

    unused_days: int = Field(365, ge=30, le=3650)
    """Days without being let in after which a person is erased; leavers are erased at once."""
