"""Who of a batch resembles whom."""

from __future__ import annotations

from kept_samples import SPACE, template

from kiosk.domain.people.batch import DuplicatePair
from kiosk.domain.vision.run import mean_template
from kiosk.domain.vision.template import Reference, ReferenceId, SubjectId, Template
from kiosk.enrolment.batch import duplicates
from kiosk.enrolment.batch.duplicates import duplicate_pairs

A, B, C, D = map(SubjectId, "abcd")


def of(seed: int) -> Template:
    return template(seed, SPACE, 64)


def enrolled(subject: SubjectId, seed: int) -> Reference:
    return Reference(ReferenceId(f"{subject}.{seed}"), subject, of(seed))


def test_nobody_resembles_nobody() -> None:
    assert duplicate_pairs({}, [enrolled(A, 1)], 0.5) == ()
    assert duplicate_pairs({A: [of(1)], B: [of(2)]}, [enrolled(C, 3)], 0.9) == ()


def test_a_pair_of_the_batch_and_one_with_the_scope_are_told_once() -> None:
    found = duplicate_pairs({A: [of(1), of(2)], B: [of(2)], C: [of(3)]}, [enrolled(D, 3)], 0.65)
    assert set(found) == {DuplicatePair(A, B, enrolled=False), DuplicatePair(C, D, enrolled=True)}


def test_nobody_is_their_own_duplicate() -> None:
    assert duplicate_pairs({A: [of(1)]}, [enrolled(A, 1)], 0.5) == ()


def test_a_mean_that_resembles_somebody_although_no_view_does() -> None:
    views = [of(seed) for seed in range(4)]
    known = Reference(ReferenceId("r"), B, mean_template(views))
    assert all(float(view.vector @ known.template.vector) < 0.9 for view in views)
    assert duplicate_pairs({A: views}, [known], 0.99) == (DuplicatePair(A, B, enrolled=True),)


def test_every_seeded_pair_among_more_than_a_block() -> None:
    count = duplicates.BLOCK + 100
    batch = {SubjectId(f"p-{n}"): [of(n)] for n in range(count)}
    seeded = {SubjectId(f"q-{n}"): [of(n)] for n in range(0, count, 50)}
    found = duplicate_pairs(batch | seeded, (), 0.95)
    assert {(pair.subject, pair.other) for pair in found} == {
        (SubjectId(f"p-{n}"), SubjectId(f"q-{n}")) for n in range(0, count, 50)
    }
