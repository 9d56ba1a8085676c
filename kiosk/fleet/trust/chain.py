"""Two roots of trust: whether one has come of the other."""

from __future__ import annotations

from kiosk.domain.errors import FleetRefused
from kiosk.fleet.stores.port import ObjectStore
from kiosk.fleet.trust.verified import VerifiedStore


def newer_of(store: ObjectStore, one: bytes, other: bytes) -> bytes | None:
    """The newer of two roots, if the older one's admins have signed the way to it; else None.

    Args:
        store: the fleet's store, with the roots between them.
        one: a root that is trusted.
        other: another one that is trusted.

    Raises:
        FleetStoreUnreachable: the store does not answer.
    """
    try:
        for older, newer in ((one, other), (other, one)):
            if newer in VerifiedStore(store, older).roots:
                return newer
    except FleetRefused:
        return None
    return None
