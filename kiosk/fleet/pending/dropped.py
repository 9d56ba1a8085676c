"""What a device or an inviter has said since its dropping was made, which too few have signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from tuf.api.metadata import Targets

from kiosk.domain.errors import FleetRefused
from kiosk.fleet.cards import DeviceCard
from kiosk.fleet.inviting.card import InviterCard
from kiosk.fleet.log import last_published
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.verified import VerifiedStore


def said_more(
    real: VerifiedStore, before: Targets, over: VerifiedStore, after: Targets
) -> str | None:
    """Who has said more than would count, in words; None for nobody.

    Args:
        real: the store.
        before: what admins have signed last.
        over: the store as it would be.
        after: what admins would sign.

    Raises:
        FleetRefused: a card is missing, or cannot be understood.
    """
    for path, info in after.targets.items():
        old = before.targets.get(path)
        if old is not None and old.hashes == info.hashes:
            continue
        known = _ended(path, real.read_target(before, path))
        would = _ended(path, over.read_target(after, path))
        new = {scope: last for scope, last in would.items() if known.get(scope) != last}
        for told in _more(real, before, path, new):
            return told
    return None


def _more(real: VerifiedStore, before: Targets, path: str, new: Mapping[str, int]) -> Iterator[str]:
    inviters = path.startswith(layout.INVITERS)
    folder = layout.INVITERS if inviters else layout.DEVICES
    author = path.removeprefix(folder).removesuffix(".json")
    for scope in sorted(new.keys() & {*layout.scopes_in(before.targets)}):
        last = 0
        with suppress(FleetRefused):  # the scope cannot be verified, which the publisher names
            last = last_published(real, before, scope, author)
        if last > new[scope]:
            yield (
                f"{'Inviter' if inviters else 'Device'} {author} has said more about {scope} since "
                f"it was made: statement {last} is published, and {new[scope]} would be the last "
                "that counts."
            )


def _ended(path: str, data: bytes | None) -> Mapping[str, int]:
    """The last statement that counts, by scope, of whom a card ends."""
    if data is None:
        return {}
    if path.startswith(layout.INVITERS):
        return InviterCard.decode(data).dropped or {}
    if not path.startswith(layout.DEVICES):
        return {}
    card = DeviceCard.decode(data)
    dropped = card.dropped or {}
    return {scope: last for scope, last in dropped.items() if scope not in card.scopes}
