"""Settings of a fleet: how often a kiosk looks, and for how long it lets in without word."""

from __future__ import annotations

from pydantic import Field, ValidationError

from config.sections.urgent import UrgentSettings
from kiosk.domain.access.factors import WhenStale
from kiosk.domain.errors import BadInput


class FleetSettings(UrgentSettings):
    """For a kiosk that `kiosk device enrol` has made a device of a fleet; else without effect."""

    poll_seconds: float = Field(30.0, ge=1.0, le=3600.0)
    """Seconds between two looks into the fleet's store, each up to a fifth more or less."""
    fresh_hours: float = Field(24.0, ge=0.1, le=720.0)
    """Hours without word from the publisher, after which its people need more than their face."""
    when_stale: WhenStale = WhenStale.SECOND_FACTOR
    """What they need then: `second_factor`, or nothing helps: `refuse`."""
    report_seconds: float = Field(300.0, ge=10.0, le=86_400.0)
    """Seconds between two reports of this kiosk's health, each up to a fifth more or less."""
    hand_in_journal: bool = True
    """Whether the journal is handed in, sealed to the fleet's admins."""
    journal_seconds: float = Field(900.0, ge=60.0, le=86_400.0)
    """Seconds for which new entries of the journal wait before they are handed in together."""

    def told_at(self, address: str) -> FleetSettings:
        """A copy with another urgent channel.

        Raises:
            BadInput: that is no address of one, or the login does not fit it.
        """
        try:
            return FleetSettings.model_validate(self.model_dump() | {"urgent": address})
        except ValidationError as error:
            why = "; ".join(each["msg"].removeprefix("Value error, ") for each in error.errors())
            raise BadInput(
                f"The urgent channel cannot be used: {why}.",
                "Write mqtts://HOST:PORT/TOPIC, sqs:QUEUE_URL or sns:ARN, and set the broker's"
                " login in fleet.urgent_login.",
            ) from None
