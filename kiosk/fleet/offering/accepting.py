"""The admins' side of offers: who is offered, and whom they accept into a scope."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kiosk.domain.enrolment.invitation import MOST_SKEW
from kiosk.domain.errors import BadInput, FleetRefused
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.admin import FleetAdmin
from kiosk.fleet.offering.offer import MOST_OFFER, Offer, read_offer
from kiosk.fleet.records import FleetPerson
from kiosk.fleet.reporting.seen import SeenReports
from kiosk.fleet.stores.port import ObjectStore, StoredObject
from kiosk.fleet.trust import layout
from kiosk.store.home import now_utc


@dataclass(slots=True)
class Acceptance:
    """What came of accepting.

    Attributes:
        accepted: who is said to be in the scope from now on.
        there: who was offered under an id that the fleet has already, or twice; nothing is said of
            them.
        past: who was in the fleet before, and was erased or moved; nothing is said of them either:
            whoever comes back is enrolled anew, and agrees anew.
        refused: what lay in the store as an offer and is none, with the reason.
    """

    accepted: list[SubjectId] = field(default_factory=list)
    there: list[SubjectId] = field(default_factory=list)
    past: list[SubjectId] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


class FleetOffers:
    """The offers of the devices of one fleet.

    Args:
        store: the fleet's store.
        admin: admins at work on it.
        seen: what they have seen of each device; None to remember nothing.
        utc: the wall clock.
    """

    def __init__(
        self,
        store: ObjectStore,
        admin: FleetAdmin,
        seen: SeenReports | None = None,
        utc: Callable[[], datetime] = now_utc,
    ) -> None:
        self._store, self._admin, self._seen, self._utc = store, admin, seen, utc

    def of(self, scope: str) -> tuple[Sequence[Offer], Sequence[str]]:
        """The offers to a scope, and why others are none.

        Raises:
            BadInput: there is no such scope.
            FleetRefused: what admins have signed cannot be verified.
        """
        found, refused = [], []
        devices, keys = self._admin.devices_of(scope), self._admin.keys_of(scope)
        for device, card in devices.items():
            name = layout.offer_name(device, scope)
            try:
                there = self._store.get(name, MOST_OFFER)
                if isinstance(there, StoredObject):
                    made = read_offer(there.data, device, card.keys.signing, keys)
                    self._refuse_untimely(made)
                    found.append(made)
            except FleetRefused as error:
                refused.append(f"{name}: {error.problem}")
        return found, refused

    def accept(self, scope: str, subjects: Collection[SubjectId] | None) -> Acceptance:
        """Say of people who are offered that they are in the scope.

        Args:
            scope: its name.
            subjects: who is accepted; None for all.

        Raises:
            BadInput: there is no such scope, or somebody is offered by nobody.
            FleetRefused: what admins have signed cannot be verified.
        """
        offers, refused = self.of(scope)
        offered = [person for each in offers for person in each.people]
        unknown = {*(subjects or ())} - {person.subject for person in offered}
        if unknown:
            raise BadInput(
                f"Nobody offers {', '.join(sorted(unknown))} to scope {scope}.",
                "List the offers, and compare the ids.",
            )
        result = Acceptance(refused=list(refused))
        there, past = self._ever_in(person.subject for person in offered)
        accepted: dict[SubjectId, FleetPerson] = {}
        for person in offered:
            if subjects is not None and person.subject not in subjects:
                continue
            if person.subject in there or person.subject in accepted:
                result.there.append(person.subject)
            elif person.subject in past:
                result.past.append(person.subject)
            else:
                accepted[person.subject] = person
        if accepted:
            self._admin.say(scope, list(accepted.values()))
        result.accepted = list(accepted)
        return result

    def clear(self, scope: str) -> None:
        """Remove the offers to a scope, once they were decided."""
        for device in self._admin.devices_of(scope):
            self._store.delete(layout.offer_name(device, scope))

    def remember(self) -> None:
        """Keep which offers were seen, so that no older one is taken later.

        Raises:
            StoreKeyError: it cannot be written.
        """
        if self._seen is not None:
            self._seen.save()

    def _ever_in(self, subjects: Iterable[SubjectId]) -> tuple[set[SubjectId], set[SubjectId]]:
        """Those of whom some scope has said anything: who is there, and who has been."""
        asked, there, past = set(subjects), set[SubjectId](), set[SubjectId]()
        for scope in self._admin.scopes():
            for subject, word in self._admin.last_words(scope, asked).items():
                (past if word.gone else there).add(subject)
        return there, past

    def _refuse_untimely(self, made: Offer) -> None:
        if made.at > self._utc() + MOST_SKEW:
            raise FleetRefused(
                f"Device {made.device} says that it has offered this later than now.",
                "Set its clock, and have it offer again.",
            )
        number = int(made.at.timestamp())
        if self._seen is None or self._seen.take(made.device, f"offer.{made.scope}", number):
            return
        raise FleetRefused(
            f"Device {made.device} has offered something newer to scope {made.scope} before.",
            "Have the device offer again, see whether its clock is right, and look who has "
            "written to the store.",
        )
