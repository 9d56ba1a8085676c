"""A device or a desk is dropped in the moment in which something of it is published."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from fleet_desk import invite
from small_fleet import HARBOUR, SmallFleet, person
from tuf.api.metadata import Root, Targets

from kiosk.domain.errors import BadInput
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.trust.editing import AdminSigning
from kiosk.people.invitations import InvitationWish


def before_their_word(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Do something after admins have looked, and before what they sign is there."""
    real, left = AdminSigning._put, [act]

    def put(signing: AdminSigning, root: Root, targets: Targets) -> None:
        if left:
            left.pop()()
        real(signing, root, targets)

    monkeypatch.setattr(AdminSigning, "_put", put)


@pytest.mark.parametrize("who", ["desk", "device"])
def test_what_is_published_meanwhile_stops_nothing(
    tmp_path: Path, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SmallFleet(tmp_path) as fleet:
        north, lost = fleet.kiosk("north"), fleet.kiosk("lost")
        fleet.told(person("anna"))
        north.sync()
        invite(fleet, "eve")
        if who == "desk":
            wish = InvitationWish(SubjectId("boris"), timedelta(days=1))
            fleet.inviter().issue(HARBOUR, wish)
        else:
            fleet.hand_in(fleet.by_device(lost, [person("dora")]))
        before_their_word(monkeypatch, fleet.publish)
        if who == "desk":
            for card in fleet.naming().drop("desk"):
                fleet.admin.say(HARBOUR, fleet.naming().open_invitations(card, HARBOUR))
        else:
            assert fleet.admin.revoke(lost.fingerprint) == [HARBOUR]
        fleet.told(person("later"))
        north.sync()
        came = {"dora 1"} if who == "device" else set()
        assert north.names() == {"anna 1", "later 1"} | came
        with pytest.raises(BadInput, match="There is no"):
            fleet.naming().drop("desk") if who == "desk" else fleet.admin.revoke(lost.fingerprint)
