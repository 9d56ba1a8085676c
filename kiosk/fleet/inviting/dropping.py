"""Dropping an inviter while the publisher publishes what it says: what is published counts.

A card says which statement of a dropped inviter is the last that counts. One that was published
after admins had looked, and before their word was there, would stop the scope for everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tuf.api.metadata import Targets

from kiosk.fleet.inviting.card import InviterCard
from kiosk.fleet.log import last_published
from kiosk.fleet.trust.editing import AdminSigning
from kiosk.fleet.trust.verified import VerifiedStore


def count_late(
    signing: AdminSigning,
    path: str,
    author: str,
) -> bool:
    """Let what was published of a dropped inviter meanwhile count.

    Args:
        signing: admins' keys.
        path: the target of its card.
        author: its fingerprint.

    Returns:
        True if there was something; the card is signed anew.

    Raises:
        FleetRefused: what is published cannot be verified.
    """

    def edit(targets: Targets, verified: VerifiedStore) -> Mapping[str, bytes]:
        raw = verified.read_target(targets, path)
        card = None if raw is None else InviterCard.decode(raw)
        if card is None or card.dropped is None:
            return {}
        last = {it: last_published(verified, targets, it, author) for it in card.dropped}
        late = {it: number for it, number in last.items() if number > card.dropped[it]}
        return {path: replace(card, dropped={**card.dropped, **late}).encode()} if late else {}

    done = False
    while edit((verified := signing.verified).targets(), verified):
        signing.edit(edit)
        done = True
        if signing.partly:
            break  # nothing is different before others have signed it too
    return done
