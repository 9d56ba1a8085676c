"""When the publisher signed what is published: its timestamp says so."""

from __future__ import annotations

from datetime import UTC, datetime

from tuf.api.metadata import Timestamp

from kiosk.domain.errors import FleetRefused

SIGNED_AT = "x-lintel-at"


def signed_at(stamp: Timestamp) -> datetime:
    """When the publisher signed that all is as it should be, UTC.

    Raises:
        FleetRefused: the publisher did not say.
    """
    try:
        return datetime.fromisoformat(stamp.unrecognized_fields[SIGNED_AT]).astimezone(UTC)
    except (KeyError, OverflowError, TypeError, ValueError) as error:
        raise FleetRefused(
            "The publisher did not say when it signed.", "Install the newest version there."
        ) from error
