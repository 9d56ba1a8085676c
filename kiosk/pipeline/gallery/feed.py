"""The gallery feed: the currently enrolled people, and the policy for a gallery of their size.

The gallery and its policy are swapped together, in one assignment: no comparison uses one gallery
with the threshold of another. Admins enrol and erase in other processes, so the store is polled for
changes.

A gallery larger than its calibration shuts out nobody who was enrolled in time. The feed keeps the
people enrolled first, as many as there is a threshold for. No threshold is relaxed, and people
enrolled last are not recognised until there is room.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kiosk.domain.access.machine import Event, Faulted, Part, Recovered
from kiosk.domain.access.policy import AccessPolicy, GalleryRoom
from kiosk.domain.errors import PolicyError, StoreError
from kiosk.domain.ports import Clock, ReferenceStore
from kiosk.domain.vision.comparison import Gallery, first_people
from kiosk.domain.vision.template import SpaceId


class WatchedStore(ReferenceStore, Protocol):
    """A reference store that reports changes."""

    def generation(self) -> int:
        """A number that grows with every enrolment and erasure."""
        ...


@dataclass(frozen=True, slots=True)
class Crowd:
    """A gallery larger than its calibration.

    Attributes:
        room: the number of references, and the most allowed.
        people_left_out: the number of people not recognised; those enrolled last.
    """

    room: GalleryRoom
    people_left_out: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A gallery, the policy made for it, and the people it leaves out."""

    gallery: Gallery
    policy: AccessPolicy
    crowd: Crowd | None = None


class GalleryFeed:
    """Keeps the snapshot up to date.

    Args:
        store: the reference store.
        space: the embedding space of the installed models.
        policy_for: returns the policy for a gallery of a given size.
        most: the largest gallery for which there is a policy.

    Raises:
        StoreError: the references cannot be read.
        PolicyError: there is no threshold for the references of a single person.
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
        self._broken = False
        self._generation = store.generation()
        self._snapshot = self._read()

    def gallery(self) -> Gallery:
        """The current gallery."""
        return self._snapshot.gallery

    def policy(self) -> AccessPolicy:
        """The policy for the current gallery."""
        return self._snapshot.policy

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
            generation = self._store.generation()
            if generation != self._generation or self._broken:
                self._snapshot = self._read()
                self._generation = generation
                read = True
        except (StoreError, PolicyError) as error:
            self._broken = True
            report(Faulted(clock.monotonic(), Part.STORE, error.problem))
        else:
            if self._broken:
                self._broken = False
                report(Recovered(clock.monotonic(), Part.STORE))
        return read

    def _read(self) -> Snapshot:
        stored = self._store.load(self._space)
        if len(stored) <= self._most:
            return Snapshot(Gallery.of(self._space, stored), self._policy_for(len(stored)))
        first = first_people(stored, self._most)
        gallery = Gallery.of(self._space, first)
        policy = self._policy_for(len(first) or len(stored))  # no person fits: raises
        everybody = len({reference.subject for reference in stored})
        crowd = Crowd(GalleryRoom(len(stored), self._most), everybody - len(gallery.subjects))
        return Snapshot(gallery, policy, crowd)
