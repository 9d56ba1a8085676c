"""The gallery feed: the currently enrolled people, and the policy for a gallery of their size.

Gallery, policy, rules and factors are one snapshot, read in one transaction and swapped in one
assignment: whoever is erased or restricted is so for the comparison and for the rules at the same
moment. Admins enrol and erase in other processes, so the store is polled for changes: once a
second, and before anything is done at the door.

A gallery larger than its calibration shuts out nobody who was enrolled in time. The feed keeps the
people enrolled first, as many as there is a threshold for. No threshold is relaxed, and people
enrolled last are not recognised until there is room.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from kiosk.domain.access.machine import Event, Faulted, Part, Recovered
from kiosk.domain.access.policy import AccessPolicy, GalleryRoom
from kiosk.domain.errors import PolicyError, StoreError
from kiosk.domain.people.enrolled import KnownPeople, Person
from kiosk.domain.ports import Clock, ReferenceStore
from kiosk.domain.vision.comparison import Gallery
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SpaceId, SubjectId
from kiosk.pipeline.gallery.beside_vision import beside_vision


class WatchedStore(ReferenceStore, Protocol):
    """A reference store that reports changes."""

    def generation(self) -> int:
        """A number that grows with every enrolment and erasure."""
        ...


@dataclass(frozen=True, slots=True)
class Crowd:
    """A gallery larger than its calibration.

    Attributes:
        room: the number of references, one a person, and the most allowed.
        people_left_out: the number of people not recognised; those enrolled last.
    """

    room: GalleryRoom
    people_left_out: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everybody, and what follows from it, as of one moment. Never changed, only replaced.

    Attributes:
        gallery: the references that are compared, one a person.
        policy: the policy for a gallery of that size.
        known: everybody, those left out included.
        generation: that of the store.
        crowd: the people left out; None where everybody is compared.
    """

    gallery: Gallery
    policy: AccessPolicy
    known: KnownPeople
    generation: int
    crowd: Crowd | None = None


class GalleryFeed:
    """Keeps the snapshot up to date.

    Args:
        store: the reference store.
        space: the embedding space of the installed models.
        policy_for: returns the policy for a gallery of a given size.
        most: the largest gallery for which there is a policy, in people.

    Raises:
        StoreError: the references cannot be read.
        PolicyError: there is no threshold for even a single person.
    """

    def __init__(
        self,
        store: WatchedStore,
        space: SpaceId,
        policy_for: Callable[[int], AccessPolicy],
        most: int,
    ) -> None:
        self._store = store
        self._space = space
        self._policy_for = policy_for
        self._most = most
        self._broken: StoreError | PolicyError | None = None
        self._snapshot = self._read(None, Instant(float("-inf")))

    def gallery(self) -> Gallery:
        """The current gallery."""
        return self._snapshot.gallery

    def policy(self) -> AccessPolicy:
        """The policy for the current gallery."""
        return self._snapshot.policy

    def people(self) -> Mapping[SubjectId, Person]:
        """Rules and factors of everybody.

        Raises:
            StoreError: the last attempt to read them failed; what was read before is not used.
        """
        if self._broken is not None:
            raise StoreError(self._broken.problem, self._broken.remedy) from self._broken
        return self._snapshot.known.people

    def crowd(self) -> Crowd | None:
        """The people left out; None where everybody is compared."""
        return self._snapshot.crowd

    def refresh(self, clock: Clock, report: Callable[[Event], None]) -> bool:
        """Check the store for changes; a store that cannot be read is a fault.

        Returns:
            True if it was read again.
        """
        read = False
        try:
            if self._store.generation() != self._snapshot.generation or self._broken:
                self._snapshot = self._read(self._snapshot, clock.monotonic())
                read = True
        except (StoreError, PolicyError) as error:
            self._broken = error
            report(Faulted(clock.monotonic(), Part.STORE, error.problem))
        else:
            if self._broken:
                self._broken = None
                report(Recovered(clock.monotonic(), Part.STORE))
        return read

    def _read(self, before: Snapshot | None, now: Instant) -> Snapshot:
        with beside_vision():  # frames are looked at meanwhile
            return self._whole(before, now)

    def _whole(self, before: Snapshot | None, now: Instant) -> Snapshot:
        """Everybody as the store has them; whoever has not changed is as before."""
        before_known = KnownPeople.nobody(self._space) if before is None else before.known
        enrolled = self._store.enrolled(self._space, before_known.versions)
        found = before_known.after(enrolled)
        gallery, policy, crowd = self._compared(found.gallery)
        known = found if before is None else _dated(found, before.known, now)
        return Snapshot(gallery, policy, known, enrolled.generation, crowd)

    def _compared(self, everybody: Gallery) -> tuple[Gallery, AccessPolicy, Crowd | None]:
        """The gallery that is compared, its policy, and the people who are left out."""
        first, all_of_them = everybody.first(self._most), len(everybody)
        policy = self._policy_for(len(first) or all_of_them)  # nobody fits: raises
        room = GalleryRoom(all_of_them, self._most)
        crowd = Crowd(room, all_of_them - len(first)) if all_of_them > self._most else None
        return first, policy, crowd


def _dated(found: KnownPeople, before: KnownPeople, now: Instant) -> KnownPeople:
    """Everybody, with when this kiosk learned of them; whoever was enrolled anew is new."""

    def dated(who: SubjectId, person: Person) -> Person:
        if found.versions[who] == before.versions.get(who):
            return before.people[who]
        same = set(found.enrolments.get(who, ())) & set(before.enrolments.get(who, ()))
        return replace(person, since=before.people[who].since if same else now)

    return replace(found, people={who: dated(who, it) for who, it in found.people.items()})
