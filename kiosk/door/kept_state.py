"""What outlives a restart at a door: who is inside, and what an operator has ordered for everybody.

The owner of a pause and of a lockdown. Whoever has to know of one asks here: the policy of the
access session, the authorizer, and the operators. The door's own machine is told of a lockdown, so
that nothing but an operator moves the lock. A power cut lifts neither.
"""

from __future__ import annotations

from kiosk.domain.access.policy import Hold
from kiosk.domain.errors import StoreCorrupt
from kiosk.domain.people.calendar import Moment
from kiosk.domain.people.presence import Presence, decoded, encoded
from kiosk.door.attempts import Kept


class KeptState:
    """Presence and holds, durable. Changed by one thread, the effects loop's.

    Args:
        kept: storage that survives a restart.
        moment: the current time by both clocks.

    Raises:
        StoreError: the stored state cannot be read; it is not taken for an empty one.
    """

    def __init__(self, kept: Kept, moment: Moment) -> None:
        self._kept = kept
        self.presence, self._holds = _loaded(kept, moment)

    @property
    def hold(self) -> Hold | None:
        """The strongest order: a lockdown outranks a pause. May be read by any thread."""
        holds = self._holds
        return Hold.LOCKED_DOWN if Hold.LOCKED_DOWN in holds else next(iter(holds), None)

    @property
    def locked_down(self) -> bool:
        """True if an operator has locked the door down. May be read by any thread."""
        return Hold.LOCKED_DOWN in self._holds

    def keep(self, presence: Presence) -> None:
        """Store a changed presence. Raises StoreError; it counts all the same."""
        if presence != self.presence:
            self.presence = presence
            self._save(self._holds)

    def begin(self, hold: Hold) -> None:
        """Begin a hold; it takes effect even if it cannot be stored. Raises StoreError."""
        self._holds |= {hold}
        self._save(self._holds)

    def end(self, hold: Hold) -> None:
        """End a hold once that is stored; the other one is not affected. Raises StoreError."""
        holds = self._holds - {hold}
        self._save(holds)
        self._holds = holds

    def _save(self, holds: frozenset[Hold]) -> None:
        names = sorted(hold.value for hold in holds)
        self._kept.save({"presence": encoded(self.presence), "holds": names})


def _loaded(storage: Kept, moment: Moment) -> tuple[Presence, frozenset[Hold]]:
    kept = storage.load()
    if kept is None:
        return Presence(), frozenset()
    try:
        return decoded(kept["presence"], moment), frozenset(map(Hold, kept["holds"]))
    except (KeyError, TypeError, ValueError) as error:
        raise StoreCorrupt(
            "What an operator ordered, and who is inside, cannot be read.",
            "Restore the kiosk's home from a backup.",
        ) from error
