"""The publisher's key was stolen: its thief can hold things up, and changes nobody anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fleet_thieves import (
    Theft,
    Thief,
    as_it_was,
    flipped,
    part,
    refused,
    resealed,
    restated,
    together,
)
from kept_samples import AGREED
from securesystemslib.signer import CryptoSigner
from small_fleet import ENROLLED_AT, HARBOUR, YARD, gone, person
from tuf.api.metadata import Metadata, MetaFile, Root, Targets

from kiosk.domain.fleet.history import History
from kiosk.domain.fleet.statement import PersonChange, Statement
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.cards import DeviceCard
from kiosk.fleet.index import ScopeIndex, ScopePart
from kiosk.fleet.records import FleetPerson
from kiosk.fleet.scope_file import ScopeFile
from kiosk.fleet.sealing import ScopeKeys, wrap
from kiosk.fleet.stores.port import ABSENT
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.targets import put_target, signed_by
from kiosk.fleet.trust.verified import VerifiedStore
from kiosk.store.people.person import Profile

NOT_SIGNED = "is not signed by 2 admins"
NOT_IN_ORDER = "does not follow"
OLDER = "is not in the store any more"
NOT_OPENED = "cannot be opened with the keys"


@pytest.fixture
def theft(tmp_path: Path) -> Iterator[Theft]:
    made = Theft(tmp_path)
    yield made
    made.close()


# -- statements ----------------------------------------------------------------------------------


def of_the_board() -> FleetPerson:
    """Anna, by other rules."""
    anna, rules = person("anna", 2), PersonRules(groups=("board",))
    return replace(anna, profile=Profile("Anna", AGREED, ENROLLED_AT, rules))


def retagged(theft: Theft) -> ScopeFile:
    """Dora's record, filed under Chen."""
    tag = theft.fleet.keys_of().tag(SubjectId("chen"))

    def other(said: Statement) -> Statement:
        first, *more = said.changes
        return replace(said, changes=(PersonChange(tag, first.record), *more))

    return restated(part(theft.later, [0]), other)


def swapped(theft: Theft) -> ScopeFile:
    """Dora's record under the name of Boris's, and the other way."""
    file = part(theft.later, [0])
    one, two = (file.records[change.record] for change in file.statements[0][0].changes)
    names = {
        one.record: replace(two, record=one.record),
        two.record: replace(one, record=two.record),
    }
    return ScopeFile(file.statements, names)


def of_yard(theft: Theft) -> ScopeFile:
    """What admins have said about another scope, at the number that comes next here."""
    return theft.fleet.by_admins([person("eve")], history=History(YARD, theft.history.authors))


def a_day_later(said: Statement) -> Statement:
    return replace(said, at=said.at + timedelta(days=1))


Shown = Callable[[Theft], tuple[ScopeFile, ...]]
SHOWN: dict[str, tuple[str, Shown]] = {
    "adds somebody": (NOT_SIGNED, lambda it: (it.whole, it.alone(person("eve")))),
    "changes rules": (NOT_SIGNED, lambda it: (it.whole, it.alone(of_the_board()))),
    "brings somebody back": (NOT_SIGNED, lambda it: (it.whole, it.alone(person("chen")))),
    "says the first again": (NOT_IN_ORDER, lambda it: (it.whole, part(it.whole, [0]))),
    "says the last again": (NOT_IN_ORDER, lambda it: (it.whole, part(it.whole, [1]))),
    "shows an older base": (OLDER, lambda it: (part(it.whole, [0]),)),
    "shows an empty scope": (OLDER, lambda _: ()),
    "leaves out the first": (NOT_IN_ORDER, lambda it: (part(it.whole, [1]),)),
    "leaves out one in the middle": (NOT_IN_ORDER, lambda it: (it.whole, part(it.later, [1]))),
    "swaps two": (NOT_IN_ORDER, lambda it: (it.whole, part(it.later, [1, 0]))),
    "files a record under another person": (NOT_SIGNED, lambda it: (it.whole, retagged(it))),
    "changes a record": (
        NOT_OPENED,
        lambda it: (it.whole, resealed(part(it.later, [0]), flipped)),
    ),
    "swaps two records": (NOT_OPENED, lambda it: (it.whole, swapped(it))),
    "leaves out a record": (
        "is missing from what was published",
        lambda it: (it.whole, ScopeFile(part(it.later, [0]).statements)),
    ),
    "names another epoch": (
        NOT_OPENED,
        lambda it: (it.whole, resealed(part(it.later, [0]), lambda one: replace(one, epoch=2))),
    ),
    "shows what is said of another scope": (
        NOT_IN_ORDER,
        lambda it: (it.whole, of_yard(it)),
    ),
    "takes the signatures of another statement": (
        NOT_SIGNED,
        lambda it: (it.whole, restated(part(it.later, [0]), a_day_later)),
    ),
}


@pytest.mark.parametrize("act", SHOWN)
def test_a_thief_is_refused_who(theft: Theft, act: str) -> None:
    match, shown = SHOWN[act]
    theft.thief.show(*shown(theft))
    refused(theft.kiosk, match)


def test_a_thief_who_moves_an_erasure_before_what_it_erased(theft: Theft) -> None:
    """A device has erased Boris; in that order it would come too late, and he would be back."""
    theft.fleet.hand_in(theft.by(theft.kiosk, gone("boris")))
    theft.fleet.publish()
    theft.kiosk.sync()
    assert theft.kiosk.names() == {"anna 2"}
    history = theft.fleet.history()
    moved = part(theft.fleet.published(), [2, 0, 1])
    more = theft.fleet.by_admins([person("dora")], history=history)
    theft.thief.show(together(ScopeFile([], theft.whole.records), moved, more))
    refused(theft.kiosk, OLDER)


# -- lists of files ------------------------------------------------------------------------------


@pytest.mark.parametrize("last", [3, 1000])
def test_a_list_that_counts_more_statements_than_there_are(theft: Theft, last: int) -> None:
    """Who believed it would take the next statement for one that they have."""
    path = f"people/{HARBOUR}/empty.jsonl"
    index = ScopeIndex(HARBOUR, (ScopePart("x", 1, 2), ScopePart(path, 3, last)))
    theft.thief.publish({layout.index_target(HARBOUR): index.encode(), path: b""})
    refused(theft.kiosk, "another number of statements than is listed")


ENDLESS = b'{"format": 1, "scope": "harbour", "parts": [["p", 1e999, 1]]}'
OTHER = ScopeIndex(YARD).encode()


@pytest.mark.parametrize("data", [b"", b"[]", b"[" * 100_000, b"{}", ENDLESS, OTHER])
def test_a_list_that_is_none(theft: Theft, data: bytes) -> None:
    theft.thief.publish({layout.index_target(HARBOUR): data})
    refused(theft.kiosk, "cannot be understood")


def test_a_list_that_names_what_nobody_signed(theft: Theft) -> None:
    index = ScopeIndex(HARBOUR, (ScopePart("nowhere", 1, 3),)).encode()
    theft.thief.publish({layout.index_target(HARBOUR): index})
    refused(theft.kiosk, "nobody has signed it")


# -- what admins sign ----------------------------------------------------------------------------


def test_a_thief_approves_no_device(theft: Theft) -> None:
    asking = theft.fleet.asking("asking")
    wrapped = {HARBOUR: wrap(ScopeKeys.draw(HARBOUR), asking.device.public.opening)}
    card = DeviceCard(asking.device.public, None, wrapped).encode()
    theft.thief.publish({layout.device_target(asking.fingerprint): card}, kept=True)
    refused(asking, "is not approved")
    with as_it_was(theft.kiosk):
        assert theft.kiosk.sync().changes == ()


def test_a_thief_adds_no_scope_and_turns_no_epoch(theft: Theft) -> None:
    own, drawn = theft.kiosk.device.public, ScopeKeys.draw(HARBOUR).turned()
    card = DeviceCard(own, None, {name: wrap(drawn, own.opening) for name in (HARBOUR, "eve")})
    paths = (layout.device_target(own.fingerprint), layout.scope_target("eve"))
    named = {**dict.fromkeys(paths, card.encode()), "people/eve/index.json": b"{}"}
    theft.thief.publish(named, kept=True)
    with as_it_was(theft.kiosk):
        assert theft.kiosk.sync().changes == ()
    assert theft.fleet.admin.scopes() == [HARBOUR, YARD]
    theft.fleet.told(person("dora"))
    theft.kiosk.sync()
    assert theft.kiosk.names() == {"anna 2", "boris 1", "dora 1"}


# -- recovery ------------------------------------------------------------------------------------


def test_after_versions_without_end_a_new_root_brings_the_fleet_back(theft: Theft) -> None:
    """A thief raised every version; admins sign another publisher's key, and begin below."""
    fleet, thief = theft.fleet, theft.thief
    thief.show(theft.whole, jump=10**9)
    with as_it_was(theft.kiosk):
        theft.kiosk.sync()
    honest = Thief(fleet, CryptoSigner.generate_ed25519())
    rotated(theft, honest)
    file = together(theft.whole, fleet.by_admins([person("dora")], history=theft.history))
    path = f"people/{HARBOUR}/base-1-3.jsonl"
    index = ScopeIndex(HARBOUR, (ScopePart(path, 1, 3),)).encode()
    contents = {layout.index_target(HARBOUR): index, path: file.encode()}
    infos = {name: put_target(fleet.store, name, data) for name, data in contents.items()}
    meta = {
        "targets.json": MetaFile(VerifiedStore(fleet.store, fleet.keys.root).targets().version),
        f"people-{HARBOUR}.json": MetaFile(honest.role(HARBOUR, 50, infos)),
        f"people-{YARD}.json": MetaFile(honest.role(YARD, 50, {})),
    }
    honest.top(1, 50, meta)
    theft.kiosk.sync()
    assert theft.kiosk.names() == {"anna 2", "boris 1", "dora 1"}
    assert theft.kiosk.members.content(HARBOUR) is not None
    thief.top(10**10, 50, meta)
    refused(theft.kiosk, "cannot be verified")


def rotated(theft: Theft, honest: Thief) -> None:
    """Admins take the publisher's key out of the root and of every scope, and put in another."""
    fleet, stolen = theft.fleet, theft.thief.signer.public_key.keyid
    root = Metadata[Root].from_bytes(fleet.keys.root).signed
    root.version = 2
    for role in ("snapshot", "timestamp"):
        root.revoke_key(stolen, role)
        root.add_key(honest.signer.public_key, role)

    def edit(targets: Targets, _: VerifiedStore) -> dict[str, bytes]:
        for scope in (HARBOUR, YARD):
            targets.revoke_key(stolen, layout.people_role(scope))
            targets.add_key(honest.signer.public_key, layout.people_role(scope))
        return {}

    fleet.admin._signing.edit(edit)
    data = signed_by(root, [each.signer for each in fleet.keys.admins[:2]])
    fleet.store.put("metadata/2.root.json", data, expected=ABSENT)
