"""The gates of enrolment: quality before, then one person, alive, new, and enough of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from doorway import MEASURES

from kiosk.domain.people.enrolment import (
    EnrolmentPolicy,
    IdentityVerdict,
    Sample,
    SampleRefusal,
    assess,
)
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.comparison import Gallery
from kiosk.domain.vision.quality import QualityAssessment
from kiosk.domain.vision.template import Reference, ReferenceId, SpaceId, SubjectId, Template

SPACE = SpaceId("test/1")
POLICY = EnrolmentPolicy(
    max_references=3,
    min_references=2,
    pad_threshold=0.5,
    same_person_threshold=0.6,
    duplicate_threshold=0.7,
)
NOBODY = Gallery.of(SPACE, [])


def template(degrees: float) -> Template:
    """A unit vector: two of them score the cosine of the angle between."""
    radians = np.radians(degrees)
    return Template(np.array([np.cos(radians), np.sin(radians)], np.float32), SPACE)


def sample(name: str, degrees: float = 0.0, pad: float = 1.0, sharpness: float = 50.0) -> Sample:
    quality = QualityAssessment(replace(MEASURES, sharpness=sharpness), ())
    return Sample(name, quality, PadResult(pad, "detector/1"), template(degrees))


def enrolled(*people: tuple[str, float]) -> Gallery:
    return Gallery.of(
        SPACE,
        [
            Reference(ReferenceId(f"{who}-{i}"), SubjectId(who), template(degrees))
            for i, (who, degrees) in enumerate(people)
        ],
    )


def names(samples: tuple[Sample, ...]) -> list[str]:
    return [one.image for one in samples]


def test_good_pictures_become_references() -> None:
    outcome = assess([sample("a"), sample("b", 10)], NOBODY, POLICY)
    assert names(outcome.accepted) == ["a", "b"]
    assert outcome.refused == ()
    assert outcome.duplicate_of is None


def test_the_best_views_are_kept() -> None:
    """R20: several references a person, not more than are of use, the sharpest first."""
    pictures = [sample(f"{s}", sharpness=s) for s in (20.0, 60.0, 40.0, 30.0)]
    outcome = assess(pictures, NOBODY, POLICY)
    assert names(outcome.accepted) == ["60.0", "40.0", "30.0"]
    assert [(one.image, one.reason) for one in outcome.refused] == [
        ("20.0", SampleRefusal.TOO_MANY)
    ]


def test_too_few_pictures_enrol_nobody_and_each_says_so() -> None:
    outcome = assess([sample("a")], NOBODY, POLICY)
    assert outcome.accepted == ()
    assert [(one.image, one.reason) for one in outcome.refused] == [("a", SampleRefusal.TOO_FEW)]


@pytest.mark.parametrize(
    ("surroundings", "pad", "reason"),
    [
        (1.49, 1.0, SampleRefusal.TOO_TIGHT),
        (1.49, 0.1, SampleRefusal.TOO_TIGHT),
        (float("nan"), 1.0, SampleRefusal.TOO_TIGHT),
        (1.5, 0.1, SampleRefusal.TOO_TIGHT),
        (1.79, 0.1, SampleRefusal.TOO_TIGHT),
        (1.8, 0.1, SampleRefusal.PRESENTATION_ATTACK),
        (1.5, 1.0, None),
        (3.4, 1.0, None),
    ],
)
def test_a_face_that_fills_its_picture_is_called_so_and_no_attack(
    surroundings: float, pad: float, reason: SampleRefusal | None
) -> None:
    offered = [replace(sample(n, pad=pad), surroundings=surroundings) for n in "ab"]
    outcome = assess(offered, NOBODY, POLICY)
    assert [one.reason for one in outcome.refused] == ([reason, reason] if reason else [])
    assert len(outcome.accepted) == (0 if reason else 2)


def test_a_tight_picture_lends_its_life_to_no_other() -> None:
    tight = [replace(sample(n, pad=1.0), surroundings=1.2) for n in "abc"]
    outcome = assess([*tight, sample("d", pad=0.1), sample("e", pad=0.1)], NOBODY, POLICY)
    reasons = {one.image: one.reason for one in outcome.refused}
    assert reasons["a"] is SampleRefusal.TOO_TIGHT
    assert reasons["d"] is reasons["e"] is SampleRefusal.PRESENTATION_ATTACK
    assert outcome.accepted == ()


def test_exactly_enough_pictures_are_enough() -> None:
    assert len(assess([sample("a"), sample("b")], NOBODY, POLICY).accepted) == 2


def test_no_pictures_enrol_nobody() -> None:
    outcome = assess([], NOBODY, POLICY)
    assert (outcome.accepted, outcome.refused, outcome.duplicate_of) == ((), (), None)


def test_one_picture_cannot_contradict_itself() -> None:
    policy = replace(POLICY, min_references=1)
    assert names(assess([sample("a")], NOBODY, policy).accepted) == ["a"]


def test_photographs_of_photographs() -> None:
    outcome = assess([sample("a", pad=0.4), sample("b", pad=0.5)], NOBODY, POLICY)
    assert outcome.accepted == ()
    assert {one.reason for one in outcome.refused} == {SampleRefusal.PRESENTATION_ATTACK}


def test_life_exactly_at_the_threshold_is_enough() -> None:
    assert assess([sample("a", pad=0.4), sample("b", pad=0.6)], NOBODY, POLICY).accepted


def test_another_person_lends_no_life_to_photographs() -> None:
    """Proof of life is read off the very pictures that would become references."""
    pictures = [sample("a", pad=0.1), sample("b", pad=0.1), sample("c", pad=0.1)]
    living = [sample("x", 90, pad=1.0), sample("y", 90, pad=1.0)]
    outcome = assess([*pictures, *living], NOBODY, POLICY)
    assert outcome.accepted == ()
    reasons = {one.image: one.reason for one in outcome.refused}
    assert reasons["a"] is SampleRefusal.PRESENTATION_ATTACK
    assert reasons["x"] is SampleRefusal.ANOTHER_PERSON


def test_pictures_that_are_not_kept_lend_no_life_to_those_that_are() -> None:
    sharp = [sample(f"s{i}", pad=0.0, sharpness=90.0) for i in range(3)]
    living = [sample(f"l{i}", pad=1.0, sharpness=20.0) for i in range(5)]
    outcome = assess([*sharp, *living], NOBODY, POLICY)
    assert outcome.accepted == ()
    reasons = {one.image: one.reason for one in outcome.refused}
    assert reasons["s0"] is SampleRefusal.PRESENTATION_ATTACK
    assert reasons["l0"] is SampleRefusal.TOO_MANY


@pytest.mark.parametrize("place", range(3))
def test_a_picture_of_another_person_is_left_out(place: int) -> None:
    pictures = [sample("a"), sample("b", 5)]
    pictures.insert(place, sample("x", 90))
    outcome = assess(pictures, NOBODY, POLICY)
    assert names(outcome.accepted) == ["a", "b"]
    assert [(one.image, one.reason) for one in outcome.refused] == [
        ("x", SampleRefusal.ANOTHER_PERSON)
    ]


@pytest.mark.parametrize("angle", [54.0, 90.0, 180.0])
def test_two_pictures_of_two_people_enrol_neither(angle: float) -> None:
    """There is no majority of one."""
    outcome = assess([sample("a"), sample("x", angle)], NOBODY, POLICY)
    assert outcome.accepted == ()
    assert {one.reason for one in outcome.refused} == {SampleRefusal.ANOTHER_PERSON}


def test_half_and_half_enrol_neither() -> None:
    pictures = [sample("a"), sample("b"), sample("x", 90), sample("y", 90)]
    assert assess(pictures, NOBODY, POLICY).accepted == ()


def test_alike_enough_at_the_threshold() -> None:
    """The cosine of 53 degrees is 0.602, of 54 degrees 0.588; of 60 degrees 0.5 exactly."""
    assert len(assess([sample("a"), sample("b", 53)], NOBODY, POLICY).accepted) == 2
    half = replace(POLICY, same_person_threshold=0.5)
    assert len(assess([sample("a"), sample("b", 60)], NOBODY, half).accepted) == 2


def test_somebody_enrolled_under_another_name() -> None:
    """R27: a duplicate stops for a person to decide, and is never merged."""
    outcome = assess([sample("a"), sample("b")], enrolled(("ann", 40), ("bob", 90)), POLICY)
    assert outcome.accepted == ()
    assert outcome.duplicate_of == "ann"
    assert {one.reason for one in outcome.refused} == {SampleRefusal.ALREADY_ENROLLED}


def test_a_newcomer_whose_mean_resembles_somebody_is_noticed_though_no_picture_does() -> None:
    """R27: the door compares means, so enrolment does too."""
    apart = replace(POLICY, same_person_threshold=-1.0)
    outcome = assess([sample("a", 50), sample("b", -50)], enrolled(("ann", 0.0)), apart)
    assert outcome.duplicate_of == "ann"


def test_the_person_whom_a_picture_resembles_is_named_before_whom_the_mean_does() -> None:
    apart = replace(POLICY, same_person_threshold=-1.0)
    known = enrolled(("ann", 0.0), ("bob", 50.0))
    assert assess([sample("a", 50), sample("b", -50)], known, apart).duplicate_of == "bob"


@pytest.mark.parametrize(("angle", "duplicate"), [(45.0, True), (46.0, False)])
def test_how_alike_a_duplicate_is(angle: float, *, duplicate: bool) -> None:
    """The cosine of 45 degrees is 0.707, of 46 degrees 0.695."""
    outcome = assess([sample("a"), sample("b")], enrolled(("ann", angle)), POLICY)
    assert (outcome.duplicate_of is not None) is duplicate


def test_a_duplicate_exactly_at_the_threshold_is_one() -> None:
    """The cosine of 60 degrees is 0.5 exactly."""
    half = replace(POLICY, duplicate_threshold=0.5)
    outcome = assess([sample("a"), sample("b")], enrolled(("ann", 60)), half)
    assert outcome.duplicate_of == "ann"


def test_one_picture_that_resembles_somebody_is_enough_to_stop() -> None:
    """Even one that would not be kept."""
    pictures = [sample(f"{i}", sharpness=90.0) for i in range(3)]
    outcome = assess([*pictures, sample("x", 30, sharpness=20.0)], enrolled(("ann", 70)), POLICY)
    assert outcome.duplicate_of == "ann"
    assert outcome.accepted == ()


def test_a_stranger_to_the_gallery_is_no_duplicate() -> None:
    outcome = assess([sample("a"), sample("b")], enrolled(("ann", 90)), POLICY)
    assert outcome.duplicate_of is None
    assert len(outcome.accepted) == 2


def test_a_photograph_learns_nothing_of_who_is_enrolled() -> None:
    """An attack is refused before the gallery is asked."""
    pictures = [sample("a", pad=0.0), sample("b", pad=0.0)]
    outcome = assess(pictures, enrolled(("ann", 0)), POLICY)
    assert outcome.duplicate_of is None


@pytest.mark.parametrize(
    "pictures",
    [
        [sample("a"), sample("b"), sample("x", 90), sample("c"), sample("d")],
        [sample("a", pad=0.0), sample("b", pad=0.0), sample("x", 90)],
        [sample("a"), sample("x", 90)],
        [sample("a")],
    ],
)
@pytest.mark.parametrize("gallery", [NOBODY, enrolled(("ann", 0))])
def test_every_picture_is_answered_once(pictures: list[Sample], gallery: Gallery) -> None:
    outcome = assess(pictures, gallery, POLICY)
    answered = names(outcome.accepted) + [one.image for one in outcome.refused]
    assert sorted(answered) == sorted(names(tuple(pictures)))


# -- a trusted picture of the person --------------------------------------------------------------

FITS, DIFFERS = IdentityVerdict.FITS, IdentityVerdict.DIFFERS


def test_nobody_is_compared_where_there_is_no_trusted_picture() -> None:
    assert assess([sample("a"), sample("b")], NOBODY, POLICY).identity is IdentityVerdict.NOT_ASKED


def test_the_pictures_that_would_be_kept_are_compared_with_it() -> None:
    compared: list[str] = []

    def identify(samples: Sequence[Sample]) -> IdentityVerdict:
        compared.extend(one.image for one in samples)
        return FITS

    pictures = [sample(f"{s}", sharpness=s) for s in (20.0, 60.0, 40.0, 30.0)]
    outcome = assess([*pictures, sample("x", 90)], NOBODY, POLICY, identify)
    assert compared == names(outcome.accepted) == ["60.0", "40.0", "30.0"]
    assert outcome.identity is FITS


def test_whoever_is_not_who_they_say_is_told_of_no_duplicate() -> None:
    gallery = enrolled(("ann", 0.0))
    outcome = assess([sample("a"), sample("b")], gallery, POLICY, lambda _: DIFFERS)
    assert (outcome.accepted, outcome.identity, outcome.duplicate_of) == ((), DIFFERS, None)
    reasons = [(one.image, one.reason) for one in outcome.refused]
    assert reasons == [(name, SampleRefusal.ANOTHER_PERSON) for name in "ab"]


def test_pictures_that_are_not_alive_are_compared_with_nobody() -> None:
    asked: list[object] = []

    def identify(samples: Sequence[Sample]) -> IdentityVerdict:
        asked.append(samples)
        return FITS

    outcome = assess([sample("a", pad=0.1), sample("b", pad=0.1)], NOBODY, POLICY, identify)
    assert (asked, outcome.identity) == ([], IdentityVerdict.NOT_ASKED)


def test_what_the_comparison_said_stays_where_something_else_refuses() -> None:
    gallery = enrolled(("ann", 0.0))
    doubled = assess([sample("a"), sample("b")], gallery, POLICY, lambda _: FITS)
    assert (doubled.duplicate_of, doubled.identity) == ("ann", FITS)
    few = assess([sample("a")], NOBODY, POLICY, lambda _: FITS)
    assert (few.accepted, few.identity) == ((), FITS)
