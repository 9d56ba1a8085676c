"""Settings from admins to kiosks, ring by ring; what is refused, and how a kiosk goes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fleet_thieves import Thief
from rolling_fleet import Rolling, RollingKiosk, margin
from small_fleet import HARBOUR, YARD, SmallFleet, everything, put_back
from tuf.api.metadata import Targets

from kiosk.domain.errors import BadInput, FleetRefused, SettingsError, StoreCorrupt
from kiosk.fleet.rollout.directing import RolloutWish
from kiosk.fleet.rollout.plan import Ring, Rollout, SharedVersion
from kiosk.fleet.stores.port import ANYTHING
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.targets import signed_by
from kiosk.fleet.trust.verified import VerifiedStore

OWN = 0.06


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path) as made:
        yield made


@pytest.fixture
def rolling(fleet: SmallFleet) -> Rolling:
    return Rolling(fleet)


def kiosks(fleet: SmallFleet, rolling: Rolling, *rings: Ring) -> list[RollingKiosk]:
    found = [RollingKiosk(fleet.kiosk(f"{ring.value}-{n}")) for n, ring in enumerate(rings)]
    for kiosk, ring in zip(found, rings, strict=True):
        rolling.ring(kiosk, ring)
    return found


def all_take(*found: RollingKiosk) -> list[float]:
    """One sync and one start each; what they go by then."""
    for kiosk in found:
        kiosk.sync()
        kiosk.restart()
    return [kiosk.margin for kiosk in found]


# -- ring by ring --------------------------------------------------------------------------------


def test_canary_then_wave_then_all(fleet: SmallFleet, rolling: Rolling) -> None:
    found = kiosks(fleet, rolling, Ring.CANARY, Ring.WAVE, Ring.ALL)
    rolling.begin(margin(0.1))
    assert all_take(*found) == [0.1, OWN, OWN]
    rolling.advance(anyway=True)
    assert all_take(*found) == [0.1, 0.1, OWN]
    rolling.advance(anyway=True)
    assert all_take(*found) == [0.1, 0.1, 0.1]
    events = found[0].kiosk.entries("fleet_settings_fetched", "fleet_settings_applied")
    assert events == ["fleet_settings_fetched", "fleet_settings_applied"]
    lines = found[0].kiosk.open_home.home.journal.read_text(encoding="utf-8").splitlines()
    (entry,) = (it for it in map(json.loads, lines) if it["event"] == events[-1])
    signed = {each.signer.public_key.keyid[:16] for each in fleet.keys.admins[:2]}
    assert entry["details"] == {"number": 1, "before": 0, "signers": sorted(signed)}


def test_halted_every_kiosk_goes_back(fleet: SmallFleet, rolling: Rolling) -> None:
    found = kiosks(fleet, rolling, Ring.CANARY, Ring.ALL)
    rolling.begin(margin(0.1), Ring.ALL)
    assert all_take(*found) == [0.1, 0.1]
    rolling.begin(margin(0.2))
    assert all_take(*found) == [0.2, 0.1]
    rolling.halt()
    assert all_take(*found) == [0.1, 0.1]
    third = rolling.begin(margin(0.3), Ring.ALL)
    assert third.version.number == 3
    assert third.previous is not None
    assert third.previous.number == 1
    assert all_take(*found) == [0.3, 0.3]


def test_the_first_one_halted_leaves_a_kiosk_its_own(fleet: SmallFleet, rolling: Rolling) -> None:
    (kiosk,) = kiosks(fleet, rolling, Ring.CANARY)
    rolling.begin(margin(0.1))
    assert all_take(kiosk) == [0.1]
    rolling.halt()
    assert all_take(kiosk) == [OWN]
    assert kiosk.known.running.number == 0


def test_halted_before_the_restart_nothing_was_tried(fleet: SmallFleet, rolling: Rolling) -> None:
    (kiosk,) = kiosks(fleet, rolling, Ring.CANARY)
    rolling.begin(margin(0.1))
    kiosk.sync()
    rolling.halt()
    kiosk.sync()
    assert kiosk.known.following is None
    assert not kiosk.restart(ready=False).tries


def test_one_at_a_time(fleet: SmallFleet, rolling: Rolling) -> None:
    kiosks(fleet, rolling, Ring.CANARY)
    rolling.begin(margin(0.1))
    with pytest.raises(BadInput, match="is being rolled out in harbour, as far as canary"):
        rolling.begin(margin(0.2))
    rolling.advance(Ring.ALL, anyway=True)
    with pytest.raises(BadInput, match="has reached all already"):
        rolling.advance(anyway=True)
    rolling.halt()
    with pytest.raises(BadInput, match="is halted already"):
        rolling.halt()
    with pytest.raises(BadInput, match="is halted"):
        rolling.advance(anyway=True)


def test_nothing_to_take_on(fleet: SmallFleet, rolling: Rolling) -> None:
    with pytest.raises(BadInput, match="Nothing was rolled out in 'harbour' yet"):
        rolling.advance()
    with pytest.raises(BadInput, match="Nothing was rolled out"):
        rolling.halt()
    with pytest.raises(BadInput, match="There is no scope 'quay'"):
        Rolling(fleet, "quay").begin(margin(0.1))
    with pytest.raises(BadInput, match="There is no device ff"):
        rolling.director().put_in_ring("ff", Ring.WAVE)


def test_of_several_scopes_the_newest_counts(tmp_path: Path) -> None:
    with SmallFleet(tmp_path, HARBOUR, YARD) as fleet:
        kiosk = RollingKiosk(fleet.kiosk("both", HARBOUR, YARD))
        Rolling(fleet).begin(margin(0.1), Ring.ALL)
        Rolling(fleet, YARD).begin(margin(0.2), Ring.ALL)
        assert all_take(kiosk) == [0.2]
        Rolling(fleet, YARD).halt()
        assert all_take(kiosk) == [0.1]


def test_the_store_learns_nothing_of_the_settings(fleet: SmallFleet, rolling: Rolling) -> None:
    rolling.begin('[screen]\norganisation = "Harbour Master"\n')
    assert not any(b"Harbour Master" in data for data in everything(fleet.store).values())
    assert not any(b"organisation" in data for data in everything(fleet.store).values())


def test_a_dropped_device_opens_nothing_that_came_later(
    fleet: SmallFleet, rolling: Rolling
) -> None:
    lost, stays = kiosks(fleet, rolling, Ring.CANARY, Ring.CANARY)
    fleet.publish()
    all_take(lost, stays)
    fleet.admin.revoke(lost.kiosk.fingerprint)
    rolling.begin(margin(0.1))
    with pytest.raises(FleetRefused, match="dropped"):
        lost.sync()
    assert all_take(stays) == [0.1]


# -- what a kiosk does not take over -------------------------------------------------------------


def test_bad_settings_are_refused_before_anything_is_signed(
    fleet: SmallFleet, rolling: Rolling
) -> None:
    before = everything(fleet.store)
    for text in ("[pad]\nthreshold = 0.1", '[door]\ndriver = "simulated"', "[match"):
        with pytest.raises(SettingsError):
            rolling.begin(text)
    assert everything(fleet.store) == before


def test_what_does_not_fit_the_kiosks_own_is_left_and_told(
    fleet: SmallFleet, rolling: Rolling
) -> None:
    (kiosk,) = kiosks(fleet, rolling, Ring.CANARY)
    (kiosk.home / "config.toml").write_text("[camera]\nfps = 5.0\n", encoding="utf-8")
    rolling.begin("[access]\nrefusal_probes = 40\n")
    assert all_take(kiosk) == [OWN]
    assert kiosk.kiosk.entries("fleet_settings_refused") == ["fleet_settings_refused"]
    kiosk.sync()
    assert kiosk.kiosk.entries("fleet_settings_refused") == ["fleet_settings_refused"]  # once
    kiosk.report()
    status = rolling.status()
    assert [each.failed for each in status.devices] == [True]
    assert "refusal_probes must fit" in status.verdict.reasons[0]
    with pytest.raises(FleetRefused, match="goes no further"):
        rolling.advance(anyway=True)


def test_settings_that_admins_could_not_have_signed_are_refused_here_too(
    fleet: SmallFleet, rolling: Rolling
) -> None:
    """Admins with another program, or none: the kiosk checks for itself."""
    (kiosk,) = kiosks(fleet, rolling, Ring.CANARY)
    wish = RolloutWish('[door]\ndriver = "simulated"\n')
    rolling.director().begin(HARBOUR, wish, lambda _text, _door: None)
    fleet.publish()
    assert all_take(kiosk) == [OWN]
    assert kiosk.known.failed is not None
    assert "door.driver is not for a fleet to set" in kiosk.known.failed.problem


def test_not_ready_once_and_it_goes_back(fleet: SmallFleet, rolling: Rolling) -> None:
    (kiosk,) = kiosks(fleet, rolling, Ring.CANARY)
    rolling.begin(margin(0.1))
    kiosk.sync()
    assert kiosk.restart(ready=False).settings.match.margin == 0.1
    back = kiosk.restart()
    assert (back.settings.match.margin, back.number) == (OWN, 0)
    assert kiosk.kiosk.entries("fleet_settings_refused") == ["fleet_settings_refused"]
    kiosk.sync()
    assert not kiosk.restart(ready=False).tries  # it is not tried again
    kiosk.report()
    assert "did not get ready" in rolling.status().verdict.reasons[0]
    rolling.halt()
    rolling.begin(margin(0.2))
    assert all_take(kiosk) == [0.2]
    assert kiosk.known.failed is None


def test_somebody_ends_it_before_it_is_ready(fleet: SmallFleet, rolling: Rolling) -> None:
    (kiosk,) = kiosks(fleet, rolling, Ring.CANARY)
    rolling.begin(margin(0.1))
    kiosk.sync()
    kiosk.restart(ready=False).put_off()
    assert kiosk.known.following is not None
    assert kiosk.restart().settings.match.margin == 0.1
    assert kiosk.margin == 0.1


def test_settings_that_a_technician_made_unfit_meanwhile(
    fleet: SmallFleet, rolling: Rolling
) -> None:
    (kiosk,) = kiosks(fleet, rolling, Ring.CANARY)
    rolling.begin("[access]\nrefusal_probes = 40\n")
    kiosk.sync()
    (kiosk.home / "config.toml").write_text("[camera]\nfps = 5.0\n", encoding="utf-8")
    start = kiosk.restart()
    assert (start.number, start.settings.access.refusal_probes) == (0, 15)
    assert kiosk.known.failed is not None


# -- attackers -----------------------------------------------------------------------------------


def test_a_file_that_was_changed_is_not_used(fleet: SmallFleet, rolling: Rolling) -> None:
    (kiosk,) = kiosks(fleet, rolling, Ring.CANARY)
    rolling.begin(margin(0.1))
    all_take(kiosk)
    file = kiosk.kiosk.open_home.home.fleet_settings
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert kiosk.margin == OWN
    with pytest.raises(StoreCorrupt):
        kiosk.sync()
    start = kiosk.restart()
    assert (start.settings.match.margin, start.number) == (OWN, 0)
    assert kiosk.kiosk.entries("fleet_settings_lost") == ["fleet_settings_lost"]
    assert all_take(kiosk) == [0.1]  # fetched again


def test_a_file_that_was_put_back_or_taken_away_is_not_used(
    fleet: SmallFleet, rolling: Rolling
) -> None:
    (kiosk,) = kiosks(fleet, rolling, Ring.CANARY)
    rolling.begin(margin(0.1), Ring.ALL)
    all_take(kiosk)
    file = kiosk.kiosk.open_home.home.fleet_settings
    older = file.read_bytes()
    rolling.begin(margin(0.2), Ring.ALL)
    assert all_take(kiosk) == [0.2]
    file.write_bytes(older)
    assert kiosk.margin == OWN
    assert all_take(kiosk.restart() and kiosk) == [0.2]
    file.unlink()
    assert kiosk.margin == OWN
    assert all_take(kiosk.restart() and kiosk) == [0.2]


def test_a_thief_of_the_publishers_key_rolls_nothing_out(
    fleet: SmallFleet, rolling: Rolling
) -> None:
    (kiosk,) = kiosks(fleet, rolling, Ring.CANARY)
    fleet.publish()
    kiosk.sync()
    now = fleet.clock.utc()
    sealed = SharedVersion(9, margin(0.0)).sealed(fleet.keys_of())  # even with a scope's key
    forged = Rollout(HARBOUR, 9, sealed, None, Ring.ALL, now, now).encode()
    thief = Thief(fleet)
    more = {layout.rollout_target(HARBOUR): forged, layout.RINGS_TARGET: b"{}"}
    thief.publish(more, kept=True)
    kiosk.sync()
    assert kiosk.known.following is None
    # nor by what admins sign, with its own key
    verified = VerifiedStore(fleet.store, fleet.keys.root)
    targets = verified.targets()
    targets.version += 1
    name = layout.metadata_name(Targets.type, targets.version)
    fleet.store.put(name, signed_by(targets, [thief.signer]), expected=ANYTHING)
    assert all_take(kiosk) == [OWN]


def test_one_admin_alone_rolls_nothing_out(fleet: SmallFleet, rolling: Rolling) -> None:
    for number in (2, 3):
        (fleet.keys.folder / f"admin-{number}.key").unlink()
    with pytest.raises(Exception, match="2 admins have to sign"):
        rolling.begin(margin(0.1))


def test_an_older_rollout_put_back_is_refused(fleet: SmallFleet, rolling: Rolling) -> None:
    (kiosk,) = kiosks(fleet, rolling, Ring.CANARY)
    rolling.begin(margin(0.0))
    assert all_take(kiosk) == [0.0]
    older = everything(fleet.store)
    rolling.halt()
    assert all_take(kiosk) == [OWN]
    newer = everything(fleet.store)
    put_back(fleet.store, older, [*newer])
    with pytest.raises(FleetRefused):
        kiosk.sync()
    # and though the cache is gone that remembers versions: the home remembers the change
    for file in sorted(kiosk.kiosk.cache.rglob("*"), reverse=True):
        file.unlink() if file.is_file() else None
    with pytest.raises(FleetRefused, match="about the settings of scope harbour is older"):
        kiosk.sync()
    assert kiosk.restart().settings.match.margin == OWN


def test_a_rollout_that_was_shown_as_another_scopes_is_refused(tmp_path: Path) -> None:
    with SmallFleet(tmp_path, HARBOUR, YARD) as fleet:
        kiosk = RollingKiosk(fleet.kiosk("both", HARBOUR, YARD))
        made = Rolling(fleet).begin(margin(0.1), Ring.ALL)
        with pytest.raises(FleetRefused, match="cannot be understood"):
            Rollout.decode(made.encode(), YARD)
        other = replace(made, scope=YARD)
        with pytest.raises(FleetRefused, match="cannot be opened"):
            other.version.opened(fleet.keys_of(YARD))
        assert all_take(kiosk) == [0.1]
