"""Everybody who is enrolled, in one value that no log may give away."""

from __future__ import annotations

from kiosk.domain.access.factors import Factors
from kiosk.domain.people.enrolled import EnrolledPeople, Person
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import SubjectId


def test_it_is_printed_as_a_number_of_people_and_names_nobody() -> None:
    people = {SubjectId(who): Person(PersonRules(), Factors()) for who in ("ann", "bob")}
    versions = dict.fromkeys(people, b"")
    assert repr(EnrolledPeople(7, versions, (), people)) == "EnrolledPeople(2 people, generation 7)"


def test_nobody_belongs_to_a_fleet_unless_it_is_said() -> None:
    assert not Person(PersonRules(), Factors()).of_fleet
