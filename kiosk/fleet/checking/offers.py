"""The offers of devices that lie in a store: who is offered where, and which are none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tuf.api.metadata import Targets

from kiosk.domain.errors import FleetRefused, StoreKeyError
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.keys.book import ScopeBook
from kiosk.fleet.offering.offer import MOST_OFFER, Offer, read_offer
from kiosk.fleet.stores.port import StoredObject
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.trust.verified import VerifiedStore


@dataclass(frozen=True, slots=True)
class OfferThere:
    """An offer that waits for admins, as far as it can be understood.

    Attributes:
        scope: to which people are offered.
        device: that offers them, by its fingerprint.
        subjects: who is offered; None where no key that is here opens the scope, or it is no offer.
        problem: why it is no offer; None if it is one.
    """

    scope: str
    device: str
    subjects: tuple[SubjectId, ...] | None = None
    problem: str | None = None


def offers_there(verified: VerifiedStore, targets: Targets, keys: Keyring) -> Iterator[OfferThere]:
    """Every offer in a store, by device and scope.

    Raises:
        FleetRefused: what admins have signed cannot be verified.
        FleetStoreUnreachable: the store does not answer.
    """
    book = ScopeBook(verified, targets, keys)
    for name in verified.store.names(layout.DEVICES):
        found = layout.offered_by(name)
        if found is None:
            continue
        device, scope = found
        try:
            made = _read(verified, book, name, device, scope)
        except FleetRefused as error:
            yield OfferThere(scope, device, problem=error.problem)
        except StoreKeyError:
            yield OfferThere(scope, device)
        else:
            yield OfferThere(scope, device, tuple(person.subject for person in made.people))


def odd_offers(verified: VerifiedStore, targets: Targets, keys: Keyring) -> Iterator[str]:
    """What lies in a store as an offer and can be accepted by nobody, a sentence each."""
    for each in offers_there(verified, targets, keys):
        if each.problem is not None:
            yield f"{layout.offer_name(each.device, each.scope)}: {each.problem}"


def _read(verified: VerifiedStore, book: ScopeBook, name: str, device: str, scope: str) -> Offer:
    card = book.device(device)
    if card is None or scope not in card.scopes:
        raise FleetRefused(f"Device {device} is not in scope {scope}, and offers people to it.")
    keys = book.open(book.scope(scope))
    found = verified.store.get(name, MOST_OFFER)
    data = found.data if isinstance(found, StoredObject) else b""
    return read_offer(data, device, card.keys.signing, keys)
