"""A small fleet in a folder: admins, a publisher, and kiosks with homes of their own."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from kept_samples import AGREED, SPACE, template
from securesystemslib.signer import CryptoSigner, SSlibKey

from kiosk.domain.errors import FleetStoreUnreachable
from kiosk.domain.fleet.history import Author, History, history_of
from kiosk.domain.fleet.statement import ADMINS, digest
from kiosk.domain.vision.template import Reference, ReferenceId, SubjectId
from kiosk.fleet.admin import FleetAdmin
from kiosk.fleet.applying.preparing import TemplateForm
from kiosk.fleet.applying.result import SyncResult
from kiosk.fleet.cards import signing_id
from kiosk.fleet.device import DeviceFile, hand_in
from kiosk.fleet.inviting.card import InviterCard
from kiosk.fleet.inviting.inviter import FleetInviter
from kiosk.fleet.inviting.naming import InviterNaming
from kiosk.fleet.inviting.proof import reference_id
from kiosk.fleet.inviting.terms import invitation_use
from kiosk.fleet.keys.book import ScopeBook
from kiosk.fleet.log import published_now
from kiosk.fleet.publisher import Publication, Publisher
from kiosk.fleet.records import EnrolmentProof, FleetContent, FleetPerson
from kiosk.fleet.saying import said_by
from kiosk.fleet.scope_file import ScopeFile
from kiosk.fleet.sealing import ScopeKeys
from kiosk.fleet.stores.folder import FolderStore
from kiosk.fleet.stores.port import (
    ANYTHING,
    UNCHANGED,
    Expected,
    ObjectStore,
    StoredObject,
    Unchanged,
    too_long,
)
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.editing import AdminSigning
from kiosk.fleet.trust.key_file import PrivateKeys
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.trust.verified import VerifiedStore
from kiosk.fleet.updater import FleetUpdater
from kiosk.fleet.uploads.handing_in import KioskPeople
from kiosk.people.invitations import InvitationWish
from kiosk.store.open_home import OpenHome
from kiosk.store.people.members import Members
from kiosk.store.people.person import Profile

HARBOUR, YARD = "harbour", "yard"
DIMENSIONS = 512
ENROLLED_AT = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
Known = tuple[str | None, str, frozenset[ReferenceId]]
"""Scope, name and references of somebody."""


def person(name: str, seed: int = 1, references: int = 2) -> FleetPerson:
    """Somebody with other references for another seed."""
    subject = SubjectId(name)
    made = tuple(
        Reference(ReferenceId(f"{name}.{seed}.{n}"), subject, template(100 * seed + n))
        for n in range(references)
    )
    return FleetPerson(subject, Profile(f"{name} {seed}", AGREED, ENROLLED_AT), made)


def gone(name: str) -> FleetPerson:
    return FleetPerson(SubjectId(name), None)


@dataclass
class SetClock:
    """A wall clock that a test sets; it begins at the time there is."""

    by: timedelta = timedelta()

    def utc(self) -> datetime:
        return datetime.now(UTC) + self.by


@dataclass
class SteeredStore:
    """A store that a test lets fail, end early, or never end; else it is the one it was given."""

    store: ObjectStore
    left: int | None = None
    streamed: Callable[[str, int, Iterator[bytes] | None], Iterator[bytes] | None] = field(
        default=lambda _name, _start, pieces: pieces
    )

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    def put(self, name: str, data: bytes, *, expected: str | Expected) -> str:
        self._count()
        return self.store.put(name, data, expected=expected)

    def delete(self, name: str) -> None:
        self._count()
        self.store.delete(name)

    def get(
        self, name: str, most_bytes: int, *, known_tag: str | None = None
    ) -> StoredObject | Unchanged | None:
        pieces = self.stream(name)
        if pieces is None:
            return None
        data = bytearray()
        for piece in pieces:
            data += piece
            if len(data) > most_bytes:
                raise too_long(name, most_bytes)
        tag = hashlib.sha256(data).hexdigest()
        return UNCHANGED if tag == known_tag else StoredObject(bytes(data), tag)

    def stream(self, name: str, start: int = 0) -> Iterator[bytes] | None:
        return self.streamed(name, start, self.store.stream(name, start))

    def _count(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise FleetStoreUnreachable("The power is off.", "Switch it on.")


class Kiosk:
    """A device of the fleet, with a home."""

    def __init__(self, home: Path, store: FolderStore, root: bytes, clock: SetClock) -> None:
        self.path, self.clock, self.store = home, clock, store
        self.open_home = OpenHome.open(home)
        note = self.open_home.recorder.note
        self.device = DeviceFile(self.open_home.home).join(f"folder:{store.path}", root, note)
        hand_in(self.device, store)
        self.updater = self.anew()

    @property
    def fingerprint(self) -> str:
        return self.device.fingerprint

    @property
    def kept(self) -> KioskPeople:
        return KioskPeople.of(self.open_home.references)

    @property
    def members(self) -> Members:
        return self.kept.members

    @property
    def cache(self) -> Path:
        return self.open_home.home.fleet_cache

    def anew(self, store: ObjectStore | None = None) -> FleetUpdater:
        """The updater as after a start; also over a store of a test's own."""
        note = self.open_home.recorder.note
        used = store or self.store
        where = (used, self.device, self.cache, self.kept)
        form = TemplateForm(SPACE, DIMENSIONS)
        self.updater = FleetUpdater(*where, form, self.clock.utc, note)
        return self.updater

    def sync(self) -> SyncResult:
        return self.updater.sync()

    def people(self) -> Mapping[SubjectId, Known]:
        """Everybody who is known here: scope, name, references."""
        references = self.open_home.references
        found: dict[SubjectId, frozenset[ReferenceId]] = {}
        for each in references.load(SPACE):
            found[each.subject] = found.get(each.subject, frozenset()) | {each.id}
        return {
            who: (self.members.scope_of(who), str(references.show(who).profile.given_name), theirs)
            for who, theirs in found.items()
        }

    def names(self) -> set[str]:
        """`name seed` of everybody who is known here."""
        return {name for _, name, _ in self.people().values()}

    def entries(self, *events: str) -> list[str]:
        """The events in the journal, oldest first; only those named, if any are."""
        told = self.open_home.home.journal.read_text(encoding="utf-8").splitlines()
        found = [str(json.loads(line)["event"]) for line in told]
        return [event for event in found if event in events or not events]

    def erasures(self) -> list[bool]:
        """The erasures in the journal, oldest first: True for those who moved."""
        told = self.open_home.home.journal.read_text(encoding="utf-8").splitlines()
        found = [json.loads(line) for line in told]
        return [it["details"].get("moved") is True for it in found if it["event"] == "erased"]

    def signer(self) -> CryptoSigner:
        """The device's key, as it signs statements."""
        public = self.device.public.signing
        key = SSlibKey(signing_id(public), "ed25519", "ed25519", {"public": public.hex()})
        private = self.device.keys.signer._private_key
        return CryptoSigner(private, key)


class SmallFleet:
    """A fleet of three admins, two of whom sign. A context manager."""

    def __init__(self, folder: Path, *scopes: str) -> None:
        self.folder, self.clock, self._opened = folder, SetClock(), ExitStack()
        self.store = FolderStore.create(folder / "store")
        self.keys = Keyring.create(folder / "keys", 3, None)
        AdminSigning(self.store, self.keys, self.clock.utc).found(2)
        self.admin = self.admins()
        self._desk: FleetInviter | None = None
        for scope in scopes or (HARBOUR,):
            self.admin.add_scope(scope, [f"{scope} door"])

    @classmethod
    def there(cls, folder: Path) -> Self:
        """The fleet that commands have founded in a folder."""
        fleet = cls.__new__(cls)
        fleet.folder, fleet.clock, fleet._opened = folder, SetClock(), ExitStack()
        fleet.store, fleet.keys = FolderStore(folder / "store"), Keyring(folder / "keys")
        fleet.admin = fleet.admins()
        return fleet

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._opened.close()

    # -- who acts --------------------------------------------------------------------------------

    def admins(self, store: ObjectStore | None = None) -> FleetAdmin:
        used = store or self.store
        return FleetAdmin(used, Keyring(self.keys.folder), self.clock.utc)

    def publisher(self, store: ObjectStore | None = None) -> Publisher:
        used = store or self.store
        return Publisher(used, self.keys.root, self.publishing, self.clock.utc)

    @property
    def publishing(self) -> CryptoSigner:
        assert self.keys.publisher is not None
        return self.keys.publisher

    def kiosk(self, name: str, *scopes: str) -> Kiosk:
        """A new kiosk, approved for these scopes."""
        kiosk = self.asking(name)
        self.admin.approve(kiosk.fingerprint, scopes or (HARBOUR,))
        return kiosk

    def asking(self, name: str) -> Kiosk:
        """A new kiosk that has asked, and was not approved."""
        kiosk = Kiosk(self.folder / name, self.store, self.keys.root, SetClock())
        self._opened.enter_context(kiosk.open_home)
        return kiosk

    # -- what is done ----------------------------------------------------------------------------

    def say(self, *people: FleetContent, scope: str = HARBOUR) -> None:
        self.admin.say(scope, people)

    def publish(self) -> Publication:
        return self.publisher().publish()

    def told(self, *people: FleetContent, scope: str = HARBOUR) -> Publication:
        """Said and published."""
        self.say(*people, scope=scope)
        return self.publish()

    def keys_of(self, scope: str = HARBOUR) -> ScopeKeys:
        verified = VerifiedStore(self.store, self.keys.root)
        book = ScopeBook(verified, verified.targets(), self.keys)
        return book.open(book.scope(scope))

    def history(self, scope: str = HARBOUR) -> History:
        return history_of(scope, [statement for statement, _ in self.published(scope).statements])

    def published(self, scope: str = HARBOUR) -> ScopeFile:
        verified = VerifiedStore(self.store, self.keys.root)
        return published_now(verified, verified.targets(), scope).file

    def by_device(
        self, kiosk: Kiosk, people: Iterable[FleetPerson], history: History | None = None
    ) -> ScopeFile:
        """What a device says about people, knowing what is published; newcomers are invited."""
        known = copy.deepcopy(history or self.history())
        scope, file = known.scope, ScopeFile()
        for each in people:
            uses, said = (None, each) if each.profile is None else self.invited(each, scope)
            who = (kiosk.fingerprint, [kiosk.signer()], self.keys_of(scope))
            one = said_by(*who, known, [said], self.clock.utc(), uses)
            (statement, _), *_ = one.statements
            known.authors[kiosk.fingerprint] = Author(statement.number, digest(statement.text()))
            file.add(one)
        return file

    def invited(self, person: FleetPerson, scope: str = HARBOUR) -> tuple[str, FleetPerson]:
        """What a new invitation of somebody is used with, and who they are once they came."""
        assert person.profile is not None
        wish = InvitationWish(person.subject, timedelta(days=1), person.profile.given_name)
        issued = self.inviter().issue(scope, wish)
        uses = invitation_use(bytes.fromhex(issued.terms.ident))
        theirs = tuple(
            replace(each, id=reference_id(uses, person.subject, n))
            for n, each in enumerate(person.references)
        )
        profile = replace(person.profile, enrolled_at=issued.terms.issued_at)
        proof = EnrolmentProof(issued.code, issued.terms.encode())
        return uses, replace(person, profile=profile, references=theirs, proof=proof)

    def inviter(self) -> FleetInviter:
        """The one inviter of this fleet, for all its scopes."""
        if self._desk is None:
            keys = PrivateKeys.draw(opens=False)
            self._desk = FleetInviter(self.store, self.keys.root, keys, self.clock.utc)
            scopes = tuple(self.admin.scopes())
            card = InviterCard("desk", keys.public_signing, scopes)
            self.naming().name(card)
        return self._desk

    def naming(self) -> InviterNaming:
        """Admins who name inviters."""
        return InviterNaming(self.store, Keyring(self.keys.folder), self.clock.utc)

    def by_admins(
        self,
        people: Iterable[FleetPerson],
        signers: int = 2,
        history: History | None = None,
        keys: ScopeKeys | None = None,
    ) -> ScopeFile:
        """What so many admins sign about people, handed in nowhere."""
        known = history or self.history()
        signing = [each.signer for each in self.keys.admins[:signers]]
        opened = keys or self.keys_of(known.scope)
        return said_by(ADMINS, signing, opened, known, list(people), self.clock.utc())

    def hand_in(self, file: ScopeFile, number: int | None = None) -> str:
        """Put a file where its author's statements wait; returns its name."""
        (statement, _), *_ = file.statements
        told = (statement.author, statement.scope, number or statement.number)
        self.store.put(layout.inbox_name(*told), file.encode(), expected=ANYTHING)
        return layout.inbox_name(*told)


def everything(store: ObjectStore, prefix: str = "") -> dict[str, bytes]:
    """All that lies in a store."""
    found = {name: store.get(name, 2**30) for name in store.names(prefix)}
    return {name: it.data for name, it in found.items() if isinstance(it, StoredObject)}


def put_back(store: ObjectStore, before: Mapping[str, bytes], names: Sequence[str]) -> None:
    """Put older objects over the newer ones, and remove those that there were not."""
    for name in names:
        if name in before:
            store.put(name, before[name], expected=ANYTHING)
        else:
            store.delete(name)
