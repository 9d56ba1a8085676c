"""B5: a clock that is not to be relied on opens nothing; who may always come in still does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from office_hours import ANN, SITE, WORKER, at

from kiosk.domain.access.states import Reason
from kiosk.domain.people.calendar import ALWAYS, Moment
from kiosk.domain.people.presence import Passback, Presence, PresenceMemory
from kiosk.domain.people.rules import Group, PersonRules, Site, judge, unlocks

ALWAYS_IN = Group(doors=frozenset({"front"}), schedule=ALWAYS)


def _doubted(moment: Moment) -> Moment:
    return replace(moment, trusted=False)


def test_by_a_clock_that_is_not_relied_on_it_is_nobodys_time() -> None:
    now = at("2026-03-02 09:00")
    assert judge(ANN, WORKER, now, SITE, Presence()).reason is None
    doubted = judge(ANN, WORKER, _doubted(now), SITE, Presence())
    assert (doubted.reason, doubted.opens) == (Reason.NOT_NOW, None)


def test_who_may_always_come_in_still_does() -> None:
    site = replace(SITE, groups={**SITE.groups, "any": ALWAYS_IN})
    now = _doubted(at("2026-03-02 09:00"))
    assert judge(ANN, PersonRules(("any",)), now, site, Presence()).reason is None
    assert judge(ANN, PersonRules(), now, Site(), Presence()).reason is None


@pytest.mark.parametrize("bounds", [{"valid_from": date(2026, 1, 1)}, {"valid_until": date.max}])
def test_whose_days_are_numbered_do_not_come_in_by_it(bounds: dict[str, date]) -> None:
    person, now = PersonRules(**bounds), at("2026-03-02 09:00")
    assert judge(ANN, person, now, Site(), Presence()).reason is None
    assert judge(ANN, person, _doubted(now), Site(), Presence()).reason is Reason.NOT_VALID


def test_no_door_is_free_by_it() -> None:
    site, now = Site(unlock=ALWAYS), at("2026-03-02 09:00")
    assert unlocks(site, Presence(), now)
    assert unlocks(site, Presence(), _doubted(now)) is False


def test_nobody_opens_the_day_by_it_and_nobody_is_forgotten() -> None:
    site = replace(SITE, groups={**SITE.groups, "any": ALWAYS_IN}, first_person=True)
    now = at("2026-03-02 09:00")
    opened = Presence(opened=now)
    person = PersonRules(("any",))
    assert judge(ANN, person, now, site, opened).reason is None
    assert judge(ANN, person, _doubted(now), site, opened).reason is Reason.FIRST_PERSON
    memory = PresenceMemory(passback=Passback.HARD, reset_daily=True)
    inside = Presence(inside={ANN: at("2026-03-01 09:00")})
    daily = Site(memory=memory)
    assert judge(ANN, PersonRules(), now, daily, inside).reason is None
    assert judge(ANN, PersonRules(), _doubted(now), daily, inside).reason is Reason.PASSED_BACK
