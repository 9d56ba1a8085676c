"""Where changes wait for more admins: left by one, looked at and signed by the next.

Whoever signs sees what the documents say, verified and opened with their own key. When enough have
signed, the documents are written as if all keys had been in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import Key
from tuf.api.metadata import Metadata, Root, TargetFile, Targets

from kiosk.domain.errors import BadInput, FleetRefused, ObjectChanged, StoreKeyError
from kiosk.fleet.checking.people import PersonDifference, person_difference
from kiosk.fleet.checking.signed import SignedDifference
from kiosk.fleet.keys.book import ScopeBook
from kiosk.fleet.keys.trial import TrialKeyring
from kiosk.fleet.log import Authors, history_with_waiting, published_now
from kiosk.fleet.pending.change import PendingChange
from kiosk.fleet.saying import open_record
from kiosk.fleet.scope_file import ScopeFile, read_scope_file
from kiosk.fleet.stores.overlay import OverlayStore, Write
from kiosk.fleet.stores.port import ABSENT, ANYTHING, ObjectStore, StoredObject
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.editing import SIGNED_DAYS
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.trust.next_root import body_of, put_next_root
from kiosk.fleet.trust.verified import VerifiedStore, next_version, verify_target

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
        threshold: how many have to.
        made: when, UTC, as it is signed.
        expires: when nobody may sign it any more, UTC.
        signs: what it changes about keys, scopes and devices, a sentence each.
        people: how it changes people.
        problem: why it can take effect no more; None while it can.
    """

    ident: str
    signed: tuple[str, ...]
    threshold: int
    made: datetime
    expires: datetime
    signs: tuple[str, ...]
    people: tuple[PersonDifference, ...]
    problem: str | None


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
            FleetRefused: there is nothing to be signed in it.
        """
        change = PendingChange.of(writes)
        name = layout.pending_name(change.ident)
        self._store.put(name, change.encode(), expected=ANYTHING)
        return self.look(change.ident)

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
            change, tag = self._read(ident)
            report = self._looked(change)
            if report.problem is not None:
                raise FleetRefused(report.problem, "Make the change again.")
            if (report.signs, report.people) != (shown.signs, shown.people):
                raise FleetRefused("The change is another one than was shown.", "Look again.")
            change = self._with_mine(change)
            try:
                name = layout.pending_name(ident)
                self._store.put(name, change.encode(), expected=tag)
            except ObjectChanged:
                continue  # another admin has signed just now
            return self._applied(change)
        raise FleetRefused("Others sign at each of several attempts.", "Try again in a moment.")

    def reject(self, ident: str) -> None:
        """Take a change away; nothing of it takes effect.

        Raises:
            BadInput: there is none of that name.
        """
        name = layout.pending_name(ident)
        if layout.pending_of(name) is None or self._store.get(name, MOST_PENDING) is None:
            raise _none(ident)
        self._store.delete(name)

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

    def _looked(self, change: PendingChange) -> PendingReport:
        view = _View(self._store, self._keys, change)
        made = view.made()
        told, people = tuple(view.signs()), tuple(view.people())
        return PendingReport(
            change.ident,
            tuple(view.signers()),
            view.real.root.roles[Targets.type].threshold,
            made,
            made + WAITS,
            told,
            people,
            view.outdated() or self._overdue(made),
        )

    def _overdue(self, made: datetime) -> str | None:
        if made > self._utc() + SKEW:
            return f"It says that it was made on {made:%Y-%m-%d %H:%M} UTC, which is to come."
        if self._utc() > made + WAITS:
            return f"It has waited since {made:%Y-%m-%d %H:%M} UTC, which is too long."
        return None

    # -- signing ---------------------------------------------------------------------------------

    def _with_mine(self, change: PendingChange) -> PendingChange:
        root = _View(self._store, self._keys, change).real.root
        ids = root.roles[Targets.type].keyids
        mine = [each.signer for each in self._keys.admins if each.keyid in ids]
        if not mine:
            raise StoreKeyError(
                f"No key in {self._keys.folder} is an admin's of this fleet.",
                "Bring the key of an admin who has not signed yet.",
            )
        for signer in mine:
            change = change.signed(signer)
        return change

    def _applied(self, change: PendingChange) -> bool:
        """Write the documents, if enough have signed."""
        view = _View(self._store, self._keys, change)
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


class _View:
    """A change on top of the store, verified."""

    def __init__(self, store: ObjectStore, keys: Keyring, change: PendingChange) -> None:
        self._change = change
        self._keys = keys = TrialKeyring(keys.folder, keys.passphrase)
        self._overlay = OverlayStore(store)
        for write in change.writes:
            self._overlay.put(write.name, write.data, expected=ANYTHING)
        self.real = VerifiedStore(store, keys.root, keys.seen, keys.former_roots)
        self._targets = self.real.targets()

    def made(self) -> datetime:
        """When it was made, by what is signed."""
        if (metadata := self._change.targets) is not None:
            return metadata.signed.expires - timedelta(days=SIGNED_DAYS)
        return min(file.statements[0][0].at for _, file in self._statements())

    def signs(self) -> list[str]:
        """What changes about keys, scopes and devices."""
        metadata = self._change.targets
        if metadata is None:
            self._refuse_contents({})
            return []
        after = metadata.signed
        infos = after.targets.items()
        named = {layout.target_name(path, it.hashes["sha256"]): it for path, it in infos}
        self._refuse_contents(named)
        over = VerifiedStore(self._overlay, self._keys.root)
        self._refuse_other_root(over, after)
        return SignedDifference(over, self._targets, after).told()

    def people(self) -> Iterator[PersonDifference]:
        """How people change, opened with the key that is here."""
        for _, file in self._statements():
            statement = file.statements[0][0]
            known = published_now(self.real, self._targets, statement.scope)
            history = history_with_waiting(self.real, self._targets, known, statement.author)
            book = ScopeBook(self.real, self._targets, self._keys)
            keys = book.open(book.scope(statement.scope))
            whole = ScopeFile()
            whole.add(known.file)
            whole.add(file)
            for each in statement.changes:
                old = history.current.get(each.tag)
                was = None
                if old in whole.records and old is not None:
                    was = open_record(keys, whole, each.tag, old)
                now = open_record(keys, whole, each.tag, each.record)
                yield person_difference(statement.scope, statement.author, was, now)

    def outdated(self) -> str | None:
        """Why it does not fit on what is there now; None if it does."""
        metadata = self._change.targets
        if metadata is not None:
            taken = self.real.versions(Targets.type)
            if metadata.signed.version != next_version(self._targets.version, taken):
                return "Admins have changed the fleet since it was made."
        for name, file in self._statements():
            statement = file.statements[0][0]
            known = published_now(self.real, self._targets, statement.scope)
            history = history_with_waiting(self.real, self._targets, known, statement.author)
            if name != layout.inbox_name(statement.author, statement.scope, statement.number):
                return "It is filed under another name than it has."
            try:
                history.follow(statement)
            except FleetRefused:
                return f"Admins have said something about {statement.scope} since it was made."
        return None

    def signers(self) -> list[str]:
        """The names of the admins who have signed every document of it."""
        role = self.real.root.roles[Targets.type]
        book = ScopeBook(self.real, self._targets, self._keys)
        names = {each.keyid: each.name for each in book.admins.admins}
        keys = (self.real.root.keys[keyid] for keyid in role.keyids)
        return [names.get(key.keyid, key.keyid) for key in keys if self._is_signed_by(key)]

    def is_complete(self) -> bool:
        """True if enough admins have signed everything, by the roots of before and after."""
        try:
            over = VerifiedStore(self._overlay, self._keys.root)
            if (metadata := self._change.targets) is not None:
                targets = over.targets_of(metadata.signed.version)
                if put_next_root(over, targets):
                    over = VerifiedStore(self._overlay, self._keys.root)
                    over.targets_of(metadata.signed.version)
            authors = Authors(over, self._targets)
            for _, file in self._change.statements:
                read_scope_file(file.encode(), authors.verify)
        except FleetRefused:
            return False
        return True

    # -- internals -------------------------------------------------------------------------------

    def _statements(self) -> Iterator[tuple[str, ScopeFile]]:
        for name, file in self._change.statements:
            if len(file.statements) != 1 or self._change.targets is not None:
                raise FleetRefused("A change that waits holds more than one.", "Reject it.")
            yield name, file

    def _is_signed_by(self, key: Key) -> bool:
        documents = [it for it in (self._change.targets, self._change.root) if it is not None]
        envelopes = [
            envelope for _, file in self._change.statements for _, envelope in file.statements
        ]
        try:
            for metadata in documents:
                key.verify_signature(metadata.signatures[key.keyid], metadata.signed_bytes)
            for envelope in envelopes:
                envelope.verify([key], 1)
        except (KeyError, UnverifiedSignatureError):
            return False
        return bool(documents or envelopes)

    def _refuse_contents(self, named: Mapping[str, TargetFile]) -> None:
        """Check that every content is one that would be signed: nothing else is written over."""
        for write in self._change.contents:
            if write.name in named:
                verify_target(named[write.name], write.data)
            else:
                raise FleetRefused(
                    f"The change holds {write.name}, which nothing of it names.", "Reject it."
                )

    def _refuse_other_root(self, over: VerifiedStore, after: Targets) -> None:
        """Check that the root that would be signed is the one that the targets hand over."""
        root: Metadata[Root] | None = self._change.root
        if root is None:
            return
        if over.read_target(after, layout.ROOT_TARGET) != body_of(root.signed):
            raise FleetRefused("The change holds a root that it does not name.", "Reject it.")


def _none(ident: str) -> BadInput:
    return BadInput(f"No change {ident[:40]!r} waits.", "List those that do.")
