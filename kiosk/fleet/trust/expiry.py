"""What admins have to renew before it expires."""

from __future__ import annotations

from datetime import datetime, timedelta

from tuf.api.metadata import Root, Targets

RENEW_BEFORE = timedelta(days=60)
"""Admins are told so long before what they signed expires: two of them have to find the time."""


def expiry_warnings(root: Root, targets: Targets, now: datetime) -> list[str]:
    """What has to be renewed soon, a sentence each."""
    said = (("The root of trust", root), ("What admins have signed", targets))
    return [
        f"{what} {'has expired' if role.expires <= now else 'expires'} on "
        f"{role.expires:%Y-%m-%d}: renew it."
        for what, role in said
        if role.expires - now < RENEW_BEFORE
    ]
