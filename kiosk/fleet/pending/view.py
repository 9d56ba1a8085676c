"""What a change that waits says: read from its documents, verified, opened with one's own key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import Key
from tuf.api.metadata import Metadata, Root, TargetFile, Targets

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.statement import ENDED
from kiosk.fleet.checking.people import PersonDifference, person_difference
from kiosk.fleet.checking.signed import SignedDifference
from kiosk.fleet.keys.book import ScopeBook
from kiosk.fleet.keys.trial import TrialKeyring
from kiosk.fleet.log import Authors, history_with_waiting, published_now
from kiosk.fleet.pending.change import PendingChange
from kiosk.fleet.saying import open_record
from kiosk.fleet.scope_file import ScopeFile, read_scope_file
from kiosk.fleet.stores.overlay import OverlayStore
from kiosk.fleet.stores.port import ANYTHING, ObjectStore, StoredObject
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.editing import SIGNED_DAYS
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.trust.next_root import body_of, put_next_root
from kiosk.fleet.trust.verified import MOST_METADATA, VerifiedStore, next_version, verify_target


class PendingView:
    """A change that waits, on top of the store, verified.

    Args:
        store: the fleet's store.
        keys: the keys of the admin who looks.
        change: the change.
    """

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
            return [*self._ended()]
        after = metadata.signed
        infos = after.targets.items()
        named = {layout.target_name(path, it.hashes["sha256"]): it for path, it in infos}
        self._refuse_contents(named)
        over = VerifiedStore(self._overlay, self._keys.root)
        self._refuse_other_root(over, after)
        return SignedDifference(over, self._targets, after, self._keys).told()

    def _ended(self) -> Iterator[str]:
        """The invitations that admins would end."""
        for _, file in self._statements():
            statement = file.statements[0][0]
            for each in statement.changes:
                if each.record == ENDED:
                    yield f"Scope {statement.scope}: the invitation {each.tag[:12]} is ended."

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
                if each.record == ENDED:
                    continue  # an invitation
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
            taken, version = self.real.versions(Targets.type), metadata.signed.version
            fits = version == next_version(self._targets.version, taken)
            if not (fits or self._lies(layout.metadata_name(Targets.type, version))):
                return "Admins have changed the fleet since it was made."
        for name, file in self._statements():
            if self._lies(name):
                continue
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
        return [names.get(key.keyid, key.keyid) for key in keys if self.is_signed_by(key)]

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

    def is_signed_by(self, key: Key) -> bool:
        """True if a key has signed every document of it."""
        documents = [it for it in (self._change.targets, self._change.root) if it is not None]
        files = [file for _, file in self._change.statements]
        envelopes = [envelope for file in files for _, envelope in file.statements]
        try:
            for metadata in documents:
                key.verify_signature(metadata.signatures[key.keyid], metadata.signed_bytes)
            for envelope in envelopes:
                envelope.verify([key], 1)
        except (KeyError, UnverifiedSignatureError):
            return False
        return bool(documents or envelopes)

    # -- internals -------------------------------------------------------------------------------

    def _lies(self, name: str) -> bool:
        """True if an attempt before this one has written that document already."""
        found = self.real.store.get(name, MOST_METADATA)
        written = [write.data for write in self._change.writes if write.name == name]
        return isinstance(found, StoredObject) and found.data in written

    def _statements(self) -> Iterator[tuple[str, ScopeFile]]:
        for name, file in self._change.statements:
            if len(file.statements) != 1 or self._change.targets is not None:
                raise FleetRefused("A change that waits holds more than one.", "Reject it.")
            yield name, file

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
