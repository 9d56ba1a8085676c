"""What is odd with the inviters of a fleet: those that were dropped, and those of no scope."""

from __future__ import annotations

from collections.abc import Iterator

from tuf.api.metadata import Targets

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.history import history_of
from kiosk.fleet.inviting.card import InviterCard
from kiosk.fleet.log import Authors, published_now
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.verified import VerifiedStore


def odd_inviters(verified: VerifiedStore, targets: Targets) -> Iterator[str]:
    """What somebody should look at, a sentence each.

    Raises:
        FleetRefused: a card is missing, or cannot be understood.
    """
    scopes = layout.scopes_in(targets.targets)
    known = layout.inviters_in(targets.targets)
    for inviter in known:
        raw = verified.read_target(targets, layout.inviter_target(inviter))
        card = InviterCard.decode(raw or b"")
        name = f"Inviter {card.name[:40]!r} ({inviter})"
        if card.fingerprint != inviter:
            yield f"{name}: its card speaks of another, {card.fingerprint}."
        elif card.dropped is None and not {*card.scopes} & {*scopes}:
            yield f"{name} has no scope into which it may invite: drop it."
        elif card.dropped is not None:
            yield from _left(verified, targets, card, name)
    places = verified.store.names(layout.INVITATIONS)
    strange = {name.removeprefix(layout.INVITATIONS).partition("/")[0] for name in places}
    for other in sorted(strange - {*known}):
        yield f"Something waits of {other[:40]!r}, who is no inviter of the fleet."


def _left(verified: VerifiedStore, targets: Targets, card: InviterCard, name: str) -> Iterator[str]:
    """What is left of an inviter that was dropped."""
    who, dropped = card.fingerprint, card.dropped or {}
    for scope in sorted(dropped.keys() & {*layout.scopes_in(targets.targets)}):
        authors = Authors(verified, targets, heard_out=who)
        try:
            file = published_now(verified, targets, scope, authors).file
        except FleetRefused:
            continue  # something else is wrong there, and is named as such
        history = history_of(scope, (statement for statement, _ in file.statements))
        if history.next_of(who).number > dropped[scope]:
            yield (
                f"{name} was dropped, and more of it is published than counts: scope {scope} "
                "stops. Drop it once more."
            )
        still = sum(each.author == who for each in history.invitations.values())
        if still:
            yield (
                f"{name} was dropped, and {still} of its invitations into {scope} can still be "
                "used. Drop it once more."
            )
