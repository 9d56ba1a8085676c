"""The publisher: puts what admins and devices have said in an order, and signs that it is fresh.

It can open no record and can add nobody. It verifies what it publishes all the same, so that one
bad object in the store stops nothing: what fails is set aside for somebody to look at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from securesystemslib.signer import Signer
from tuf.api.metadata import (
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from kiosk.domain.errors import BadInput, FleetRefused, ObjectChanged
from kiosk.domain.fleet.history import History, history_of
from kiosk.fleet.index import ScopeIndex, ScopePart
from kiosk.fleet.log import Authors, Published, longest, published
from kiosk.fleet.publishing.intake import Intake
from kiosk.fleet.publishing.stopped import STOPPED, stopped_in
from kiosk.fleet.rollout.holding import HALTED, Halting, halted_in, nothing_halts, still_held
from kiosk.fleet.scope_file import ScopeFile
from kiosk.fleet.stores.port import (
    ABSENT,
    Expected,
    ObjectStore,
    changed,
)
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.freshness import SIGNED_AT, signed_at
from kiosk.fleet.trust.next_root import put_next_root
from kiosk.fleet.trust.seen import SeenVersions
from kiosk.fleet.trust.targets import put_target, signed_by
from kiosk.fleet.trust.verified import VerifiedStore, next_version

PEOPLE_DAYS, SNAPSHOT_DAYS = 7, 7
TIMESTAMP_HOURS = 24
MOST_PARTS = 50
"""A base is made anew beyond so many files, or once what was added outweighs it."""
TRIES = 8


@dataclass(slots=True)
class Publication:
    """What came of publishing.

    Attributes:
        version: of the timestamp.
        published: how many statements were added, by scope.
        review: what was set aside, and why.
        news: True if kiosks find more there than a newer signature.
        halted: the versions of settings that are held back from now on, by scope.
        stopped: the scopes that stay as they were published: they cannot be verified.
    """

    version: int = 0
    published: dict[str, int] = field(default_factory=dict)
    review: list[str] = field(default_factory=list)
    news: bool = False
    halted: dict[str, int] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)


class Publisher:
    """Publishes the scopes of one fleet.

    Args:
        store: the fleet's store.
        root: a root of trust that was not taken from the store.
        signer: the publisher's key.
        utc: the wall clock.
        seen: remembers the newest versions, so that nothing older is signed as fresh.
        former: roots that were trusted before this one, whose publisher may have to be succeeded.
        halting: finds the versions of settings that go wrong, by scope.
    """

    def __init__(
        self,
        store: ObjectStore,
        root: bytes,
        signer: Signer,
        utc: Callable[[], datetime],
        seen: SeenVersions | None = None,
        former: Sequence[Root] = (),
        halting: Halting = nothing_halts,
    ) -> None:
        self._store, self._root, self._signer, self._utc = store, root, signer, utc
        self._seen, self._former, self._halting = seen, former, halting

    def publish(self, keeps: timedelta = timedelta(), *, compact: bool = False) -> Publication:
        """Publish everything that waits, and sign that the rest is still fresh.

        Args:
            keeps: where there is nothing new, what was signed less than so long ago is not signed
                again, so that kiosks find the same as before.
            compact: True to leave out at last the records that count no more, such as those of
                people who were erased, where a scope's files still hold some.

        Raises:
            BadInput: the fleet has another publisher's key by now.
            FleetRefused: what was signed about the whole fleet cannot be verified. A scope that
                cannot be stays as it was published, and is named for review.
            FleetStoreUnreachable: the store does not answer; what was published stays as it was.
        """
        bad: Mapping[str, int] | None = None
        for _ in range(TRIES):
            try:
                verified = VerifiedStore(self._store, self._root, self._seen, self._former)
                targets = verified.targets()
                if put_next_root(verified, targets):
                    continue  # admins have changed keys, and nobody has ended it
                _refuse_replaced(verified.root, self._signer)
                bad = self._halting(verified, targets) if bad is None else bad
                work = _Round(verified, targets, self._signer, self._utc(), compact=compact)
                return work.run(keeps, bad)
            except ObjectChanged:
                continue  # another publisher, or an admin, was faster: on top of theirs
        raise FleetRefused(
            "Others have changed the store at each of several attempts to publish.",
            "See how many publishers are running; nothing was lost.",
        )


class _Round:
    """One attempt to publish, on what is in the store now."""

    def __init__(
        self,
        verified: VerifiedStore,
        targets: Targets,
        signer: Signer,
        now: datetime,
        *,
        compact: bool,
    ) -> None:
        self._store, self._signer, self._compact = verified.store, signer, compact
        self._now = now.replace(microsecond=0)
        self._verified = verified
        self._targets = targets
        authors = Authors(self._verified, self._targets)
        self._intake = Intake(self._verified, authors, self._now)
        self._result = Publication()
        self._succeeds = False
        self._changed = True
        """Whether admins have signed anything since: then each statement is verified again."""
        self._held: Mapping[str, int] = {}
        self._looked_at: Sequence[str] = ()
        """The scopes that could not be verified the last time."""

    def run(self, keeps: timedelta, bad: Mapping[str, int]) -> Publication:
        left = self._verified.succeeded()
        self._succeeds = left is not None
        found = None if self._succeeds else self._verified.timestamp()
        before = None if found is None else found[0]
        tag = left or (ABSENT if found is None else found[1])
        snapshot = Snapshot() if before is None else self._verified.snapshot(before)
        if before is not None:
            self._intake.running = min(self._now, signed_at(before))
            self._verified.refuse_older(self._targets, snapshot)
            self._changed = snapshot.meta["targets.json"].version != self._targets.version
        self._looked_at = stopped_in(before)
        meta = {"targets.json": MetaFile(self._targets.version)}
        for scope in layout.scopes_in(self._targets.targets):
            name = f"{layout.people_role(scope)}.json"
            meta[name] = MetaFile(self._people(scope, snapshot.meta.get(name)))
        known = halted_in(before)
        self._held = still_held(self._verified, self._targets, {**known, **bad})
        self._result.halted = dict(self._held.items() - known.items())
        same = (
            meta == snapshot.meta
            and self._held == known
            and self._result.stopped == self._looked_at
        )
        if before is not None and same and self._is_recent(before, keeps):
            self._result.version = before.version
        else:
            self._sign(before, snapshot, meta, tag)
        self._intake.clear()
        self._result.review = self._intake.review
        return self._result

    def _is_recent(self, stamp: Timestamp, keeps: timedelta) -> bool:
        try:
            at = datetime.fromisoformat(stamp.unrecognized_fields[SIGNED_AT])
            return timedelta() <= self._now - at < keeps
        except (KeyError, TypeError, ValueError):
            return False

    def _sign(
        self,
        before: Timestamp | None,
        snapshot: Snapshot,
        meta: dict[str, MetaFile],
        tag: str | Expected,
    ) -> None:
        """Sign a snapshot of these versions, and a timestamp on top of the one before."""
        version = self._fresh_version(Snapshot.type, 0 if before is None else snapshot.version)
        new = Snapshot(version, expires=self._in(days=SNAPSHOT_DAYS), meta=meta)
        self._write(Snapshot.type, version, signed_by(new, [self._signer]))
        self._result.version = 1 if before is None else before.version + 1
        known = snapshot.meta["targets.json"].version if before is not None else 0
        self._result.news = (
            bool(self._result.published or self._result.halted) or known != self._targets.version
        )
        held = {HALTED: self._held} if self._held else {}
        stopped = {STOPPED: self._result.stopped} if self._result.stopped else {}
        stamp = Timestamp(
            self._result.version,
            expires=self._in(hours=TIMESTAMP_HOURS),
            snapshot_meta=MetaFile(version),
            unrecognized_fields={SIGNED_AT: self._now.isoformat(), **held, **stopped},
        )
        data = signed_by(stamp, [self._signer])
        if self._result.published and self._verified.is_outdated(self._targets):
            raise changed(layout.METADATA)  # of a device that was dropped just now, for example
        self._store.put(layout.metadata_name(Timestamp.type, None), data, expected=tag)
        self._verified.remember(Timestamp.type, self._result.version)

    # -- one scope -------------------------------------------------------------------------------

    def _people(self, scope: str, meta: MetaFile | None) -> int:
        """The version of the scope's metadata from now on."""
        heard = self._intake.heard(scope, layout.inviters_in(self._targets.targets))
        version = None if meta is None else meta.version
        new = heard or self._compact or self._succeeds or self._changed or scope in self._looked_at
        try:
            if version is not None and not new:  # nobody need read its history
                quiet = self._verified.delegated(layout.people_role(scope), version, self._targets)
            else:
                quiet, known = None, self._known(scope, version)
                history = history_of(scope, (statement for statement, _ in known.file.statements))
        except ObjectChanged:
            raise
        except FleetRefused as error:
            if version is None or self._succeeds:
                raise
            return self._left_as_it_is(scope, version, error)
        if quiet is not None:
            return self._kept(scope, quiet)
        added = ScopeFile()
        for author in heard:
            self._intake.gather(author, known, history, added)
        anew = self._compact and not known.file.records.keys() <= history.records
        if not (added.statements or anew) and known.targets is not None:
            return self._kept(scope, known.targets)
        if added.statements or known.targets is None:
            self._result.published[scope] = len(added.statements)
        return self._written(known, added, history, anew=anew)

    def _left_as_it_is(self, scope: str, version: int, error: FleetRefused) -> int:
        """The version that there is, though it cannot be verified: the other scopes go on."""
        self._result.stopped.append(scope)
        self._intake.review.append(f"Scope {scope} stays as it was published: {error}")
        return version

    def _known(self, scope: str, version: int | None) -> Published:
        """A scope as it is published; of what another publisher left, the longest that verifies."""
        if not self._succeeds:
            return published(self._verified, self._targets, scope, version)
        return longest(self._verified, self._targets, scope)

    def _kept(self, scope: str, people: Targets) -> int:
        """The version that there is, signed anew if its time is half over."""
        if not self._succeeds and self._is_fresh(people):
            return people.version
        return self._role(scope, people.targets, self._before(people))

    def _written(self, known: Published, added: ScopeFile, history: History, *, anew: bool) -> int:
        """What was added, as a file of its own or with all the rest in a new base."""
        scope, index = known.index.scope, known.index
        first, last = index.last + 1, index.last + len(added.statements)
        whole = ScopeFile(list(known.file.statements), dict(known.file.records))
        whole.add(added)
        whole = whole.only(history.records)
        content, parts = whole.encode(), [ScopePart(_path(scope, "base", 1, last), 1, last)]
        delta = added.only(history.records).encode()
        if index.parts and not (anew or self._outgrown(known, len(delta), len(content))):
            added_part = ScopePart(_path(scope, "delta", first, last), first, last)
            content, parts = delta, [*index.parts, added_part]
        if not whole.statements:
            content, parts = b"", []
        targets = self._targets_of(known, ScopeIndex(scope, tuple(parts)), content)
        return self._role(scope, targets, self._before(known.targets))

    def _before(self, people: Targets | None) -> int:
        """The version after which a scope's next one comes; a new publisher begins anew."""
        return 0 if people is None or self._succeeds else people.version

    def _is_fresh(self, people: Targets) -> bool:
        return people.expires - self._now > timedelta(days=PEOPLE_DAYS) / 2

    def _outgrown(self, known: Published, delta: int, whole: int) -> bool:
        """True if a new base costs kiosks less than what was added to the old one."""
        if known.targets is None or len(known.index.parts) >= MOST_PARTS:
            return True
        deltas = sum(known.targets.targets[part.path].length for part in known.index.parts[1:])
        return deltas + delta > whole

    def _targets_of(
        self, known: Published, index: ScopeIndex, content: bytes
    ) -> dict[str, TargetFile]:
        """The targets of a scope once its newest file is written."""
        old = {} if known.targets is None else known.targets.targets
        kept = {part.path: old[part.path] for part in index.parts[:-1]}
        new = {layout.index_target(index.scope): index.encode()}
        if index.parts:
            new[index.parts[-1].path] = content
        for path, data in new.items():
            kept[path] = put_target(self._store, path, data)
        return kept

    # -- metadata --------------------------------------------------------------------------------

    def _role(self, scope: str, targets: dict[str, TargetFile], before: int) -> int:
        role = layout.people_role(scope)
        version = self._fresh_version(role, before)
        people = Targets(version, expires=self._in(days=PEOPLE_DAYS), targets=targets)
        self._write(role, version, signed_by(people, [self._signer]))
        return version

    def _fresh_version(self, role: str, before: int) -> int:
        """A version that nobody has written, not even a publisher that ended half-way."""
        return next_version(before, self._verified.versions(role))

    def _write(self, role: str, version: int, data: bytes) -> None:
        self._store.put(layout.metadata_name(role, version), data, expected=ABSENT)

    def _in(self, **time: float) -> datetime:
        return self._now + timedelta(**time)


def _refuse_replaced(root: Root, signer: Signer) -> None:
    if signer.public_key.keyid not in root.roles[Timestamp.type].keyids:
        raise BadInput(
            "The publisher's key that is here is not the fleet's any more.",
            "Bring the one that replaced it; nothing was published.",
        )


def _path(scope: str, kind: str, first: int, last: int) -> str:
    return f"people/{scope}/{kind}-{first}-{last}.jsonl"
