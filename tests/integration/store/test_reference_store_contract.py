"""What every ReferenceStore must do, proven on the one that keeps its word on a disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from kept_samples import AGREED, ANNA, BORIS, SPACE, template

from kiosk.domain.errors import BadInput, GalleryFull, SpaceMismatch, SubjectExists, SubjectUnknown
from kiosk.domain.ports import ReferenceStore
from kiosk.domain.vision.template import SpaceId, SubjectId
from kiosk.store.open_home import OpenHome
from kiosk.store.people.references import References


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def store(home: Path) -> Iterator[References]:
    with OpenHome.open(home) as open_home:
        yield open_home.references


def test_it_is_a_reference_store(store: References) -> None:
    as_port: ReferenceStore = store
    assert list(as_port.load(SPACE)) == []


def test_what_is_enrolled_is_loaded_number_for_number(store: References) -> None:
    kept = [template(1), template(2)]
    identifiers = store.enrol(ANNA, kept, AGREED)
    store.enrol(BORIS, [template(3)], AGREED)
    loaded = store.load(SPACE)
    assert [reference.subject for reference in loaded] == [ANNA, ANNA, BORIS]
    assert [reference.id for reference in loaded][:2] == list(identifiers)
    for reference, original in zip(loaded, kept, strict=False):
        np.testing.assert_array_equal(reference.template.vector, original.vector)
        assert reference.template.space == SPACE
    assert len(store) == 3


def test_it_is_still_there_after_a_restart(home: Path) -> None:
    with OpenHome.open(home) as first:
        first.references.enrol(ANNA, [template(1)], AGREED, "Anna")
    with OpenHome.open(home) as second:
        (reference,) = second.references.load(SPACE)
        np.testing.assert_array_equal(reference.template.vector, template(1).vector)
        assert second.references.given_name(ANNA) == "Anna"


def test_one_subject_is_enrolled_once(store: References) -> None:
    store.enrol(ANNA, [template(1)], AGREED)
    before = store.generation()
    with pytest.raises(SubjectExists, match=ANNA):
        store.enrol(ANNA, [template(2)], AGREED)
    assert len(store) == 1
    assert store.generation() == before


def test_nobody_is_enrolled_where_there_is_no_room(store: References) -> None:
    store.enrol(ANNA, [template(1), template(2)], AGREED, most=1)
    before = store.generation()
    with pytest.raises(GalleryFull, match="and one more would be beyond the 1"):
        store.enrol(BORIS, [template(3), template(4)], AGREED, most=1)
    assert (len(store), store.generation()) == (2, before)
    with pytest.raises(GalleryFull):
        store.refuse_crowd(1)
    store.refuse_crowd(2)
    store.enrol(BORIS, [template(3)], AGREED, most=2)


def test_an_erased_subject_is_gone_and_can_come_again(store: References) -> None:
    store.enrol(ANNA, [template(1), template(2)], AGREED)
    store.enrol(BORIS, [template(3)], AGREED)
    assert store.erase(ANNA) == 2
    assert [reference.subject for reference in store.load(SPACE)] == [BORIS]
    with pytest.raises(SubjectUnknown):
        store.show(ANNA)
    store.enrol(ANNA, [template(4)], AGREED)
    assert len(store) == 2


def test_nobody_of_that_id_can_be_erased(store: References) -> None:
    before = store.generation()
    with pytest.raises(SubjectUnknown, match=ANNA):
        store.erase(ANNA)
    assert store.generation() == before


def test_what_a_subject_agreed_to_can_be_shown(store: References) -> None:
    store.enrol(ANNA, [template(1), template(2)], AGREED, "  Anna ")
    store.enrol(BORIS, [template(3)], AGREED, " ")
    person = store.show(ANNA)
    assert (person.subject, person.references, person.spaces) == (ANNA, 2, (SPACE,))
    assert person.profile.consent == AGREED
    assert person.profile.given_name == "Anna"
    assert store.given_name(BORIS) is None
    assert [someone.subject for someone in store.people()] == [ANNA, BORIS]
    assert "Anna" not in repr(person)
    assert AGREED.text not in repr(person)


def test_templates_of_another_space_are_not_loaded(store: References) -> None:
    older = SpaceId("older/0")
    store.enrol(BORIS, [template(2, older), template(3, older)], AGREED)
    assert store.of_other_space(SPACE) == (1, older)
    assert store.of_other_space(older) == (0, older)
    with pytest.raises(SpaceMismatch, match=r"1 enrolled subject.*older/0") as caught:
        store.load(SPACE)
    assert "erase and enrol" in caught.value.remedy


def test_nobody_is_enrolled_beside_people_of_another_space(store: References) -> None:
    """R45: what one pack makes is never compared with what another made, so they do not mix."""
    store.enrol(ANNA, [template(1)], AGREED)
    with pytest.raises(SpaceMismatch):
        store.enrol(BORIS, [template(2, SpaceId("older/0"))], AGREED)
    assert [person.subject for person in store.people()] == [ANNA]
    store.erase(ANNA)
    with pytest.raises(SpaceMismatch):
        store.enrol(BORIS, [template(2, SpaceId("older/0")), template(3)], AGREED)
    assert list(store.people()) == []
    store.enrol(BORIS, [template(2, SpaceId("older/0"))], AGREED)


@pytest.mark.parametrize(
    "text", ["", " ", "Anna Smith", "anna@example.org", "ä", "a/b", "a\n", ".a", "a" * 65, "a\x00b"]
)
def test_what_is_not_an_opaque_id_is_refused(store: References, text: str) -> None:
    with pytest.raises(BadInput, match="cannot be a subject's id"):
        store.enrol(SubjectId(text), [template(1)], AGREED)
    assert len(store) == 0


def test_nobody_is_enrolled_without_a_template(store: References) -> None:
    with pytest.raises(BadInput, match="no template"):
        store.enrol(ANNA, [], AGREED)
    assert list(store.people()) == []


@pytest.mark.parametrize("name", ["x" * 61, "An\nna"])
def test_a_name_that_cannot_be_shown_is_refused(store: References, name: str) -> None:
    with pytest.raises(BadInput, match="given name"):
        store.enrol(ANNA, [template(1)], AGREED, name)
    assert list(store.people()) == []


def test_the_generation_grows_for_every_reader(home: Path, store: References) -> None:
    with OpenHome.open(home) as other:
        seen = other.references.generation()
        store.enrol(ANNA, [template(1)], AGREED)
        assert other.references.generation() == seen + 1
        assert len(other.references.load(SPACE)) == 1
        store.erase(ANNA)
        assert other.references.generation() == seen + 2
        assert list(other.references.load(SPACE)) == []
