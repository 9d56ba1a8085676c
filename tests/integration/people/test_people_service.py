"""The people service over a real home: what it does, and what the journal has of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from kept_files import leaks, lines, raw
from kept_home import rows
from kept_samples import AGREED, ANNA, BORIS, CHEN
from people_changes import (
    CHANGES,
    DURESS,
    OTHER_PIN,
    PIN,
    TERMS,
    by_gates,
    newcomer,
    sample,
)

from kiosk.domain.access.factors import Factor, PinVerdict
from kiosk.domain.errors import BadInput, GalleryFull, SubjectExists, SubjectUnknown
from kiosk.domain.people.enrolment import EnrolmentOutcome, SampleRefusal
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.comparison import Gallery
from kiosk.domain.vision.template import SubjectId
from kiosk.people.enrolment import EnrolmentTerms, Newcomer
from kiosk.people.reading import people_of, person_of
from kiosk.people.rules import MAX_CREDENTIAL, RuleChanges
from kiosk.people.service import PeopleService
from kiosk.store.home import Home
from kiosk.store.open_home import OpenHome
from kiosk.store.people.badges import Badges
from kiosk.store.secrets.keys import FileKey


@pytest.fixture(autouse=True)
def _silence(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """The service prints nothing: it may run in a kiosk or behind a console."""
    yield
    assert tuple(capfd.readouterr()) == ("", "")


def since(open_home: OpenHome, before: int) -> list[tuple[str, dict[str, Any]]]:
    """Event and details of the entries that were added, without the steps of enrolments."""
    added = [json.loads(line) for line in lines(open_home.home.journal)[before:]]
    told = [entry for entry in added if entry["event"] != "enrolment_step"]
    return [(entry["event"], entry["details"]) for entry in told]


def count(open_home: OpenHome) -> int:
    return len(lines(open_home.home.journal))


def state(open_home: OpenHome) -> tuple[object, object]:
    """Every row of the database and every line of the journal."""
    return rows(open_home.home.path), lines(open_home.home.journal)


def never(_: Gallery) -> EnrolmentOutcome:
    pytest.fail("no sample may be looked at")


# -- enrolment -----------------------------------------------------------------------------------


def test_a_newcomer_is_recorded_stored_and_recorded_again(
    open_home: OpenHome, people: PeopleService
) -> None:
    before = count(open_home)
    enrolment = people.enrol(newcomer(), TERMS, by_gates([sample(30), sample(30)]))
    assert (enrolment.subject, enrolment.references) == (CHEN, 2)
    assert (enrolment.room.references, enrolment.room.left) == (3, 7)
    details = {
        "subject": CHEN,
        "references": 2,
        "consent_sha256": AGREED.text_sha256,
        "different_person": False,
    }
    assert since(open_home, before) == [("enrolment", details), ("enrolled", details)]
    person = people.person(CHEN)
    assert (person.references, person.profile.given_name) == (2, "Chenxi")
    assert [each.subject for each in people.people()] == [ANNA, BORIS, CHEN]


def test_whoever_is_refused_is_not_stored(open_home: OpenHome, people: PeopleService) -> None:
    before = count(open_home)
    enrolment = people.enrol(newcomer(), TERMS, by_gates([sample(30, pad=0.1)]))
    assert enrolment.references == 0
    assert [r.reason for r in enrolment.outcome.refused] == [SampleRefusal.PRESENTATION_ATTACK]
    assert since(open_home, before) == [("enrolment_refused", {"duplicate_of": None})]
    with pytest.raises(SubjectUnknown):
        people.person(CHEN)


def test_nobody_is_enrolled_twice_but_a_different_person(
    open_home: OpenHome, people: PeopleService
) -> None:
    before = count(open_home)
    again = by_gates([sample(10)])
    assert people.enrol(newcomer(), TERMS, again).outcome.duplicate_of == ANNA
    assert since(open_home, before) == [("enrolment_refused", {"duplicate_of": ANNA})]
    twin = Newcomer(CHEN, AGREED, different_person=True)
    assert people.enrol(twin, TERMS, again).references == 1
    assert since(open_home, before)[-1][1]["different_person"] is True


@pytest.mark.parametrize(
    ("subject", "terms", "error"),
    [
        (ANNA, TERMS, SubjectExists),
        (CHEN, EnrolmentTerms(TERMS.space, most=2), GalleryFull),
    ],
)
def test_without_a_place_no_sample_is_looked_at(
    open_home: OpenHome,
    people: PeopleService,
    subject: SubjectId,
    terms: EnrolmentTerms,
    error: type[Exception],
) -> None:
    before = state(open_home)
    with pytest.raises(error):
        people.enrol(newcomer(subject), terms, never)
    assert state(open_home) == before


@pytest.mark.parametrize(("subject", "name"), [("Anna Smith", None), ("s-9", "x" * 61)])
def test_what_is_no_id_and_no_name_is_no_newcomer(subject: str, name: str | None) -> None:
    with pytest.raises(BadInput):
        Newcomer(SubjectId(subject), AGREED, name)


# -- erasure -------------------------------------------------------------------------------------


def test_an_erasure_is_recorded_and_has_a_receipt(
    open_home: OpenHome, people: PeopleService
) -> None:
    before = count(open_home)
    erasure = people.erase(ANNA)
    assert (erasure.subject, erasure.references) == (ANNA, 1)
    assert erasure.at.utcoffset() is not None
    assert since(open_home, before) == [("erased", {"subject": ANNA, "references": 1})]
    assert [each.subject for each in people.people()] == [BORIS]
    assert not leaks(ANNA.encode(), open_home.home.references.read_bytes())


# -- rules ---------------------------------------------------------------------------------------


def test_rules_that_are_not_named_stay(open_home: OpenHome, people: PeopleService) -> None:
    before = count(open_home)
    people.allow(ANNA, {"groups": ("staff",), "credential": 77})
    person = people.allow(ANNA, {"valid_until": date(2027, 1, 31)}, Factor.PIN)
    expected = PersonRules(("staff",), valid_until=date(2027, 1, 31), credential=77)
    assert person.profile.rules == people.person(ANNA).profile.rules == expected
    assert person.profile.factors.required is Factor.PIN
    assert since(open_home, before) == [
        ("rules_changed", {"subject": ANNA, "changed": ["groups", "credential"]}),
        ("rules_changed", {"subject": ANNA, "changed": ["valid_until", "factor"]}),
    ]


def test_what_changes_nothing_is_not_recorded(open_home: OpenHome, people: PeopleService) -> None:
    people.allow(ANNA, {"needs_longer": True}, Factor.PIN)
    before = state(open_home)
    people.allow(ANNA, {})
    people.allow(ANNA, {"needs_longer": True, "groups": ()}, Factor.PIN)
    assert state(open_home) == before


@pytest.mark.parametrize(
    ("rules", "factor"),
    [
        ({"groups": ("two words",)}, None),
        ({"groups": ("staff", "none")}, None),
        ({"groups": ("",)}, None),
        ({"credential": 0}, None),
        ({"credential": MAX_CREDENTIAL + 1}, None),
        ({"credential": 77}, None),
        ({"valid_from": date(2027, 2, 2), "valid_until": date(2027, 2, 1)}, None),
        ({}, Factor.PIN),
        ({}, Factor.VERIFY),
    ],
)
def test_rules_that_cannot_be_are_refused_and_not_recorded(
    open_home: OpenHome, people: PeopleService, rules: RuleChanges, factor: Factor | None
) -> None:
    people.allow(ANNA, {"credential": 77})
    before = state(open_home)
    with pytest.raises(BadInput):
        people.allow(BORIS, rules, factor)
    assert state(open_home) == before


# -- second factors ------------------------------------------------------------------------------


def test_pins_are_set_and_taken_away(open_home: OpenHome, people: PeopleService) -> None:
    before = count(open_home)
    people.check_pin_owner(BORIS)
    assert people.set_pin(BORIS, OTHER_PIN).check_pin(OTHER_PIN) is PinVerdict.RIGHT
    assert people.set_pin(BORIS, DURESS, duress=True).check_pin(DURESS) is PinVerdict.DURESS
    assert people.remove_pin(BORIS, duress=True).check_pin(OTHER_PIN) is PinVerdict.RIGHT
    assert people.person(BORIS).profile.factors.duress is None
    assert people.remove_pin(BORIS).pin is None
    assert since(open_home, before) == [
        ("pin_set", {"subject": BORIS, "duress": False}),
        ("pin_set", {"subject": BORIS, "duress": True}),
        ("pin_removed", {"subject": BORIS, "duress": True}),
        ("pin_removed", {"subject": BORIS, "duress": False}),
    ]
    assert not leaks(OTHER_PIN.encode(), raw(open_home.home.path))


def test_a_pin_that_cannot_be_is_refused_and_not_recorded(
    open_home: OpenHome, people: PeopleService
) -> None:
    people.allow(ANNA, {}, Factor.PIN)
    before = state(open_home)
    for refused in (
        lambda: people.check_pin_owner(BORIS, duress=True),
        lambda: people.set_pin(BORIS, "1234"),
        lambda: people.set_pin(BORIS, DURESS, duress=True),
        lambda: people.set_pin(ANNA, PIN, duress=True),
        lambda: people.remove_pin(BORIS),
        lambda: people.remove_pin(BORIS, duress=True),
        lambda: people.remove_pin(ANNA),
        lambda: people.revoke_badge(BORIS),
    ):
        with pytest.raises(BadInput):
            refused()
    assert state(open_home) == before


def test_a_drawn_badge_is_valid_once_it_is_issued(
    open_home: OpenHome, people: PeopleService
) -> None:
    badges, before = Badges(open_home.references, FileKey(open_home.home)), count(open_home)
    drawn = people.draw_badge(BORIS)
    assert badges.holder(drawn.text) is None
    assert people.issue_badge(drawn).required is Factor.NONE
    assert badges.holder(drawn.text) == BORIS
    people.revoke_badge(BORIS)
    assert badges.holder(drawn.text) is None
    events = [("badge_issued", {"subject": BORIS}), ("badge_revoked", {"subject": BORIS})]
    assert since(open_home, before) == events


def test_nothing_of_a_person_is_shown_by_chance(people: PeopleService) -> None:
    drawn = people.draw_badge(ANNA)
    assert drawn.text not in repr(drawn)
    assert drawn.serial not in repr(drawn)
    assert "Chenxi" not in repr(newcomer())
    assert AGREED.text not in repr(newcomer())


# -- nobody --------------------------------------------------------------------------------------


def test_an_unknown_subject_is_an_error_and_no_event(
    open_home: OpenHome, people: PeopleService
) -> None:
    drawn = people.draw_badge(BORIS)
    people.erase(BORIS)
    before = state(open_home)
    for call in (
        lambda: people.person(BORIS),
        lambda: people.erase(BORIS),
        lambda: people.allow(BORIS, {"groups": ("staff",)}),
        lambda: people.check_pin_owner(BORIS),
        lambda: people.set_pin(BORIS, PIN),
        lambda: people.remove_pin(BORIS),
        lambda: people.draw_badge(BORIS),
        lambda: people.revoke_badge(BORIS),
    ):
        with pytest.raises(SubjectUnknown):
            call()
    assert state(open_home) == before
    with pytest.raises(SubjectUnknown):
        people.issue_badge(drawn)


# -- reading a home that nobody opened -------------------------------------------------------------


def test_people_are_read_without_a_trace(open_home: OpenHome) -> None:
    home = open_home.home
    open_home.close()
    before = raw(home.path)
    assert [each.subject for each in people_of(home)] == [ANNA, BORIS]
    assert person_of(home, ANNA).profile.factors.pin is not None
    with pytest.raises(SubjectUnknown):
        person_of(home, CHEN)
    assert raw(home.path) == before


def test_where_nothing_is_kept_there_is_nobody(tmp_path: Path) -> None:
    empty = Home(tmp_path)
    assert people_of(empty) == ()
    with pytest.raises(SubjectUnknown):
        person_of(empty, ANNA)
    assert list(tmp_path.iterdir()) == []


def test_every_change_of_the_list_begins_with_its_event(
    open_home: OpenHome, people: PeopleService
) -> None:
    """The changes that the tests of failures go through are what their names say."""
    for event in sorted(CHANGES, key="erased".__eq__):
        before = count(open_home)
        CHANGES[event](people)
        assert since(open_home, before)[0][0] == event
