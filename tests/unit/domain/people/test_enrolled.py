"""Everybody who is enrolled, in one value that no log may give away."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.domain.access.factors import Factors
from kiosk.domain.errors import SpaceMismatch
from kiosk.domain.people.enrolled import EnrolledPeople, KnownPeople, Person
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import Reference, ReferenceId, SpaceId, SubjectId, Template

SPACE = SpaceId("test/1")
ANN, BOB, CAT = SubjectId("ann"), SubjectId("bob"), SubjectId("cat")
EAST, NORTH = (1.0, 0.0), (0.0, 1.0)


def test_it_is_printed_as_a_number_of_people_and_names_nobody() -> None:
    people = {SubjectId(who): Person(PersonRules(), Factors()) for who in ("ann", "bob")}
    versions = dict.fromkeys(people, b"")
    assert repr(EnrolledPeople(7, versions, (), people)) == "EnrolledPeople(2 people, generation 7)"


def test_nobody_belongs_to_a_fleet_unless_it_is_said() -> None:
    assert not Person(PersonRules(), Factors()).of_fleet


# -- known again after some of them have changed ---------------------------------------------------


def reference(
    who: SubjectId, number: int, place: tuple[float, float], space: SpaceId = SPACE
) -> Reference:
    vector = np.array(place, np.float32)
    return Reference(ReferenceId(f"{who}-{number}"), who, Template(vector, space))


def person(*, cloud: bool = False) -> Person:
    return Person(PersonRules(), Factors(), cloud=cloud)


def known() -> KnownPeople:
    """Ann with two references, Bob with one."""
    references = (reference(ANN, 0, EAST), reference(ANN, 1, NORTH), reference(BOB, 0, EAST))
    people = {ANN: person(), BOB: person()}
    versions = {ANN: b"a1", BOB: b"b1"}
    return KnownPeople.nobody(SPACE).after(EnrolledPeople(1, versions, references, people))


def test_of_nobody_everybody_is_made_who_was_opened() -> None:
    made = known()
    assert repr(made) == "KnownPeople(2 people)"
    assert made.gallery.subjects == (ANN, BOB)
    np.testing.assert_allclose(made.gallery.matrix, [[0.5**0.5, 0.5**0.5], EAST], atol=1e-6)
    assert made.enrolments == {ANN: ("ann-0", "ann-1"), BOB: ("bob-0",)}
    assert list(made.people) == [ANN, BOB]
    assert made.versions == {ANN: b"a1", BOB: b"b1"}


def test_whoever_was_not_opened_is_as_they_were() -> None:
    """Bob has changed, Cat has come; Ann is the very object that she was."""
    before = known()
    references = (reference(BOB, 1, NORTH), reference(CAT, 0, EAST))
    opened = {BOB: person(cloud=True), CAT: person()}
    versions = {ANN: b"a1", BOB: b"b2", CAT: b"c1"}
    after = before.after(EnrolledPeople(2, versions, references, opened))
    assert after.gallery.subjects == (ANN, BOB, CAT)
    np.testing.assert_allclose(after.gallery.matrix[1:], [NORTH, EAST])
    np.testing.assert_array_equal(after.gallery.matrix[0], before.gallery.matrix[0])
    assert after.enrolments == {ANN: ("ann-0", "ann-1"), BOB: ("bob-1",), CAT: ("cat-0",)}
    assert after.people[ANN] is before.people[ANN]
    assert (after.people[BOB].cloud, list(after.people)) == (True, [ANN, BOB, CAT])
    assert after.versions == versions


def test_whoever_is_no_longer_enrolled_is_known_no_longer() -> None:
    after = known().after(EnrolledPeople(2, {BOB: b"b1"}, (), {}))
    assert after.gallery.subjects == (BOB,)
    assert (list(after.people), list(after.enrolments)) == ([BOB], [BOB])


def test_somebody_opened_without_a_reference_has_none_from_before() -> None:
    """Their references were taken away, or belong to other models; their rules are known."""
    after = known().after(EnrolledPeople(2, {ANN: b"a2", BOB: b"b1"}, (), {ANN: person()}))
    assert after.gallery.subjects == (BOB,)
    assert list(after.enrolments) == [BOB]
    assert list(after.people) == [ANN, BOB]


def test_references_of_another_space_are_refused() -> None:
    elsewhere = reference(CAT, 0, EAST, SpaceId("test/2"))
    with pytest.raises(SpaceMismatch):
        known().after(EnrolledPeople(2, {CAT: b"c1"}, (elsewhere,), {CAT: person()}))


def test_nobodys_consent_names_the_cloud_unless_it_is_said() -> None:
    assert not Person(PersonRules(), Factors()).cloud


def test_somebody_without_a_reference_stays_so_until_they_are_opened_again() -> None:
    without = known().after(EnrolledPeople(2, {ANN: b"a2"}, (), {ANN: person()}))
    again = KnownPeople.nobody(SPACE).after(EnrolledPeople(1, {ANN: b"a2"}, (), {ANN: person()}))
    for before in (without, again):
        after = before.after(EnrolledPeople(3, {ANN: b"a2"}, (), {}))
        assert (after.gallery.subjects, list(after.people)) == ((), [ANN])
    assert again.after(EnrolledPeople(3, {ANN: b"a2"}, (), {})).enrolments == {}
