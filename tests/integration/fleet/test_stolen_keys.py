"""One admin's key was stolen, or a device's: what it signs alone counts nowhere it should not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fleet_thieves import Meta, Theft, as_it_was, refused, restated
from small_fleet import HARBOUR, YARD, person
from tuf.api.metadata import Metadata, MetaFile, Root, Signature, Targets

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.statement import PersonChange, Statement
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.records import FleetPerson
from kiosk.fleet.saying import said_by
from kiosk.fleet.scope_file import ScopeFile
from kiosk.fleet.stores.port import ABSENT
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.targets import signed_by
from kiosk.fleet.trust.verified import VerifiedStore

NOT_SIGNED = "is not signed by 2 admins"
MAY_NOT = "may not say statement"


@pytest.fixture
def theft(tmp_path: Path) -> Iterator[Theft]:
    made = Theft(tmp_path)
    yield made
    made.close()


# -- one admin's key -----------------------------------------------------------------------------


def one_admin(theft: Theft) -> ScopeFile:
    return theft.fleet.by_admins([person("eve")], signers=1, history=theft.history)


def with_the_publisher(theft: Theft) -> ScopeFile:
    signers = (theft.fleet.keys.admins[0].signer, theft.thief.signer)
    return restated(one_admin(theft), lambda it: it, *signers)


def under_the_name_of_another(theft: Theft) -> ScopeFile:
    file = one_admin(theft)
    signatures = file.statements[0][1].signatures
    (own,) = signatures.values()
    other = theft.fleet.keys.admins[1].signer.public_key.keyid
    signatures[other] = Signature(other, own.signature)
    return file


ALONE: tuple[Callable[[Theft], ScopeFile], ...] = (
    one_admin,
    with_the_publisher,
    under_the_name_of_another,
)


@pytest.mark.parametrize("said", ALONE)
def test_what_one_admin_signs_alone_is_set_aside_and_refused(
    theft: Theft, said: Callable[[Theft], ScopeFile]
) -> None:
    file = said(theft)
    theft.fleet.hand_in(file)
    assert NOT_SIGNED in theft.fleet.publish().review[0]
    with as_it_was(theft.kiosk):
        assert theft.kiosk.sync().changes == ()
    theft.thief.show(theft.whole, file)
    refused(theft.kiosk, NOT_SIGNED)


def test_targets_that_one_admin_signs_alone(theft: Theft) -> None:
    fleet = theft.fleet
    targets = VerifiedStore(fleet.store, fleet.keys.root).targets()
    targets.version += 1
    del targets.targets[layout.device_target(theft.kiosk.fingerprint)]
    data = signed_by(targets, [fleet.keys.admins[0].signer, theft.thief.signer])
    fleet.store.put(layout.metadata_name(Targets.type, targets.version), data, expected=ABSENT)
    fleet.publish()
    with as_it_was(theft.kiosk):
        assert theft.kiosk.sync().changes == ()

    def pointed(meta: Meta) -> None:
        meta["targets.json"] = MetaFile(targets.version)

    theft.thief.publish({}, meta=pointed, kept=True)
    refused(theft.kiosk, "cannot be verified")


def test_a_root_that_one_admin_signs_alone(theft: Theft) -> None:
    fleet = theft.fleet
    root = Metadata[Root].from_bytes(fleet.keys.root).signed
    root.version = 2
    root.roles["targets"].threshold = root.roles["root"].threshold = 1
    data = signed_by(root, [fleet.keys.admins[0].signer, theft.thief.signer])
    fleet.store.put("metadata/2.root.json", data, expected=ABSENT)
    theft.kiosk.anew()
    refused(theft.kiosk, "cannot be verified")
    with pytest.raises(FleetRefused, match="metadata of root"):
        fleet.publish()
    fleet.store.delete("metadata/2.root.json")
    assert theft.kiosk.sync().changes == ()


# -- a device's key ------------------------------------------------------------------------------


def test_a_device_that_was_never_approved(theft: Theft) -> None:
    asking = theft.fleet.asking("asking")
    theft.thief.show(theft.whole, theft.by(asking, person("eve")))
    refused(theft.kiosk, "is not approved")


def test_a_device_of_another_scope(theft: Theft) -> None:
    yard = theft.fleet.kiosk("yard", YARD)
    theft.fleet.publish()
    file = theft.by(yard, person("eve"))
    theft.fleet.hand_in(file)
    assert theft.fleet.publish().published == {HARBOUR: 1}  # the invitation alone
    theft.thief.show(theft.whole, file)
    refused(theft.kiosk, MAY_NOT)


def test_a_device_that_was_dropped_says_nothing_more(theft: Theft) -> None:
    fleet, lost = theft.fleet, theft.fleet.kiosk("lost", HARBOUR)
    fleet.publish()
    fleet.hand_in(fleet.by_device(lost, [person("dora")]))
    fleet.publish()
    late = fleet.by_device(lost, [person("eve")])
    fleet.admin.revoke(lost.fingerprint)
    fleet.publish()
    theft.kiosk.sync()
    assert theft.kiosk.names() == {"anna 2", "boris 1", "dora 1"}
    fleet.hand_in(late)
    assert fleet.publish().published == {}
    theft.thief.show(fleet.published(), late)
    refused(theft.kiosk, MAY_NOT)


def test_a_device_that_signs_for_another_one(theft: Theft) -> None:
    other = theft.fleet.kiosk("other", HARBOUR)
    theft.fleet.publish()

    def named(said: Statement) -> Statement:
        return replace(said, author=other.fingerprint)

    file = restated(theft.by(theft.kiosk, person("eve")), named, theft.kiosk.signer())
    theft.thief.show(theft.whole, file)
    refused(theft.kiosk, MAY_NOT)


def test_a_device_that_signs_for_admins(theft: Theft) -> None:
    file = restated(one_admin(theft), lambda it: it, theft.kiosk.signer())
    theft.thief.show(theft.whole, file)
    refused(theft.kiosk, NOT_SIGNED)


def test_a_device_that_files_a_record_under_another_person(theft: Theft) -> None:
    """It has the keys, and signs for itself; Eve becomes nobody else all the same."""
    tag = theft.fleet.keys_of().tag(SubjectId("anna"))

    def other(said: Statement) -> Statement:
        (change,) = said.changes
        return replace(
            said, changes=(PersonChange(tag, change.record, theft.history.current[tag]),)
        )

    file = restated(theft.by(theft.kiosk, person("eve")), other, theft.kiosk.signer())
    theft.fleet.hand_in(file)
    theft.fleet.publish()
    assert theft.kiosk.sync().changes[0].review == 1
    assert theft.kiosk.names() == {"boris 1"}
    assert [each.subject for each in theft.fleet.admin.people(HARBOUR)] == ["boris"]
    theft.fleet.told(person("anna", 3))
    theft.kiosk.sync()
    assert theft.kiosk.names() == {"anna 3", "boris 1"}


def said_by_device(theft: Theft, people: Sequence[FleetPerson], uses: str | None) -> ScopeFile:
    """What a device that was broken into signs, whatever it is."""
    device = theft.kiosk
    who = (device.fingerprint, [device.signer()], theft.fleet.keys_of())
    return said_by(*who, theft.fleet.history(), people, theft.fleet.clock.utc(), uses)


def test_a_device_that_says_what_no_database_takes(theft: Theft) -> None:
    uses, eve = theft.fleet.invited(person("eve"))
    eve = replace(eve, subject=SubjectId("../eve"))
    theft.fleet.hand_in(said_by_device(theft, [eve], uses))
    theft.fleet.publish()
    assert theft.kiosk.sync().changes[0].review == 1
    assert theft.kiosk.names() == {"anna 2", "boris 1"}
    theft.fleet.told(person("dora"))
    theft.kiosk.sync()
    assert theft.kiosk.names() == {"anna 2", "boris 1", "dora 1"}
