"""The best person and the second person, against a reading that takes one reference at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.errors import SpaceMismatch
from kiosk.domain.vision.comparison import (
    Candidate,
    CandidateList,
    Gallery,
    Shortlisted,
    mean_references,
)
from kiosk.domain.vision.template import (
    Reference,
    ReferenceId,
    SpaceId,
    SubjectId,
    Template,
    Vector,
)

SPACE, OTHER = SpaceId("test/1"), SpaceId("test/2")


def template(*numbers: float, space: SpaceId = SPACE) -> Template:
    vector = np.array(numbers, np.float32)
    return Template(vector / np.linalg.norm(vector), space)


def reference(subject: str, made: Template, number: int = 0) -> Reference:
    return Reference(ReferenceId(f"{subject}-{number}"), SubjectId(subject), made)


def candidate(subject: str, score: float) -> Candidate:
    return Candidate(SubjectId(subject), score)


COORDINATES = st.tuples(*[st.integers(-3, 3).map(float)] * 3).filter(any)
PEOPLE = st.lists(st.tuples(st.sampled_from("abcd"), COORDINATES), max_size=12)


def naive(references: list[Reference], probe: Template) -> dict[str, float]:
    """Each subject's best score, one reference at a time, in double precision."""
    best: dict[str, float] = {}
    for one in references:
        pairs = zip(one.template.vector, probe.vector, strict=True)
        score = sum(float(a) * float(b) for a, b in pairs)
        best[one.subject] = max(score, best.get(one.subject, -2.0))
    return best


@given(PEOPLE, COORDINATES)
def test_identification_agrees_with_a_naive_loop(
    people: list[tuple[str, tuple[float, ...]]], numbers: tuple[float, ...]
) -> None:
    probe = template(*numbers)
    references = [reference(who, template(*made), i) for i, (who, made) in enumerate(people)]
    scores = naive(references, probe)
    ranks = sorted(scores.values(), reverse=True)
    found = Gallery.of(SPACE, references).identify(probe).candidates
    assert len(found) == min(2, len(scores))
    assert [one.score for one in found] == pytest.approx(ranks[:2], abs=1e-6)
    assert all(scores[one.subject] == pytest.approx(one.score, abs=1e-6) for one in found)
    assert len({one.subject for one in found}) == len(found)


def test_the_second_is_another_person_however_many_references_the_first_has() -> None:
    """R19: collapse by person before the margin is taken."""
    references = [reference("ann", template(1.0, 0.01 * i, 0.0), i) for i in range(5)]
    references.append(reference("bob", template(0.0, 1.0, 0.0)))
    found = Gallery.of(SPACE, references).identify(template(1.0, 0.0, 0.0))
    assert [one.subject for one in found.candidates] == ["ann", "bob"]
    assert found.margin == pytest.approx(1.0)


def test_references_of_people_may_lie_between_each_other() -> None:
    mixed = [("ann", 1.0, 0.0), ("bob", 0.6, 0.8), ("ann", 0.0, 1.0), ("cid", 0.8, 0.6)]
    references = [reference(who, template(x, y), i) for i, (who, x, y) in enumerate(mixed)]
    found = Gallery.of(SPACE, references).identify(template(0.0, 1.0))
    assert [one.subject for one in found.candidates] == ["ann", "bob"]
    assert [one.score for one in found.candidates] == pytest.approx([1.0, 0.8])


def test_one_enrolled_person_has_no_second() -> None:
    gallery = Gallery.of(SPACE, [reference("ann", template(1.0, 0.0), i) for i in range(3)])
    found = gallery.identify(template(1.0, 0.0))
    assert found.candidates == (candidate("ann", 1.0),)
    assert found.margin == float("inf")
    assert len(gallery) == 3


def test_nobody_enrolled_is_nobody_found() -> None:
    gallery = Gallery.of(SPACE, [])
    found = gallery.identify(template(1.0, 0.0))
    assert (found.candidates, found.best, found.margin) == ((), None, float("inf"))
    assert found.space == SPACE
    assert len(gallery) == 0
    assert gallery.matrix.shape == (0, 0)


def test_two_people_who_look_the_same_have_no_margin() -> None:
    references = [reference("ann", template(1.0, 0.0)), reference("bob", template(1.0, 0.0))]
    assert Gallery.of(SPACE, references).identify(template(1.0, 0.0)).margin == 0.0


@pytest.mark.parametrize("seed", range(20))
def test_the_best_is_the_best_in_double_precision(seed: int) -> None:
    """Sums in single precision depend on their order, which differs between machines."""
    chance = np.random.default_rng(seed)
    rows = np.repeat(template(*chance.standard_normal(128)).vector[np.newaxis], 60, axis=0)
    each = np.arange(60)
    rows[each, each] = np.nextafter(rows[each, each], np.float32(1.0))
    probe = template(*chance.standard_normal(128))
    owners = each.astype(np.int32)
    gallery = Gallery(SPACE, rows, owners, tuple(SubjectId(f"p-{i}") for i in owners))
    products = rows.astype(np.float64) * probe.vector
    exact = sorted((math.fsum(row) for row in products), reverse=True)
    found = [one.score for one in gallery.identify(probe).candidates]
    assert found == pytest.approx(exact[:2], rel=0.0, abs=1e-15)


class Given:
    """A shortlist that is given."""

    def __init__(self, rows: list[int], bound: float) -> None:
        self._left = Shortlisted(np.array(rows, np.intp), bound)

    def nearest(self, probe: Vector) -> Shortlisted:
        assert probe.shape == (2,)
        return self._left


ANGLES = {"ann": 0.0, "bob": 0.3, "cid": 0.6, "dan": 0.9}
FOUR = [reference(who, template(math.cos(a), math.sin(a))) for who, a in ANGLES.items()]
FOUR += [reference("ann", template(1.0, 0.0), 1)]


@pytest.mark.parametrize(
    ("rows", "bound", "found"),
    [
        ([0, 1], 0.9, "ann bob"),
        ([0, 1, 4], 0.9, "ann bob"),
        ([1, 2], 0.8, "bob cid"),  # taken at its word
        ([1, 2, 3], 0.8, "bob cid"),
        ([1, 2], math.cos(0.5), "ann bob"),  # somebody may come before the second person
        ([1, 2], 0.99, "ann bob"),  # or before the best one
        ([0, 4], -1.0, "ann bob"),  # one person only, and two are enrolled
        ([0, 4], -math.inf, "ann bob"),
        ([], -math.inf, "ann bob"),
        ([2, 3], -math.inf, "cid dan"),
    ],
)
def test_a_shortlist_is_enough_if_nobody_else_can_come_before(
    rows: list[int], bound: float, found: str
) -> None:
    gallery = Gallery.of(SPACE, FOUR)
    probe = template(1.0, 0.0)
    candidates = gallery.identify(probe, Given(rows, bound)).candidates
    assert " ".join(one.subject for one in candidates) == found
    scores = [math.cos(ANGLES[one.subject]) for one in candidates]
    assert [one.score for one in candidates] == pytest.approx(scores, abs=1e-6)


def test_a_reference_outside_that_may_be_equal_asks_for_all() -> None:
    """The one enrolled first counts, and that may be the one outside."""
    twins = [reference(who, template(0.6, 0.8)) for who in ("bob", "cid")]
    gallery = Gallery.of(SPACE, [reference("ann", template(1.0, 0.0)), *twins])
    score = float(twins[0].template.vector[0])
    found = gallery.identify(template(1.0, 0.0), Given([0, 2], score))
    assert [one.subject for one in found.candidates] == ["ann", "bob"]
    assert found.candidates[1].score == score


def test_of_one_person_the_best_reference_is_enough() -> None:
    alone = Gallery.of(SPACE, [reference("ann", template(1.0, x), i) for i, x in enumerate((0, 1))])
    assert alone.identify(template(1.0, 0.0), Given([0], 0.9)).best == candidate("ann", 1.0)
    low = alone.identify(template(1.0, 0.0), Given([1], 0.5)).best
    assert low is not None
    assert low.score == pytest.approx(math.sqrt(0.5))
    assert alone.identify(template(1.0, 0.0), Given([1], 0.9)).best == candidate("ann", 1.0)


def test_of_equal_scores_the_one_enrolled_first_counts() -> None:
    twins = [reference(who, template(1.0, 0.0)) for who in ("zoe", "ann", "bob")]
    found = Gallery.of(SPACE, twins).identify(template(1.0, 0.0)).candidates
    assert [one.subject for one in found] == ["zoe", "ann"]


def test_the_margin_is_the_lead_of_the_best() -> None:
    found = CandidateList(SPACE, (candidate("ann", 0.75), candidate("bob", 0.5)))
    assert found.best == candidate("ann", 0.75)
    assert found.margin == 0.25


def test_a_probe_of_another_space_is_refused() -> None:
    """R45: two spaces never meet."""
    gallery = Gallery.of(SPACE, [reference("ann", template(1.0, 0.0))])
    with pytest.raises(SpaceMismatch, match="test/2 met references of space test/1"):
        gallery.identify(template(1.0, 0.0, space=OTHER))


def test_a_probe_of_another_space_is_refused_by_an_empty_gallery_too() -> None:
    with pytest.raises(SpaceMismatch, match="test/2"):
        Gallery.of(SPACE, []).identify(template(1.0, 0.0, space=OTHER))


@pytest.mark.parametrize("place", range(3))
def test_a_reference_of_another_space_is_refused(place: int) -> None:
    references = [reference("ann", template(1.0, 0.0), i) for i in range(3)]
    references[place] = reference("bob", template(1.0, 0.0, space=OTHER))
    with pytest.raises(SpaceMismatch, match="bob-0 is of space test/2"):
        Gallery.of(SPACE, references)


def test_templates_of_another_length_are_refused() -> None:
    short, long = reference("ann", template(1.0, 0.0)), reference("bob", template(1.0, 0.0, 0.0))
    with pytest.raises(SpaceMismatch, match="3 and 2 dimensions"):
        Gallery.of(SPACE, [short, long])
    with pytest.raises(SpaceMismatch, match="3 and 2 dimensions"):
        Gallery.of(SPACE, [short]).identify(long.template)


def test_a_gallery_is_laid_out_for_speed() -> None:
    gallery = Gallery.of(SPACE, [reference("ann", template(3.0, 4.0))])
    assert gallery.matrix.dtype == np.float32
    assert gallery.owners.dtype == np.int32


def test_a_gallery_shows_no_numbers() -> None:
    gallery = Gallery.of(SPACE, [reference("ann", template(3.0, 4.0))])
    assert repr(gallery) == "Gallery(1 references of 1 subjects, 'test/1')"


def test_several_views_are_one_reference_their_mean_under_the_first_ones_id() -> None:
    views = [
        reference("ann", template(1.0, 0.0), 1),
        reference("bob", template(0.0, 1.0), 2),
        reference("ann", template(0.0, 1.0), 3),
    ]
    ann, bob = mean_references(views)
    assert (ann.id, ann.subject, ann.template.space) == (views[0].id, "ann", SPACE)
    assert ann.template.vector == pytest.approx([0.5**0.5, 0.5**0.5])
    assert bob is views[1], "a single view is its own mean, to the bit"


def test_nobody_has_no_reference() -> None:
    assert list(mean_references([])) == []


def test_views_of_two_spaces_have_no_mean() -> None:
    views = [reference("ann", template(1.0, 0.0)), reference("ann", template(1.0, space=OTHER))]
    with pytest.raises(SpaceMismatch):
        mean_references(views)


# -- a gallery in which some people have changed ---------------------------------------------------


def of(*people: tuple[str, Template]) -> Gallery:
    return Gallery.of(SPACE, [reference(who, made) for who, made in people])


def rows(gallery: Gallery) -> list[tuple[str, list[float]]]:
    """Who has which reference, by the owners of the rows."""
    assert gallery.matrix.dtype == np.float32
    pairs = zip(gallery.owners, gallery.matrix.tolist(), strict=True)
    return [(gallery.subjects[owner], row) for owner, row in pairs]


EAST, NORTH, UP = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]
WEST = [-1.0, 0.0, 0.0]


def test_somebody_who_has_changed_has_their_new_reference_and_the_others_keep_theirs() -> None:
    before = of(("ann", template(*EAST)), ("bob", template(*NORTH)))
    changed = of(("bob", template(*UP)), ("cat", template(*WEST)))
    after = before.with_changes(changed, [SubjectId(who) for who in ("cat", "ann", "bob")])
    assert rows(after) == [("cat", WEST), ("ann", EAST), ("bob", UP)]
    assert after.space == SPACE
    assert after.owners.dtype == np.int32


def test_whoever_is_not_named_is_left_out_and_whoever_is_unknown_is_nobody() -> None:
    before = of(("ann", template(*EAST)), ("bob", template(*NORTH)))
    after = before.with_changes(of(), [SubjectId("bob"), SubjectId("zoe")])
    assert rows(after) == [("bob", NORTH)]


def test_changes_of_an_empty_gallery_are_all_there_is() -> None:
    changed = Gallery.of(SPACE, [reference("ann", template(*UP))])
    assert rows(of().with_changes(changed, [SubjectId("ann")])) == [("ann", UP)]
    nobody = of().with_changes(of(), [SubjectId("ann")])
    assert (len(nobody), nobody.subjects) == (0, ())


def test_galleries_of_two_spaces_or_two_lengths_are_not_put_together() -> None:
    before = of(("ann", template(*EAST)))
    elsewhere = Gallery.of(OTHER, [reference("bob", template(*UP, space=OTHER))])
    shorter = of(("bob", template(1.0, 0.0)))
    for changed in (elsewhere, shorter):
        with pytest.raises(SpaceMismatch, match=r"test/1 and test/[12], or of two lengths"):
            before.with_changes(changed, [SubjectId("ann"), SubjectId("bob")])


def test_the_first_of_a_gallery_are_those_who_were_enrolled_first() -> None:
    gallery = of(("ann", template(*EAST)), ("bob", template(*NORTH)), ("cat", template(*UP)))
    assert rows(gallery.first(2)) == [("ann", EAST), ("bob", NORTH)]
    assert gallery.first(2).subjects == ("ann", "bob")
    assert gallery.first(3) is gallery
