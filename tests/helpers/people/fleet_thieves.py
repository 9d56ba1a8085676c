"""Thieves in a small fleet: whoever may write to its store, and holds the publisher's key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner
from small_fleet import HARBOUR, YARD, Kiosk, SmallFleet, gone, person
from tuf.api.metadata import MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.history import history_of
from kiosk.domain.fleet.statement import Statement
from kiosk.fleet.index import ScopeIndex, ScopePart
from kiosk.fleet.records import FleetPerson
from kiosk.fleet.scope_file import ScopeFile, SealedRecord
from kiosk.fleet.sealing import ScopeKeys
from kiosk.fleet.stores.port import ANYTHING
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.freshness import SIGNED_AT
from kiosk.fleet.trust.targets import put_target, signed_by
from kiosk.fleet.trust.verified import VerifiedStore

Meta = dict[str, MetaFile]


def unchanged(_: Meta) -> None:
    """A snapshot as it would be."""


class Thief:
    """Holds the publisher's key, and may write to the store. Holds no admin's key, nor a scope's.

    Args:
        fleet: the fleet.
        signer: the key; by default the one that was stolen.
    """

    def __init__(self, fleet: SmallFleet, signer: CryptoSigner | None = None) -> None:
        self.fleet, self.store = fleet, fleet.store
        self.signer = signer or fleet.publishing

    def show(self, *files: ScopeFile, scope: str = HARBOUR, jump: int = 1) -> None:
        """Publish these files, the first as the base, under a list that fits them."""
        parts, contents, last = [], {}, 0
        for file in files:
            first, last = last + 1, last + len(file.statements)
            path = f"people/{scope}/stolen-{first}-{last}.jsonl"
            parts.append(ScopePart(path, first, last))
            contents[path] = file.encode()
        contents[layout.index_target(scope)] = ScopeIndex(scope, tuple(parts)).encode()
        self.publish(contents, scope, jump=jump)

    def publish(
        self,
        contents: Mapping[str, bytes],
        scope: str = HARBOUR,
        *,
        jump: int = 1,
        meta: Callable[[Meta], None] = unchanged,
        kept: bool = False,
    ) -> None:
        """Sign targets of a scope's role, the snapshot and the timestamp, all as valid as can be.

        Args:
            contents: of targets, by path.
            scope: whose role names them.
            jump: by how much each version is raised.
            meta: changes what the snapshot says.
            kept: what the role names already stays.
        """
        verified = VerifiedStore(self.store, self.fleet.keys.root)
        found, targets = verified.timestamp(), verified.targets()
        assert found is not None
        before = verified.snapshot(found[0])
        role = layout.people_role(scope)
        old = before.meta[f"{role}.json"].version
        named = verified.delegated(role, old, targets).targets if kept else {}
        infos = {path: put_target(self.store, path, data) for path, data in contents.items()}
        said = {**before.meta, "targets.json": MetaFile(targets.version)}
        said[f"{role}.json"] = MetaFile(self.role(scope, old + jump, {**named, **infos}))
        meta(said)
        self.top(found[0].version + jump, before.version + jump, said)

    def role(self, scope: str, version: int, infos: Mapping[str, TargetFile]) -> int:
        """Sign the metadata of a scope's role; returns its version."""
        people = Targets(version, expires=self._expiry(), targets=dict(infos))
        self.write(layout.metadata_name(layout.people_role(scope), version), people)
        return version

    def top(self, stamp: int, version: int, meta: Meta) -> None:
        """Sign a snapshot and a timestamp."""
        snapshot = Snapshot(version, expires=self._expiry(), meta=meta)
        self.write(layout.metadata_name(Snapshot.type, version), snapshot)
        at = {SIGNED_AT: self.fleet.clock.utc().isoformat()}
        told = Timestamp(
            stamp,
            expires=self._expiry(),
            snapshot_meta=MetaFile(version),
            unrecognized_fields=at,
        )
        self.write(layout.metadata_name(Timestamp.type, None), told)

    def write(self, name: str, signed: Targets | Snapshot | Timestamp | Root) -> None:
        self.store.put(name, signed_by(signed, [self.signer]), expected=ANYTHING)

    def _expiry(self) -> datetime:
        return self.fleet.clock.utc().replace(microsecond=0) + timedelta(hours=20)


@dataclass
class Theft:
    """A small fleet of two scopes, of which one key was stolen.

    Its kiosk knows Anna, in her second record, and Boris; Chen was erased.

    Args:
        folder: for all its files.
    """

    folder: Path

    def __post_init__(self) -> None:
        self.fleet = fleet = SmallFleet(self.folder, HARBOUR, YARD)
        self.kiosk = fleet.kiosk("front", HARBOUR)
        fleet.told(person("anna", 1), person("boris", 1), person("chen", 1))
        fleet.told(person("anna", 2), gone("chen"))
        self.kiosk.sync()
        assert self.kiosk.names() == {"anna 2", "boris 1"}
        self.thief = Thief(fleet)
        self.whole = fleet.published()
        self.history = fleet.history()

    def close(self) -> None:
        self.fleet.__exit__()

    @property
    def later(self) -> ScopeFile:
        """Two statements more that admins have signed, and nobody has published."""
        history = history_of(HARBOUR, [statement for statement, _ in self.whole.statements])
        one = self.fleet.by_admins([person("dora"), person("boris", 2)], history=history)
        history.follow(one.statements[0][0])
        return together(one, self.fleet.by_admins([gone("dora")], history=history))

    def alone(self, *people: FleetPerson) -> ScopeFile:
        """What a thief says for admins, with the publisher's key, and keys of their own."""
        keys = ScopeKeys.draw(HARBOUR)
        file = self.fleet.by_admins(people, history=self.history, keys=keys)
        return restated(file, lambda it: it, self.thief.signer)

    def by(self, device: Kiosk, *people: FleetPerson) -> ScopeFile:
        """What a device says, knowing what was published before the theft."""
        return self.fleet.by_device(device, people, self.history)


def part(file: ScopeFile, places: Sequence[int]) -> ScopeFile:
    """A file with the statements at these places in that order, and all the records."""
    return ScopeFile([file.statements[place] for place in places], dict(file.records))


def resealed(file: ScopeFile, change: Callable[[SealedRecord], SealedRecord]) -> ScopeFile:
    """A file whose records were changed, under the names that they had."""
    changed = {name: change(each) for name, each in file.records.items()}
    return ScopeFile(list(file.statements), changed)


def restated(
    file: ScopeFile, change: Callable[[Statement], Statement], *signers: CryptoSigner
) -> ScopeFile:
    """A file whose last statement says something else, with the old signatures or these."""
    *earlier, (statement, envelope) = file.statements
    new = change(statement)
    said = Envelope(new.text(), envelope.payload_type, {} if signers else envelope.signatures)
    for signer in signers:
        said.sign(signer)
    return ScopeFile([*earlier, (new, said)], dict(file.records))


def together(*files: ScopeFile) -> ScopeFile:
    """One file with everything of these."""
    whole = ScopeFile()
    for file in files:
        whole.add(file)
    return whole


def flipped(sealed: SealedRecord) -> SealedRecord:
    """A record with one bit changed."""
    return replace(sealed, sealed=sealed.sealed[:-1] + bytes([sealed.sealed[-1] ^ 1]))


def refused(kiosk: Kiosk, match: str) -> None:
    """Assert that a sync is refused and written down, and leaves everybody as they were."""
    with as_it_was(kiosk):
        before = len(kiosk.entries("sync_refused"))
        with pytest.raises(FleetRefused, match=match):
            kiosk.sync()
        assert len(kiosk.entries("sync_refused")) == before + 1
        assert kiosk.entries()[-1] == "sync_refused"


@contextmanager
def as_it_was(kiosk: Kiosk) -> Iterator[None]:
    """Assert that nobody and nothing of the fleet is changed in a kiosk meanwhile."""
    known, scopes = kiosk.people(), kiosk.members.scopes()
    applied = kiosk.entries("fleet_applied", "erased", "fleet_scope_left")
    yield
    assert kiosk.people() == known
    assert kiosk.members.scopes() == scopes
    assert kiosk.entries("fleet_applied", "erased", "fleet_scope_left") == applied
