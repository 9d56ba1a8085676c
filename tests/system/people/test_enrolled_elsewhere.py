"""Somebody enrols before one kiosk's camera, comes in at another, and withdraws at a third."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import evaluation_data
import pytest
from enrolling_kiosk import SUBJECT, EnrolmentKiosk, alive, enrolling
from fleet_commands import Fleet
from real_kiosk import FilmedModels

from kiosk.fleet.uploads.handing_in import SETTLED
from kiosk.store.home import now_utc

pytestmark = [pytest.mark.weights, pytest.mark.data, pytest.mark.timeout(300)]

PERSON = evaluation_data.people()[0]


def test_enrolled_at_one_kiosk_granted_at_another_withdrawn_at_a_third(
    tmp_path: Path, runtime: Path, models: FilmedModels
) -> None:
    fleet = Fleet(runtime, tmp_path)
    fleet.admins("fleet", "init", "--admins", "1", "--threshold", "1")
    fleet.admins("fleet", "scope", "add", "harbour", "--door", "front")
    first, second, third = (fleet.device(name) for name in ("first", "second", "third"))
    desk = tmp_path / "desk.key"
    fleet.admins("fleet", "inviter", "add", "desk", "--scope", "harbour", "--key", desk)
    assert fleet.admins("fleet", "inviter", "list")["inviters"][0]["inviter"] == "desk"
    where = ("--scope", "harbour", "--key", desk, "--root", fleet.keys / "root.json")
    place = (*where, "--store", fleet.store)
    invited = _invited(fleet, place)
    fleet.admins("fleet", "publish")
    fleet.sync(first)
    site = EnrolmentKiosk(first, models)
    site.utc = lambda: now_utc() - SETTLED  # it cannot be undone any more
    played = site.play(enrolling(invited["code"], alive(PERSON)))
    assert played.last[0] == "enrolled", played
    fleet.sync(first)
    assert fleet.admins("fleet", "publish")["published"] == {"harbour": 1}
    (known,) = fleet.admins("fleet", "people", "--scope", "harbour")["people"]
    assert (known["subject"], known["at_a_kiosk"], len(known["references"])) == (SUBJECT, True, 1)
    assert [fleet.sync(home)["people"] for home in (second, third)] == [1, 1]
    (walk, *_) = evaluation_data.walks(PERSON).values()
    folder = walk[0].parent
    granted = fleet.decision(second, folder)
    assert (granted["outcome"], granted["subject"]) == ("granted", SUBJECT)
    fleet.said("people", "withdraw", SUBJECT, "--home", third)
    fleet.sync(third)
    fleet.admins("fleet", "publish")
    assert [fleet.sync(home)["erased"] for home in (first, second)] == [1, 1]
    assert fleet.decision(second, folder)["outcome"] == "refused"
    assert fleet.kiosk("people", "list", "--home", first, "--json").out.count(SUBJECT) == 0
    fleet.admins("fleet", "inviter", "drop", "desk")
    late = fleet.kiosk("fleet", "invite", "--subject", "s-3", *place)
    late.refused(2, "may not invite")


def _invited(fleet: Fleet, place: tuple[str | Path, ...]) -> dict[str, Any]:
    """The invitation that is left of two, the other one revoked."""
    sheet = fleet.folder / "sheet.pdf"
    invited = fleet.said("fleet", "invite", "--subject", SUBJECT, *place, "--sheet", sheet)
    assert sheet.read_bytes().startswith(b"%PDF")
    other = fleet.said("fleet", "invite", "--subject", "s-2", *place)["invitation"]
    listed = fleet.said("fleet", "invite", "list", *place)["invitations"]
    assert {it["invitation"] for it in listed} == {invited["invitation"], other}
    fleet.said("fleet", "invite", "revoke", other[:16], *place)
    fleet.kiosk("fleet", "invite", "revoke", other, *place).refused(2, "can be used")
    return invited
