"""Two kiosks of one fleet: whoever admins let in at one is let in at the other, and nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import evaluation_data
import pytest
from fleet_commands import Fleet

pytestmark = [pytest.mark.weights, pytest.mark.data, pytest.mark.timeout(300)]

PERSON = evaluation_data.people()[0]


def test_let_in_suspended_resumed_and_erased_at_another_door(
    tmp_path: Path, runtime: Path, furnished: Callable[[Path], Path]
) -> None:
    """The first kiosk knew somebody before it joined; admins then share them with the other."""
    fleet = Fleet(runtime, tmp_path)
    fleet.admins("fleet", "init")
    fleet.admins("fleet", "scope", "add", "harbour", "--door", "front")
    furnished(tmp_path / "first")
    first, second = fleet.device("first"), fleet.device("second")
    _share(fleet, first)
    assert fleet.sync(first)["people"] == fleet.sync(second)["people"] == 1
    (walk, *_) = evaluation_data.walks(PERSON).values()
    folder = walk[0].parent
    assert fleet.decision(second, folder)["outcome"] == "granted"
    fleet.admins("people", "suspend", PERSON)
    fleet.sync(second)
    assert fleet.decision(second, folder)["reason"] == "not_valid"
    fleet.admins("people", "resume", PERSON)
    fleet.sync(second)
    assert fleet.decision(second, folder)["outcome"] == "granted"
    fleet.admins("people", "reviewed", PERSON)
    assert fleet.admins("fleet", "review")["reports"] == []
    fleet.admins("people", "erase", PERSON, "--yes")
    assert (fleet.sync(second)["erased"], fleet.sync(first)["erased"]) == (1, 1)
    assert fleet.admins("fleet", "erasure", PERSON)["confirmed"] is True
    assert fleet.decision(second, folder)["outcome"] == "refused"
    assert fleet.admins("fleet", "status")["scopes"][0]["devices"] != []
    revoked = fleet.said("device", "enrol", "--home", second, *_where(fleet))["fingerprint"]
    told = fleet.admins("fleet", "journal", revoked)
    assert (told["segments"], told["problems"]) == (0, [])  # a replay hands in nothing
    fleet.admins("fleet", "revoke", revoked)
    fleet.kiosk("sync", "--home", second, "--once").refused(3, "dropped")
    assert fleet.admins("fleet", "publish")["review"] == []


def test_moved_to_another_scope_and_known_there_alone(tmp_path: Path, runtime: Path) -> None:
    fleet = Fleet(runtime, tmp_path)
    fleet.admins("fleet", "init", "--admins", "1", "--threshold", "1")
    for scope in ("harbour", "library"):
        fleet.admins("fleet", "scope", "add", scope, "--door", scope)
    unknown = fleet.kiosk("people", "move", "p-1", "--scope", "library", *fleet.admin)
    unknown.refused(2, "p-1")
    device = ("--device", "0" * 32, "--scope", "harbour")
    policy = fleet.kiosk("fleet", "policy", "device", *device, "--store", "s3://bucket/fleet").said
    assert [each["Sid"] for each in policy["Statement"]] == ["Read", "Write"]
    fleet.kiosk("fleet", "policy", "admin", "--store", fleet.store).refused(2, "folder")
    assert "One admin alone" in " ".join(fleet.admins("fleet", "status")["warnings"])


def test_a_batch_of_one_is_known_at_the_door(tmp_path: Path, runtime: Path) -> None:
    fleet = Fleet(runtime, tmp_path)
    fleet.admins("fleet", "init", "--admins", "1", "--threshold", "1")
    fleet.admins("fleet", "scope", "add", "harbour", "--door", "front")
    home = fleet.device("first")
    (walk, *_) = evaluation_data.walks(PERSON).values()
    rows = [f"{PERSON},,,,,form 3,{picture.name}" for picture in walk[::5]]
    columns = "subject,given_name,groups,valid_from,valid_until,consent,photo"
    (tmp_path / "people.csv").write_text("\n".join([columns, *rows]))
    photos = ("--photos", walk[0].parent, "--workers", "1")
    order = (tmp_path / "people.csv", *photos, "--scope", "harbour")
    done = fleet.kiosk("fleet", "import", *order, *fleet.admin, "--json")
    assert json.loads(done.out)["added"] == 1, done
    assert fleet.sync(home)["people"] == 1
    assert fleet.decision(home, walk[0].parent)["subject"] == PERSON


def _where(fleet: Fleet) -> tuple[str | Path, ...]:
    return ("--store", fleet.store, "--root", fleet.keys / "root.json")


def _share(fleet: Fleet, home: Path) -> None:
    """Have a kiosk offer the person whom it knew before it joined, and admins accept them."""
    order = ("device", "offer", "--home", home, "--scope", "harbour", "--consent")
    assert fleet.said(*order, "another form", "--dry-run")["offered"] == []
    assert PERSON in fleet.said(*order, "another form", "--dry-run")["kept"]
    assert fleet.said(*order, "form 3")["offered"] == [PERSON]
    (offered,) = fleet.admins("fleet", "offers", "--scope", "harbour")["offers"]
    assert (offered["subject"], offered["consent"]) == (PERSON, "form")
    stranger = fleet.kiosk("fleet", "accept", "p-0", "--scope", "harbour", *fleet.admin)
    stranger.refused(2, "p-0")
    accepted = fleet.admins("fleet", "accept", "--all", "--scope", "harbour")
    assert accepted["accepted"] == [PERSON]
    assert fleet.admins("fleet", "offers", "--scope", "harbour")["offers"] == []
