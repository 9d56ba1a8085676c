"""The next root of trust, which admins hand over among the targets that they sign.

One write commits a whole change of keys: the targets, which name what the root that follows says.
The same root with its signatures lies in the store before that. To put it in its place takes no
key, so whoever comes next ends a change that was interrupted.
"""

from __future__ import annotations

import json

from tuf.api.metadata import Metadata, Root, Targets

from kiosk.domain.errors import FleetRefused, ObjectChanged
from kiosk.fleet.stores.port import ABSENT, StoredObject
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.verified import MOST_METADATA, VerifiedStore


def body_of(root: Root) -> bytes:
    """What is signed of a root."""
    return Metadata(root).signed_bytes


def read_body(body: bytes) -> Root:
    """The root of what is signed of it.

    Raises:
        FleetRefused: it is none.
    """
    try:
        # Canonical JSON has the line breaks of a PEM key as they are.
        return Root.from_dict(json.loads(body, strict=False))
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise _strange() from error


def put_next_root(verified: VerifiedStore, targets: Targets) -> bool:
    """Put the root that follows in its place, if there is one; True if there was.

    Raises:
        FleetRefused: it is missing, or not signed by enough admins.
    """
    body = verified.read_target(targets, layout.ROOT_TARGET)
    if body is None or read_body(body).version != verified.root.version + 1:
        return False
    found = verified.store.get(layout.next_root_name(body), MOST_METADATA)
    if not isinstance(found, StoredObject) or verified.following_body(found.data) != body:
        raise _strange()
    name = layout.metadata_name(Root.type, verified.root.version + 1)
    try:
        verified.store.put(name, found.data, expected=ABSENT)
    except ObjectChanged:
        return True  # somebody was faster
    return True


def _strange() -> FleetRefused:
    return FleetRefused(
        "The next root of trust, which admins have handed over, is missing or another one.",
        "Have them change the keys once more, or restore the store from its own backup.",
    )
