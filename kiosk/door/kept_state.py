"""What the door subsystem keeps over a restart: who is inside, and what operators hold.

This is the one owner of a lockdown and of a pause; door, authorizer and access policy are told of
them, or ask here. A power cut must not lift a lockdown.
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain.access.policy import Hold
from kiosk.domain.errors import StoreCorrupt
from kiosk.domain.people.calendar import Moment
from kiosk.domain.people.presence import Presence, decoded, encoded
from kiosk.door.attempts import Kept


class KeptState:
    """Presence and holds. Changed by one thread, the effects loop's; read by any.

    Attributes:
        presence: the presence of people when it was last kept.

    Args:
        kept: storage that survives a restart.
        moment: the current time by both clocks.

    Raises:
        StoreError: the stored state cannot be read.
    """

    def __init__(self, kept: Kept, moment: Callable[[], Moment]) -> None:
        self._kept = kept
        self.presence, self._holds = _loaded(kept, moment)

    @property
    def hold(self) -> Hold | None:
        """The strongest hold: a lockdown outranks a pause."""
        holds = self._holds
        return Hold.LOCKED_DOWN if Hold.LOCKED_DOWN in holds else next(iter(holds), None)

    @property
    def locked_down(self) -> bool:
        """True if an operator has locked the door down."""
        return Hold.LOCKED_DOWN in self._holds

    def keep(self, presence: Presence) -> None:
        """Keep a changed presence. Raises StoreError."""
        self.presence = presence
        self._save(self._holds)

    def begin(self, hold: Hold) -> None:
        """Begin a hold; it counts even if it cannot be stored. Raises StoreError."""
        self._holds |= {hold}
        self._save(self._holds)

    def end(self, hold: Hold) -> None:
        """End a hold, once that is stored; other holds stay. Raises StoreError."""
        holds = self._holds - {hold}
        self._save(holds)
        self._holds = holds

    def _save(self, holds: frozenset[Hold]) -> None:
        names = sorted(hold.value for hold in holds)
        self._kept.save({"presence": encoded(self.presence), "holds": names})


def _loaded(kept: Kept, moment: Callable[[], Moment]) -> tuple[Presence, frozenset[Hold]]:
    """The stored state; state that cannot be decoded is an error and not an empty state."""
    content = kept.load()
    if content is None:
        return Presence(), frozenset()
    try:
        holds = frozenset(map(Hold, content["holds"]))
        return decoded(content["presence"], moment()), holds
    except (KeyError, TypeError, ValueError) as error:
        raise StoreCorrupt(
            "What an operator ordered, and who is inside, cannot be read.",
            "Restore the kiosk's home from a backup.",
        ) from error
