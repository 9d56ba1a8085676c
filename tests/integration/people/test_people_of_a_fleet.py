"""People whom a fleet manages: one kiosk changes nothing of what it would only lose again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fleet_people import SITE, record
from kept_samples import AGREED

from kiosk.domain.access.factors import Factor, StepUp
from kiosk.domain.errors import BadInput, SubjectExists
from kiosk.domain.vision.template import SubjectId
from kiosk.people.service import PeopleService
from kiosk.store.open_home import OpenHome
from kiosk.store.people.members import Members

ANNA, BEN = SubjectId("anna"), SubjectId("ben")


@pytest.fixture
def open_home(tmp_path: Path) -> Iterator[OpenHome]:
    with OpenHome.open(tmp_path / "home") as opened:
        gone = {BEN: b"gone"}
        Members(opened.references).apply(SITE, b"state", [record(ANNA, 1)], gone)
        yield opened


CHANGES: tuple[Callable[[PeopleService], object], ...] = (
    lambda people: people.allow(ANNA, {"needs_longer": True}),
    lambda people: people.check_pin_owner(ANNA),
    lambda people: people.set_pin(ANNA, "482916"),
    lambda people: people.remove_pin(ANNA),
    lambda people: people.draw_badge(ANNA),
)


@pytest.mark.parametrize("change", CHANGES, ids=["rules", "pin", "new pin", "no pin", "badge"])
def test_what_admins_of_the_fleet_decide_is_not_changed_here(
    open_home: OpenHome, change: Callable[[PeopleService], object]
) -> None:
    before = open_home.references.show(ANNA)
    with pytest.raises(BadInput, match=f"scope {SITE} of this kiosk's fleet"):
        change(PeopleService(open_home))
    assert open_home.references.show(ANNA) == before


def test_who_is_reported_is_asked_for_more_here_all_the_same(open_home: OpenHome) -> None:
    people = PeopleService(open_home)
    people.step_up(ANNA, StepUp.REPORTED)
    assert people.person(ANNA).profile.factors.step_up is StepUp.REPORTED
    assert people.person(ANNA).profile.factors.required is Factor.NONE


def test_somebody_can_be_erased_here(open_home: OpenHome) -> None:
    assert PeopleService(open_home).erase(ANNA).references == 1
    assert open_home.references.subjects() == []


def test_nobody_is_enrolled_here_under_an_id_of_the_fleet(open_home: OpenHome) -> None:
    """Not even one that the fleet has erased: a sync would meet two people in one."""
    templates = [template for _, template in record(BEN, 7).references]
    with pytest.raises(SubjectExists, match=f"scope {SITE}"):
        open_home.references.enrol(BEN, templates, AGREED)
    assert open_home.references.subjects() == [ANNA]
