"""Settings of retention: how long people, journal entries and receipts are kept."""

from __future__ import annotations

from pydantic import Field

from config.sections.common import Section


class RetentionSettings(Section):
    """What `kiosk retention run` goes by; a kiosk that runs does the same once a day."""

    unused_days: int = Field(365, ge=30, le=3650)
    """Days without being let in after which a person is erased; leavers are erased at once."""
    journal_days: int = Field(180, ge=30, le=3650)
    """Days after which journal entries go, without breaking the chain."""
    receipt_days: int = Field(1825, ge=180, le=3650)
    """Days for which a receipt can be checked, and a backup brings nobody back who was erased."""
