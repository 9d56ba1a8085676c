"""The kiosk's side of an offer that waits: whoever is not enrolled here any more goes from it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from kiosk.domain.errors import StoreError
from kiosk.domain.vision.template import SpaceId, SubjectId
from kiosk.fleet.device import Device
from kiosk.fleet.offering.offering import offer
from kiosk.fleet.sealing import ScopeKeys
from kiosk.fleet.stores.port import ObjectStore
from kiosk.fleet.uploads.handing_in import KioskPeople
from kiosk.journal.events.event import JournalEvent
from kiosk.store.home import replace_whole
from kiosk.store.people.person import EnrolledPerson

FILE = "offered.json"
_Offered = dict[str, dict[str, str]]


class OfferMemory:
    """Whom this kiosk has offered to which scope, and when they had been enrolled.

    Args:
        folder: of what the kiosk keeps of its fleet.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def read(self) -> _Offered:
        """By scope and subject; nothing where it is missing or damaged."""
        try:
            found = json.loads(self._path.read_bytes())
            return {str(scope): dict(people) for scope, people in found.items()}
        except (OSError, AttributeError, TypeError, ValueError):
            return {}

    def keep(self, scope: str, people: Sequence[EnrolledPerson]) -> None:
        """Keep whom the offer to a scope has; durable on return.

        Raises:
            StoreError: it cannot be written.
        """
        known = self.read()
        known[scope] = {each.subject: _since(each) for each in people}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            replace_whole(self._path, json.dumps(known).encode())
        except OSError as error:
            why = os.strerror(error.errno or 0)
            raise StoreError(
                f"The file {self._path} cannot be written: {why}.",
                "See to whom its folder belongs, and whether the disk is full.",
            ) from error


class OfferKeeping:
    """Offers anew without those who are not enrolled here any more, or were enrolled anew.

    Args:
        store: the fleet's store.
        device: what the kiosk is in its fleet.
        memory: whom it has offered.
        people: whom it knows.
        space: the embedding space of its templates.
        utc: the wall clock.
        note: writes to the journal, before anything is offered.
    """

    def __init__(
        self,
        store: ObjectStore,
        device: Device,
        memory: OfferMemory,
        people: KioskPeople,
        space: SpaceId,
        utc: Callable[[], datetime],
        note: Callable[[JournalEvent], None],
    ) -> None:
        self._store, self._device, self._memory = store, device, memory
        self._people, self._space, self._utc, self._note = people, space, utc, note
        self._quiet: int | None = None

    def run(self, scopes: Mapping[str, ScopeKeys]) -> None:
        """Offer anew what has changed; right after a sync.

        Args:
            scopes: the keys of this device's scopes, by name.

        Raises:
            FleetStoreUnreachable: the store does not answer; the next sync tries again.
            JournalUnwritable, StoreError: nothing more was offered.
        """
        generation = self._people.references.generation()
        offered = {} if generation == self._quiet else self._memory.read()
        people = self._people.references.people() if offered else []
        for scope, before in offered.items():
            same = [each for each in people if before.get(each.subject) == _since(each)]
            if len(same) < len(before) and scope in scopes:
                left = [each for each in same if self._is_known_here_alone(each.subject)]
                where = (self._store, self._device, scopes[scope], self._people)
                offer(*where, left, self._space, self._utc, self._note)
                self._memory.keep(scope, left)
        self._quiet = generation

    def _is_known_here_alone(self, subject: SubjectId) -> bool:
        return self._people.members.content_of(subject) is None


def _since(person: EnrolledPerson) -> str:
    return person.profile.enrolled_at.isoformat()
