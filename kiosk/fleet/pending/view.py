"""What a change that waits says: read from its documents, verified, opened with one's own key."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import Key
from tuf.api.metadata import Metadata, Root, TargetFile, Targets

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.history import history_of
from kiosk.domain.fleet.statement import ADMINS, ENDED, Statement
from kiosk.fleet.checking.people import PersonDifference, person_difference
from kiosk.fleet.checking.signed import SignedDifference
from kiosk.fleet.keys.book import ScopeBook
from kiosk.fleet.keys.trial import TrialKeyring
from kiosk.fleet.log import Authors, published_now, said_with_waiting
from kiosk.fleet.pending.change import PendingChange
from kiosk.fleet.pending.dropped import said_more
from kiosk.fleet.pending.meanwhile import changed_twice, is_overtaken, said_since
from kiosk.fleet.saying import open_record, said_again
from kiosk.fleet.scope_file import ScopeFile, read_scope_file
from kiosk.fleet.sealing import ScopeKeys
from kiosk.fleet.stores.overlay import OverlayStore, Write
from kiosk.fleet.stores.port import ANYTHING, ObjectStore, StoredObject
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.editing import SIGNED_DAYS
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.trust.next_root import body_of, put_next_root
from kiosk.fleet.trust.verified import MOST_METADATA, VerifiedStore, next_version, verify_target

MOST_NAMED = 5
"""So many people are named in one sentence."""


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
        self._there: dict[str, Sequence[Statement]] = {}

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
            history = history_of(statement.scope, self._said(statement.scope))
            keys = self._opened(statement.scope)
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
            over = VerifiedStore(self._overlay, self._keys.root)
            more = said_more(self.real, self._targets, over, metadata.signed)
            if more is not None:
                return more
        for name, file in self._statements():
            statement = file.statements[0][0]
            if name != layout.inbox_name(ADMINS, statement.scope, statement.number):
                return "It is filed under another name than it has."
        if metadata is None and not [*self._left()] and not any(map(self._lies, self._names())):
            return "It has taken effect already."
        return next((told for told in map(self._unfit, self._left()) if told is not None), None)

    def overtaken(self) -> tuple[str, ...]:
        """The scopes of which other admins have said something since it was made."""
        statements = (file.statements[0][0] for file in self._left())
        found = ((it.scope, said_since(it, self._said(it.scope))) for it in statements)
        return tuple(scope for scope, since in found if since and is_overtaken(since))

    def carried_over(self) -> PendingChange:
        """What of it is not said yet, said after all that was said since; nobody has signed it.

        Raises:
            FleetRefused: a record cannot be opened.
        """
        writes: list[Write] = []
        for file in self._left():
            scope = file.statements[0][0].scope
            again = said_again(self._opened(scope), history_of(scope, self._said(scope)), file)
            name = layout.inbox_name(ADMINS, scope, again.statements[0][0].number)
            writes.append(Write(name, again.encode(), new=True))
        return PendingChange.of(writes)

    def named(self, tags: Collection[str]) -> str:
        """Those of whom a change speaks under these tags, in words."""
        found: set[str] = set()
        for _, file in self._statements():
            statement = file.statements[0][0]
            for each in statement.changes:
                if each.tag in tags and each.record == ENDED:
                    found.add(f"the invitation {each.tag[:12]}")
                elif each.tag in tags:
                    keys = self._opened(statement.scope)
                    found.add(str(open_record(keys, file, each.tag, each.record).subject))
        named = sorted(found)
        more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
        return ", ".join(named[:MOST_NAMED]) + more

    def threshold(self) -> int:
        """How many admins have to sign it, by the roots of before and after."""
        return max(root.roles[Targets.type].threshold for root in self._roots())

    def missing(self) -> int:
        """How many more have to sign it; whose key goes with it counts by the root of before."""
        return max(self._missing_by(root) for root in self._roots())

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

    def _roots(self) -> list[Root]:
        after = self._change.root
        return [self.real.root, *([] if after is None else [after.signed])]

    def _missing_by(self, root: Root) -> int:
        role = root.roles[Targets.type]
        signed = sum(self.is_signed_by(root.keys[keyid]) for keyid in role.keyids)
        return max(0, role.threshold - signed)

    def _said(self, scope: str) -> Sequence[Statement]:
        """What was said in a scope, with what admins have said that waits for the publisher."""
        if scope not in self._there:
            known = published_now(self.real, self._targets, scope)
            self._there[scope] = said_with_waiting(self.real, self._targets, known, ADMINS)
        return self._there[scope]

    def _left(self) -> Iterator[ScopeFile]:
        """What of it is not said yet: an attempt before this one may have written a part."""
        for name, file in self._statements():
            statement = file.statements[0][0]
            if not self._lies(name) and statement not in self._said(statement.scope):
                yield file

    def _unfit(self, file: ScopeFile) -> str | None:
        """Why a statement does not follow what was said, or may not be read by whom it would be."""
        statement = file.statements[0][0]
        since = said_since(statement, self._said(statement.scope))
        if since is None:
            return f"It follows something that was never said about {statement.scope}."
        if is_overtaken(since):  # what is carried over is sealed anew
            twice = changed_twice(statement, since)
            return None if twice is None else self._said_twice(file, *twice)
        if self._is_sealed_before(file):
            return (
                f"A device or an admin was dropped from scope {statement.scope} since it was made, "
                "and has the keys with which it is sealed: it has to be made again."
            )
        return None

    def _is_sealed_before(self, file: ScopeFile) -> bool:
        """True if a record is sealed with other keys than those that the scope has today."""
        epochs = {each.epoch for each in file.records.values()}
        return bool(epochs) and epochs != {self._opened(file.statements[0][0].scope).epoch}

    def _names(self) -> Iterator[str]:
        return (name for name, _ in self._statements())

    def _opened(self, scope: str) -> ScopeKeys:
        book = ScopeBook(self.real, self._targets, self._keys)
        return book.open(book.scope(scope))

    def _said_twice(self, file: ScopeFile, other: Statement, tag: str) -> str:
        mine = file.statements[0][0]
        by = "admins" if other.author == ADMINS else other.author
        return (
            f"{self.named({tag})} was changed in scope {mine.scope} since it was made, by "
            f"statement {other.number} of {by}."
        )

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
