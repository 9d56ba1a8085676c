"""Where changes wait for more admins: left by one, looked at and signed by the next.

Whoever signs sees what the documents say, verified and opened with their own key. When enough have
signed, the documents are written as if all keys had been in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tuf.api.metadata import Targets

from kiosk.domain.errors import BadInput, FleetRefused, ObjectChanged, StoreKeyError
from kiosk.fleet.checking.people import PersonDifference
from kiosk.fleet.pending.change import PendingChange
from kiosk.fleet.pending.meanwhile import tags_of
from kiosk.fleet.pending.view import PendingView
from kiosk.fleet.stores.overlay import Write
from kiosk.fleet.stores.port import ABSENT, ANYTHING, ObjectStore, StoredObject
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.keyring import Keyring

WAITS = timedelta(days=7)
SKEW = timedelta(minutes=5)
MOST_PENDING = 200_000_000
TRIES = 8


@dataclass(frozen=True, slots=True)
class PendingReport:
    """A change that waits, as its documents say.

    Attributes:
        ident: its name.
        signed: the names of the admins who have signed all of it.
        threshold: how many have to, by the roots of before and after.
        missing: how many more have to.
        made: when, UTC, as it is signed.
        expires: when nobody may sign it any more, UTC.
        signs: what it changes about keys, scopes and devices, a sentence each.
        people: how it changes people.
        problem: why it can take effect no more; None while it can.
        overtaken: the scopes of which other admins have said something since, about others: it has
            to be carried over, and signed again.
    """

    ident: str
    signed: tuple[str, ...]
    threshold: int
    missing: int
    made: datetime
    expires: datetime
    signs: tuple[str, ...]
    people: tuple[PersonDifference, ...]
    problem: str | None
    overtaken: tuple[str, ...] = ()


class PendingDesk:
    """Leaves, shows and signs changes that wait.

    Args:
        store: the fleet's store.
        keys: the keys of the admin who is here.
        utc: the wall clock.
    """

    def __init__(self, store: ObjectStore, keys: Keyring, utc: Callable[[], datetime]) -> None:
        self._store, self._keys, self._utc = store, keys, utc

    def leave(self, writes: Sequence[Write]) -> PendingReport:
        """Leave a change for the others to sign.

        Raises:
            BadInput: another one that waits is about the same people.
            FleetRefused: there is nothing to be signed in it.
        """
        change = PendingChange.of(writes)
        self._refuse_same_people(_people_of(change), change.ident)
        return self._left(change)

    def leave_all(self, writes: Sequence[Write]) -> list[PendingReport]:
        """Leave what admins sign about the fleet, and what they say about people, each by itself.

        Raises:
            BadInput: another one that waits is about the same people.
            FleetRefused: there is nothing to be signed in it.
        """
        said = [write for write in writes if write.name.startswith(layout.CHANGES)]
        signed = [write for write in writes if write not in said]
        changes = [PendingChange.of(part) for part in (signed, said) if part]
        for change in changes:
            self._refuse_same_people(_people_of(change), change.ident)
        return [self._left(change) for change in changes]

    def refuse_about(self, scope: str, tags: Iterable[str]) -> None:
        """Check that no change that waits is about these, before there is work with them.

        Raises:
            BadInput: one is.
        """
        self._refuse_same_people(frozenset((scope, tag) for tag in tags))

    def names(self) -> list[str]:
        """The names of all changes that wait."""
        found = (layout.pending_of(name) for name in self._store.names(layout.PENDING))
        return [ident for ident in found if ident is not None]

    def look(self, ident: str) -> PendingReport:
        """What a change says.

        Raises:
            BadInput: there is none of that name.
            FleetRefused: it holds something that admins do not sign.
            StoreKeyError: no key that is here opens the scope whose people it changes.
        """
        return self._looked(self._read(ident)[0])

    def sign(self, ident: str, shown: PendingReport) -> bool:
        """Sign a change with each admin's key that is here; True if it has taken effect.

        Args:
            ident: its name.
            shown: what the admin has seen of it.

        Raises:
            BadInput: there is none of that name.
            FleetRefused: it is another one than was shown, or can take effect no more.
            StoreKeyError: no admin's key is here.
        """
        for _ in range(TRIES):
            change, tag = self._as_shown(ident, shown)
            if overtaken := PendingView(self._store, self._keys, change).overtaken():
                raise FleetRefused(
                    f"Other admins have said something about {', '.join(overtaken)} since it was "
                    "made.",
                    "Carry it over.",
                )
            change = self._with_mine(change)
            try:
                name = layout.pending_name(ident)
                self._store.put(name, change.encode(), expected=tag)
            except ObjectChanged:
                continue  # another admin has signed just now
            return self._applied(change)
        raise FleetRefused("Others sign at each of several attempts.", "Try again in a moment.")

    def carry_over(self, ident: str, shown: PendingReport) -> PendingReport:
        """Say again what was overtaken, after what was said since, with each key that is here.

        Everybody else has to sign it again: admins sign the place of what they say, too.

        Args:
            ident: its name.
            shown: what the admin has seen of it.

        Returns:
            What waits in its place.

        Raises:
            BadInput: there is none of that name.
            FleetRefused: it is another one than was shown, or can take effect no more.
            StoreKeyError: no admin's key is here.
        """
        change, _ = self._as_shown(ident, shown)
        view = PendingView(self._store, self._keys, change)
        if not view.overtaken():
            return shown
        made = self._left(self._with_mine(view.carried_over()))
        self._store.delete(layout.pending_name(ident))
        return made

    def reject(self, ident: str) -> None:
        """Take a change away; nothing of it takes effect.

        Raises:
            BadInput: there is none of that name.
        """
        name = layout.pending_name(ident)
        if layout.pending_of(name) is None or self._store.get(name, MOST_PENDING) is None:
            raise _none(ident)
        self._store.delete(name)

    # -- leaving it --------------------------------------------------------------------------------

    def _left(self, change: PendingChange) -> PendingReport:
        name = layout.pending_name(change.ident)
        self._store.put(name, change.encode(), expected=ANYTHING)
        return self.look(change.ident)

    def _refuse_same_people(self, mine: frozenset[tuple[str, str]], own: str | None = None) -> None:
        """Check that nothing else that waits, and that an admin has signed, is about the same."""
        for ident in self.names() if mine else ():
            try:
                other, _ = self._read(ident)
                shared = mine & _people_of(other)
                found = self._looked(other) if shared else None
            except (BadInput, FleetRefused):
                continue  # nobody can sign it
            if found is None or ident == own or found.problem or not found.signed:
                continue
            view = PendingView(self._store, self._keys, other)
            raise BadInput(
                f"The change {ident}, which {', '.join(found.signed)} signed and which waits, is "
                f"about {view.named({tag for _, tag in shared})} too.",
                "Have that one signed, or reject it; then make this one again.",
            )

    # -- what it says ----------------------------------------------------------------------------

    def _read(self, ident: str) -> tuple[PendingChange, str]:
        name = layout.pending_name(ident)
        if layout.pending_of(name) is None:
            raise _none(ident)
        found = self._store.get(name, MOST_PENDING)
        if not isinstance(found, StoredObject):
            raise _none(ident)
        change = PendingChange.decode(found.data)
        if change.ident != ident:
            raise FleetRefused(
                f"The change {ident} was altered since it was made.", "Reject it; look by whom."
            )
        return change, found.tag

    def _as_shown(self, ident: str, shown: PendingReport) -> tuple[PendingChange, str]:
        change, tag = self._read(ident)
        report = self._looked(change)
        if report.problem is not None:
            raise FleetRefused(report.problem, "Reject it; make it again if it is still wanted.")
        if (report.signs, report.people) != (shown.signs, shown.people):
            raise FleetRefused("The change is another one than was shown.", "Look again.")
        return change, tag

    def _looked(self, change: PendingChange) -> PendingReport:
        view = PendingView(self._store, self._keys, change)
        made = view.made()
        told, people = tuple(view.signs()), tuple(view.people())
        problem = view.outdated() or self._overdue(made)
        return PendingReport(
            change.ident,
            tuple(view.signers()),
            view.threshold(),
            view.missing(),
            made,
            made + WAITS,
            told,
            people,
            problem,
            view.overtaken() if problem is None else (),
        )

    def _overdue(self, made: datetime) -> str | None:
        if made > self._utc() + SKEW:
            return f"It says that it was made on {made:%Y-%m-%d %H:%M} UTC, which is to come."
        if self._utc() > made + WAITS:
            return f"It has waited since {made:%Y-%m-%d %H:%M} UTC, which is too long."
        return None

    # -- signing ---------------------------------------------------------------------------------

    def _with_mine(self, change: PendingChange) -> PendingChange:
        view = PendingView(self._store, self._keys, change)
        ids = view.real.root.roles[Targets.type].keyids
        mine = [each.signer for each in self._keys.admins if each.keyid in ids]
        if not mine:
            raise StoreKeyError(
                f"No key in {self._keys.folder} is an admin's of this fleet.",
                "Bring the key of an admin who has not signed yet.",
            )
        for signer in mine:
            if not view.is_signed_by(signer.public_key):
                change = change.signed(signer)
        return change

    def _applied(self, change: PendingChange) -> bool:
        """Write the documents, if enough have signed."""
        view = PendingView(self._store, self._keys, change)
        if not view.is_complete():
            return False
        for write in change.writes:
            expected = ABSENT if write.new else ANYTHING
            try:
                self._store.put(write.name, write.data, expected=expected)
            except ObjectChanged as error:
                if self._lies(write):
                    continue  # an attempt before this one has written it
                raise FleetRefused(
                    "Somebody has changed the fleet meanwhile.", "Make the change again."
                ) from error
        self._store.delete(layout.pending_name(change.ident))
        return True

    def _lies(self, write: Write) -> bool:
        found = self._store.get(write.name, MOST_PENDING)
        return isinstance(found, StoredObject) and found.data == write.data


def _people_of(change: PendingChange) -> frozenset[tuple[str, str]]:
    """Of whom a change speaks, by scope and tag."""
    said = (each for _, file in change.statements for each, _ in file.statements)
    return frozenset((each.scope, tag) for each in said for tag in tags_of(each))


def _none(ident: str) -> BadInput:
    return BadInput(f"No change {ident[:40]!r} waits.", "List those that do.")
