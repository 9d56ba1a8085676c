"""A device that is dropped while it hands something in: no scope stops, and all agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from small_fleet import HARBOUR, Kiosk, SmallFleet, everything, person
from tuf.api.metadata import Targets

from kiosk.domain.errors import FleetRefused
from kiosk.fleet import publisher as publishing
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.editing import AdminSigning, Edit
from kiosk.fleet.trust.verified import VerifiedStore


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path) as made:
        yield made


@pytest.fixture
def front(fleet: SmallFleet) -> Kiosk:
    return fleet.kiosk("front")


@pytest.fixture
def lost(fleet: SmallFleet) -> Kiosk:
    kiosk = fleet.kiosk("lost")
    fleet.told(person("anna"))
    fleet.hand_in(fleet.by_device(kiosk, [person("boris")]))
    fleet.publish()
    return kiosk


def test_what_is_published_while_the_card_is_signed_counts(
    fleet: SmallFleet, front: Kiosk, lost: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between an admin's look and their signature a publisher publishes what the device said."""
    fleet.hand_in(fleet.by_device(lost, [person("chen")]))
    real, between = AdminSigning.edit, iter([fleet.publish])

    def slow(self: AdminSigning, edit: Edit) -> None:
        def late(targets: Targets, verified: VerifiedStore) -> Mapping[str, bytes]:
            changed = edit(targets, verified)
            next(between, lambda: None)()
            return changed

        real(self, late)

    monkeypatch.setattr(AdminSigning, "edit", slow)
    assert fleet.admin.revoke(lost.fingerprint) == [HARBOUR]
    fleet.told(person("dora"))
    front.sync()
    assert front.names() == {"anna 1", "boris 1", "chen 1", "dora 1"}
    assert front.names() == fresh(fleet).names()


def test_a_round_that_began_before_a_device_was_dropped_takes_nothing_of_it(
    fleet: SmallFleet, front: Kiosk, lost: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = fleet.hand_in(fleet.by_device(lost, [person("chen")]))
    real, between = publishing.signed_by, iter([lambda: fleet.admin.revoke(lost.fingerprint)])

    def slow(*given: object) -> bytes:
        next(between, lambda: None)()
        return real(*given)  # type: ignore[arg-type] - passed on as they are

    monkeypatch.setattr(publishing, "signed_by", slow)
    (line,) = fleet.publish().review
    assert line.startswith(f"{name}: Device {lost.fingerprint} may not say statement 2")
    assert f"{layout.REVIEW}{name}" in everything(fleet.store)
    front.sync()
    assert front.names() == {"anna 1", "boris 1"}
    assert front.names() == fresh(fleet).names()


def test_a_scope_that_was_stopped_goes_on_once_the_device_is_dropped_once_more(
    fleet: SmallFleet, front: Kiosk, lost: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = fleet.by_device(lost, [person("chen")])
    fleet.admin.revoke(lost.fingerprint)
    with monkeypatch.context() as patched:  # a publisher of an earlier version
        patched.setattr("kiosk.fleet.cards.DeviceCard.verify", lambda *_, **__: None)
        fleet.hand_in(late)

        assert fleet.publish().published == {HARBOUR: 2}  # and the invitation
    with pytest.raises(FleetRefused, match="may not say statement 2"):
        front.sync()
    with pytest.raises(FleetRefused, match="has said something after it was dropped"):
        fleet.admin.approve(lost.fingerprint, [HARBOUR])
    assert fleet.admin.revoke(lost.fingerprint) == [HARBOUR]
    fleet.publish()
    front.sync()
    assert front.names() == {"anna 1", "boris 1", "chen 1"}


def fresh(fleet: SmallFleet) -> Kiosk:
    kiosk = fleet.kiosk("fresh")
    fleet.publish()
    kiosk.sync()
    return kiosk
