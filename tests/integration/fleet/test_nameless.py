"""A scope whose kiosks keep nobody's name (R84)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from fleet_desk import all_sync, enrol
from small_fleet import HARBOUR, SmallFleet, person

from kiosk.domain.errors import BadInput
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.cards import ScopeCard
from kiosk.people.invitations import InvitationWish

QUIET = "quiet"


def test_no_name_reaches_a_kiosk(tmp_path: Path) -> None:
    with SmallFleet(tmp_path) as fleet:
        fleet.admin.add_scope(QUIET, ["front"], names=False)
        assert (fleet.admin.keeps_names(QUIET), fleet.admin.keeps_names(HARBOUR)) == (False, True)
        kiosk = fleet.kiosk("north", QUIET)
        fleet.told(person("anna"), scope=QUIET)
        named = InvitationWish(SubjectId("boris"), timedelta(days=1), "Boris", groups=("staff",))
        with pytest.raises(BadInput, match="Nobody's name"):
            fleet.inviter().issue(QUIET, named)
        kiosk.sync()
        assert kiosk.names() == {"None"}
        assert [each.profile.given_name for each in fleet.admin.people(QUIET) if each.profile] == [
            None
        ]
        fleet.admin.revoke(fleet.kiosk("lost", QUIET).fingerprint)  # its card is made anew
        assert not fleet.admin.keeps_names(QUIET)


def test_whoever_enrols_there_is_greeted_without_a_name(tmp_path: Path) -> None:
    with SmallFleet(tmp_path) as fleet:
        fleet.admin.add_scope(QUIET, ["front"], names=False)
        north, south = fleet.kiosk("north", QUIET), fleet.kiosk("south", QUIET)
        wish = InvitationWish(SubjectId("boris"), timedelta(days=1), groups=("staff",))
        issued = fleet.inviter().issue(QUIET, wish)
        fleet.publish()
        north.sync()
        enrol(north, issued.code)
        all_sync(fleet, north, south)
        assert south.names() == {"None"}


def test_a_card_of_an_older_version_keeps_names() -> None:
    card = ScopeCard(QUIET, ("front",), (), {}, names=False)
    assert ScopeCard.decode(card.encode()) == card
    older = card.encode().replace(b', "names": false', b"")
    assert ScopeCard.decode(older).names
