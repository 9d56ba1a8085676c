"""Who is enrolled now, and the policy that follows from how many they are.

The gallery and its policy are swapped together, in one assignment: nobody ever compares with one
gallery under the threshold of another. Admins enrol and erase in other processes, so the store is
asked now and then whether it has changed.

A gallery that has outgrown its calibration shuts the door for nobody who was enrolled in time: it
goes on with those who came first, as many as there is a threshold for. Nothing is loosened, and who
came last is not recognised until there is room.
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
    """A reference store that tells when it has changed."""

    def generation(self) -> int:
        """Grows with every enrolment and erasure."""
        ...


@dataclass(frozen=True, slots=True)
class Crowd:
    """A gallery that is larger than its calibration.

    Attributes:
        room: how many references there are, and how many there may be.
        people_left_out: how many people are not recognised; those who were enrolled last.
    """

    room: GalleryRoom
    people_left_out: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A gallery, the policy that was made for it, and whether it leaves anybody out."""

    gallery: Gallery
    policy: AccessPolicy
    crowd: Crowd | None = None


class GalleryFeed:
    """Keeps the ruling up to date.

    Args:
        store: where references are kept.
        space: of the installed models.
        policy_for: the policy for a gallery of this size.
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
        """The newest gallery."""
        return self._snapshot.gallery

    def policy(self) -> AccessPolicy:
        """The policy for it."""
        return self._snapshot.policy

    def crowd(self) -> Crowd | None:
        """Who is left out; None where everybody is compared."""
        return self._snapshot.crowd

    def refresh(self, clock: Clock, report: Callable[[Event], None]) -> bool:
        """Look whether the store has changed; a store that cannot be read is a fault.

        Returns:
            Whether it was read anew.
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
        policy = self._policy_for(len(first) or len(stored))  # nobody fits: it says why
        everybody = len({reference.subject for reference in stored})
        crowd = Crowd(GalleryRoom(len(stored), self._most), everybody - len(gallery.subjects))
        return Snapshot(gallery, policy, crowd)
