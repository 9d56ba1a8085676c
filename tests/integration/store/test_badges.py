"""Badges of a real home: one is valid, those before it and those of other homes are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kept_files import alter, leaks, raw
from kept_samples import AGREED, ANNA, BORIS, CHEN, set_factors, template

from kiosk.domain.access.factors import Factor, Factors, Pin
from kiosk.domain.errors import BadInput, StoreCorrupt, SubjectUnknown
from kiosk.domain.vision.template import SubjectId
from kiosk.store.open_home import OpenHome
from kiosk.store.people.badges import Badges
from kiosk.store.secrets.keys import FileKey


@pytest.fixture
def open_home(tmp_path: Path) -> Iterator[OpenHome]:
    with OpenHome.open(tmp_path / "home") as opened:
        opened.references.enrol(ANNA, [template(1)], AGREED)
        opened.references.enrol(BORIS, [template(2)], AGREED)
        yield opened


@pytest.fixture
def badges(open_home: OpenHome) -> Badges:
    return Badges(open_home.references, FileKey(open_home.home))


def issued(badges: Badges, subject: SubjectId) -> str:
    serial, text = badges.draw(subject)
    badges.issue(subject, serial)
    return text


def test_a_badge_is_its_owners(badges: Badges) -> None:
    annas, boris = issued(badges, ANNA), issued(badges, BORIS)
    assert (badges.holder(annas), badges.holder(boris)) == (ANNA, BORIS)


def test_a_badge_that_was_drawn_but_not_issued_is_nobodys(badges: Badges) -> None:
    first = issued(badges, ANNA)
    _, drawn = badges.draw(ANNA)
    assert badges.holder(drawn) is None
    assert badges.holder(first) == ANNA


def test_a_new_badge_ends_the_one_before(badges: Badges) -> None:
    first = issued(badges, ANNA)
    second = issued(badges, ANNA)
    assert badges.holder(first) is None
    assert badges.holder(second) == ANNA


def test_a_revoked_badge_and_that_of_somebody_erased(open_home: OpenHome, badges: Badges) -> None:
    lost, boris = issued(badges, ANNA), issued(badges, BORIS)
    badges.revoke(ANNA)
    assert badges.holder(lost) is None
    open_home.references.erase(BORIS)
    assert badges.holder(boris) is None
    open_home.references.enrol(BORIS, [template(2)], AGREED)
    assert badges.holder(boris) is None


def test_revoking_leaves_the_rest_and_lets_nobody_in_without(
    open_home: OpenHome, badges: Badges
) -> None:
    """Whoever lost their badge is not excused from showing one."""
    pin = Pin.of("4711", b"salt of sixteen.")
    set_factors(
        open_home.references, ANNA, Factors(Factor.BADGE, pin=pin, badge="0123456789abcdef")
    )
    badges.revoke(ANNA)
    assert open_home.references.factors_of(ANNA) == Factors(Factor.BADGE, pin=pin)
    with pytest.raises(BadInput, match=f"{ANNA} has no valid badge"):
        badges.revoke(ANNA)


def test_nobody_gets_no_badge(badges: Badges) -> None:
    with pytest.raises(SubjectUnknown):
        issued(badges, CHEN)
    with pytest.raises(SubjectUnknown):
        badges.revoke(CHEN)


def test_a_badge_of_another_home_with_the_same_people(badges: Badges, tmp_path: Path) -> None:
    with OpenHome.open(tmp_path / "other") as other:
        other.references.enrol(ANNA, [template(1)], AGREED)
        theirs = Badges(other.references, FileKey(other.home))
        serial, text = theirs.draw(ANNA)
        theirs.issue(ANNA, serial)
        badges.issue(ANNA, serial)
        assert theirs.holder(text) == ANNA
        assert badges.holder(text) is None


def test_a_badge_of_somebody_whose_record_is_damaged_opens_nothing(
    open_home: OpenHome, badges: Badges
) -> None:
    text = issued(badges, ANNA)
    alter(open_home.home.references, "UPDATE subjects SET profile = x'00' WHERE subject = ?", ANNA)
    with pytest.raises(StoreCorrupt):
        badges.holder(text)


def test_badges_outlive_a_restart_and_lie_nowhere_in_the_clear(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    with OpenHome.open(path) as opened:
        opened.references.enrol(ANNA, [template(1)], AGREED)
        text = issued(Badges(opened.references, FileKey(opened.home)), ANNA)
    _, serial, code = text.rsplit(":", 2)
    assert not any(leaks(secret.encode(), raw(path)) for secret in (serial, code))
    with OpenHome.open(path) as opened:
        assert Badges(opened.references, FileKey(opened.home)).holder(text) == ANNA


def test_no_two_badges_are_alike(badges: Badges) -> None:
    serials = {badges.draw(ANNA)[0] for _ in range(100)}
    assert len(serials) == 100
    assert {len(serial) for serial in serials} == {16}
    assert repr(badges) == "Badges(<hidden>)"
