"""The next root of trust, which admins hand over among the targets that they sign.

One write commits a whole change of keys: the targets, with the root that follows in them. To put
that root in its place takes no key, so whoever comes next ends a change that was interrupted.
"""

from __future__ import annotations

from tuf.api.metadata import Metadata, Root, Targets
from tuf.api.serialization import DeserializationError

from kiosk.domain.errors import FleetRefused, ObjectChanged
from kiosk.fleet.stores.port import ABSENT
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.verified import VerifiedStore


def read_root(data: bytes) -> Root:
    """The root of trust in a file, not verified.

    Raises:
        FleetRefused: it is none.
    """
    try:
        found = Metadata[Root].from_bytes(data).signed
    except DeserializationError as error:
        raise _strange() from error
    if not isinstance(found, Root):
        raise _strange()
    return found


def put_next_root(verified: VerifiedStore, targets: Targets) -> bool:
    """Put the root that follows in its place, if there is one; True if there was.

    Raises:
        FleetRefused: it cannot be verified.
    """
    raw = verified.read_target(targets, layout.ROOT_TARGET)
    if raw is None or read_root(raw).version != verified.root.version + 1:
        return False
    verified.refuse_other_root(raw)
    name = layout.metadata_name(Root.type, verified.root.version + 1)
    try:
        verified.store.put(name, raw, expected=ABSENT)
    except ObjectChanged:
        return True  # somebody was faster
    return True


def _strange() -> FleetRefused:
    return FleetRefused(
        "What admins have handed over as their next root of trust is none.",
        "Look who has signed it.",
    )
