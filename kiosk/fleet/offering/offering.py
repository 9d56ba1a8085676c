"""The kiosk's side of an offer: whom it offers, by what they have agreed to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from kiosk.domain.vision.template import SpaceId, SubjectId
from kiosk.fleet.device import Device
from kiosk.fleet.offering.offer import Offer, sealed_offer
from kiosk.fleet.records import FleetPerson
from kiosk.fleet.sealing import ScopeKeys
from kiosk.fleet.stores.port import ANYTHING, ObjectStore
from kiosk.fleet.trust import layout
from kiosk.fleet.uploads.handing_in import KioskPeople
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.fleet import FleetOffered
from kiosk.store.people.person import EnrolledPerson


def whom_to_offer(
    people: KioskPeople, consents: Collection[str]
) -> tuple[Sequence[EnrolledPerson], Sequence[SubjectId]]:
    """The people whom this kiosk alone knows: who may be offered, and who may not.

    Args:
        people: whom the kiosk knows.
        consents: the versions of the notice, or the texts of the form, by which people have agreed
            that other doors know them too.

    Raises:
        StoreError: a record was changed or moved, or cannot be read now.
    """
    offered, kept = [], []
    for person in people.references.people():
        if people.members.content_of(person.subject) is not None:
            continue
        consent = person.profile.consent
        if {consent.version, consent.text} & {*consents}:
            offered.append(person)
        else:
            kept.append(person.subject)
    return offered, kept


def offer(
    store: ObjectStore,
    device: Device,
    keys: ScopeKeys,
    people: KioskPeople,
    chosen: Sequence[EnrolledPerson],
    space: SpaceId,
    utc: Callable[[], datetime],
    note: Callable[[JournalEvent], None],
) -> None:
    """Offer people to a scope; admins decide. They stay known here, whatever comes of it.

    Raises:
        FleetStoreUnreachable: the store does not answer; nobody is offered.
        JournalUnwritable, StoreError: nobody is offered.
    """
    everybody = people.references.load(space)
    offered = tuple(
        FleetPerson(
            person.subject,
            person.profile,
            tuple(each for each in everybody if each.subject == person.subject),
        )
        for person in chosen
    )
    made = Offer(device.fingerprint, keys.scope, utc().replace(microsecond=0), offered)
    note(FleetOffered(keys.scope, len(offered)))
    name = layout.offer_name(device.fingerprint, keys.scope)
    data = sealed_offer(made, keys, device.keys.signing)
    store.put(name, data, expected=ANYTHING)
