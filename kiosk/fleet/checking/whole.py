"""The whole store of a fleet, verified from the root on: every role, card, statement and record.

What is wrong is named, and so is what nobody names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from tuf.api.metadata import Root, Snapshot, TargetFile, Targets, Timestamp

from kiosk.domain.errors import FleetRefused, StoreKeyError
from kiosk.domain.fleet.history import History, history_of
from kiosk.domain.fleet.statement import ADMINS
from kiosk.fleet.cards import DeviceCard, ScopeCard
from kiosk.fleet.checking.inviters import odd_inviters
from kiosk.fleet.checking.offers import odd_offers
from kiosk.fleet.checking.signed import strange_roles
from kiosk.fleet.inviting.judging import Judge
from kiosk.fleet.keys.book import ScopeBook
from kiosk.fleet.log import Authors, published, waiting
from kiosk.fleet.rollout.plan import Rollout, decode_rings
from kiosk.fleet.scope_file import ScopeFile
from kiosk.fleet.sealing import ScopeKeys
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.admins import AdminsCard
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.trust.next_root import read_body
from kiosk.fleet.trust.verified import VerifiedStore


@dataclass(frozen=True, slots=True)
class ScopeCheck:
    """One scope, as far as it was verified.

    Attributes:
        scope: its name.
        statements: how many are published and follow each other.
        records: how many count: of people, those of erased ones among them, and reports.
        opened: how many of them were opened and are what was signed; None where no key that is
            here opens the scope.
        waiting: how many objects wait for the publisher.
    """

    scope: str
    statements: int
    records: int
    opened: int | None
    waiting: int


@dataclass(slots=True)
class StoreCheck:
    """What came of verifying a store.

    Attributes:
        root: the version of the newest root of trust; 0 where there is none.
        targets: the version of what admins have signed last.
        version: of the timestamp; 0 before the first.
        scopes: those that were verified.
        problems: what is wrong, a sentence each.
        review: what waits and fails a check, or lies in review, and what is odd with inviters and
            offers.
        unnamed: the objects that nothing of today names: what is superseded, and what is nobody's.
    """

    root: int = 0
    targets: int = 0
    version: int = 0
    scopes: list[ScopeCheck] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    review: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)


class WholeStore:
    """Verifies a store.

    Args:
        verified: the store.
        keys: of an admin, whose opening key opens the records.
        now: the time, UTC.
    """

    def __init__(self, verified: VerifiedStore, keys: Keyring, now: datetime) -> None:
        self._verified, self._keys, self._now = verified, keys, now
        self._check = StoreCheck(root=verified.root.version)
        versions = range(1, verified.root.version + 1)
        self._named = {layout.metadata_name(Root.type, version) for version in versions}

    def check(self) -> StoreCheck:
        """What is wrong, and what nobody names; all that can be verified is, whatever is not."""
        check = self._check
        there = set(self._verified.store.names())
        missing = sorted(self._named - there)
        check.problems += [
            f"{name} is missing: kiosks that were off stay behind." for name in missing
        ]
        self._expiry(Root.type, self._verified.root)
        try:
            targets = self._verified.targets()
        except FleetRefused as error:
            check.problems.append(error.problem)
            return check
        check.targets = targets.version
        self._admins(targets)
        self._publisher(targets)
        self._unnamed(there)
        self._try(lambda: check.review.extend(odd_inviters(self._verified, targets)))
        self._try(lambda: check.review.extend(odd_offers(self._verified, targets, self._keys)))
        return check

    # -- what admins have signed -----------------------------------------------------------------

    def _admins(self, targets: Targets) -> None:
        self._named.add(layout.metadata_name(Targets.type, targets.version))
        self._expiry("what admins have signed", targets)
        roles = strange_roles(self._verified.root, targets)
        self._check.problems += [
            f"{name} is delegated in another way than it is." for name in roles
        ]
        for path, info in targets.targets.items():
            self._try(partial(self._target, targets, path, info))

    def _target(self, targets: Targets, path: str, info: TargetFile) -> None:
        self._name(path, info)
        data = self._verified.read_target(targets, path) or b""
        if path == layout.ADMINS_TARGET:
            self._who(AdminsCard.decode(data))
        elif path == layout.ROOT_TARGET:
            self._named.add(layout.next_root_name(data))
            if read_body(data).version > self._verified.root.version:
                self._check.problems.append("A change of keys was begun, and nobody has ended it.")
        elif path.startswith(layout.SCOPES):
            if layout.scope_target(ScopeCard.decode(data).scope) != path:
                self._check.problems.append(f"{path} speaks of another scope.")
        elif path.startswith(layout.DEVICES):
            self._device(targets, path, DeviceCard.decode(data))
        elif path == layout.RINGS_TARGET:
            decode_rings(data)
        elif path.startswith(layout.ROLLOUTS):
            Rollout.decode(data, layout.scope_of_rollout(path))

    def _who(self, card: AdminsCard) -> None:
        named = {each.keyid for each in card.admins}
        if named != set(self._verified.root.roles[Targets.type].keyids):
            self._check.problems.append("The admins by name are others than those of the root.")

    def _device(self, targets: Targets, path: str, card: DeviceCard) -> None:
        name = card.keys.fingerprint
        if layout.device_target(name) != path:
            self._check.problems.append(f"{path} speaks of another device.")
        book = ScopeBook(self._verified, targets, self._keys)
        for scope in layout.scopes_in(targets.targets):
            if (name in book.scope(scope).devices) != (scope in card.scopes):
                self._check.problems.append(
                    f"Device {name} and scope {scope} say different things."
                )

    # -- what the publisher has signed -----------------------------------------------------------

    def _publisher(self, targets: Targets) -> None:
        try:
            found = self._verified.timestamp()
            if found is None:
                return
            stamp = found[0]
            self._check.version = stamp.version
            self._named.add(layout.metadata_name(Timestamp.type, None))
            self._expiry("the timestamp", stamp)
            snapshot = self._verified.snapshot(stamp)
            self._verified.refuse_older(targets, snapshot)
        except FleetRefused as error:
            self._check.problems.append(error.problem)
            return
        self._named.add(layout.metadata_name(Snapshot.type, snapshot.version))
        self._named.add(self._published_targets(snapshot))
        self._expiry("the snapshot", snapshot)
        for scope in layout.scopes_in(targets.targets):
            meta = snapshot.meta.get(f"{layout.people_role(scope)}.json")
            version = None if meta is None else meta.version
            self._try(partial(self._scope, targets, scope, version))

    def _published_targets(self, snapshot: Snapshot) -> str:
        return layout.metadata_name(Targets.type, snapshot.meta["targets.json"].version)

    def _scope(self, targets: Targets, scope: str, version: int | None) -> None:
        known = published(self._verified, targets, scope, version)
        if known.targets is not None:
            self._named.add(layout.metadata_name(layout.people_role(scope), known.targets.version))
            self._expiry(f"the metadata of scope {scope}", known.targets)
            for path, info in known.targets.targets.items():
                self._name(path, info)
        history = history_of(scope, (statement for statement, _ in known.file.statements))
        for record in sorted(history.records - known.file.records.keys()):
            self._check.problems.append(f"Record {record} of scope {scope} is missing.")
        keys = self._keys_of(targets, scope)
        opened = None if keys is None else self._opened(keys, targets, known.file, history)
        waits = self._waiting(targets, scope)
        said = len(known.file.statements)
        self._check.scopes.append(ScopeCheck(scope, said, len(history.current), opened, waits))

    def _opened(self, keys: ScopeKeys, targets: Targets, file: ScopeFile, history: History) -> int:
        """How many records that count were opened; what a device may not say is none."""
        judge, opened = Judge(keys, file, Authors(self._verified, targets).inviter), 0
        for tag, source in history.changed.items():
            try:
                opened += judge.content(tag, history.current[tag], source) is not None
            except FleetRefused as error:
                self._check.problems.append(error.problem)
        return opened

    def _keys_of(self, targets: Targets, scope: str) -> ScopeKeys | None:
        book = ScopeBook(self._verified, targets, self._keys)
        try:
            return book.open(book.scope(scope))
        except StoreKeyError:
            return None

    def _waiting(self, targets: Targets, scope: str) -> int:
        authors, found = Authors(self._verified, targets), 0
        inviters = layout.inviters_in(targets.targets)
        for author in (ADMINS, *inviters, *self._devices(targets, scope)):
            for name, file in waiting(self._verified, authors, scope, author):
                found += 1
                self._named.add(name)
                if isinstance(file, FleetRefused):
                    self._check.review.append(f"{name}: {file.problem}")
        return found

    def _devices(self, targets: Targets, scope: str) -> Iterable[str]:
        return ScopeBook(self._verified, targets, self._keys).scope(scope).devices

    # -- what nobody names -----------------------------------------------------------------------

    def _unnamed(self, there: Iterable[str]) -> None:
        reports = (layout.REQUESTS, layout.PENDING, layout.DEVICES)
        known = (*reports, layout.UPLOADS, layout.INVITATIONS)
        for name in sorted(set(there) - self._named):
            if name.startswith(layout.REVIEW):
                self._check.review.append(f"{name}: it was set aside.")
            elif not name.startswith(known):
                self._check.unnamed.append(name)

    # -- internals -------------------------------------------------------------------------------

    def _name(self, path: str, info: TargetFile) -> None:
        self._named.add(layout.target_name(path, info.hashes["sha256"]))

    def _expiry(self, what: str, role: Root | Targets | Snapshot | Timestamp) -> None:
        if role.expires <= self._now:
            at = f"{role.expires:%Y-%m-%d %H:%M}"
            self._check.problems.append(f"{what.capitalize()} has expired on {at} UTC.")

    def _try(self, act: Callable[[], object]) -> None:
        """Do what may find something wrong; the rest is verified all the same."""
        try:
            act()
        except FleetRefused as error:
            self._check.problems.append(error.problem)
