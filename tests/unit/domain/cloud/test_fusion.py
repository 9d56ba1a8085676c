"""What follows from two matchers, mode by mode (R16 to R19, R22, R46). No row ends in two names."""

from __future__ import annotations

from itertools import product

import pytest

from kiosk.domain.cloud.fusion import (
    CloudRules,
    Scale,
    Verdict,
    fuse,
    judge,
    may_be_sent,
    space_of,
)
from kiosk.domain.cloud.modes import CloudMode, WhenGone
from kiosk.domain.vision.comparison import Candidate, CandidateList
from kiosk.domain.vision.template import SpaceId, SubjectId

OWN, SERVICE = SpaceId("test/1"), space_of("7.0")
COSINE, SIMILARITY = Scale(0.6, 0.0625), Scale(99.0, 0.5)
LOCAL, CLOUD = CloudMode.LOCAL, CloudMode.CLOUD
THEN, AGREE = CloudMode.LOCAL_THEN_CLOUD, CloudMode.BOTH_AGREE
ANN, BOB = SubjectId("ann"), SubjectId("bob")


def listed(space: SpaceId, *scores: tuple[str, float]) -> CandidateList:
    return CandidateList(space, tuple(Candidate(SubjectId(who), score) for who, score in scores))


def own(*scores: tuple[str, float], claimed: SubjectId | None = None) -> Verdict:
    return judge(listed(OWN, *scores), COSINE, claimed)


def service(*scores: tuple[str, float], claimed: SubjectId | None = None) -> Verdict:
    return judge(listed(SERVICE, *scores), SIMILARITY, claimed)


SAYS_ANN, SAYS_BOB, SAYS_NOBODY = service(("ann", 99.9)), service(("bob", 99.9)), service()
SAYS_EITHER = service(("ann", 99.9), ("bob", 99.6))
LOOKS_ANN, LOOKS_BOB = own(("ann", 0.9), ("bob", 0.2)), own(("bob", 0.9), ("ann", 0.2))
LOOKS_ANN_NEAR_BOB = own(("ann", 0.9), ("bob", 0.59))
"""Clearly Ann; Bob is near the threshold."""
LOOKS_EITHER, LOOKS_NOBODY = own(("ann", 0.9), ("bob", 0.88)), own(("ann", 0.3), ("bob", 0.2))

AWAITED = "awaited"
TABLE = [
    (LOCAL, LOOKS_ANN, None, "ann"),
    (LOCAL, LOOKS_ANN, SAYS_BOB, "ann"),
    (LOCAL, LOOKS_EITHER, SAYS_ANN, "ambiguous"),
    (CLOUD, LOOKS_ANN, None, AWAITED),
    (CLOUD, LOOKS_ANN, SAYS_ANN, "ann"),
    (CLOUD, LOOKS_ANN, SAYS_NOBODY, "nobody"),
    (CLOUD, LOOKS_ANN, SAYS_BOB, "ambiguous"),
    (CLOUD, LOOKS_ANN, SAYS_EITHER, "ambiguous"),
    (CLOUD, LOOKS_ANN_NEAR_BOB, SAYS_BOB, "ambiguous"),
    (AGREE, LOOKS_ANN_NEAR_BOB, SAYS_BOB, "ambiguous"),
    (AGREE, LOOKS_ANN_NEAR_BOB, SAYS_ANN, "ann"),
    (CLOUD, LOOKS_EITHER, SAYS_ANN, "ann"),
    (CLOUD, LOOKS_EITHER, service(("zoe", 99.9)), "ambiguous"),
    (CLOUD, LOOKS_NOBODY, None, "nobody"),
    (CLOUD, LOOKS_NOBODY, SAYS_ANN, "nobody"),
    (THEN, LOOKS_ANN, None, "ann"),
    (THEN, LOOKS_NOBODY, None, "nobody"),
    (THEN, LOOKS_EITHER, None, AWAITED),
    (THEN, LOOKS_EITHER, SAYS_ANN, "ann"),
    (THEN, LOOKS_EITHER, SAYS_BOB, "bob"),
    (THEN, LOOKS_EITHER, SAYS_NOBODY, "nobody"),
    (THEN, LOOKS_EITHER, SAYS_EITHER, "ambiguous"),
    (THEN, LOOKS_EITHER, service(("zoe", 99.9)), "ambiguous"),
    (AGREE, LOOKS_ANN, None, AWAITED),
    (AGREE, LOOKS_ANN, SAYS_ANN, "ann"),
    (AGREE, LOOKS_ANN, SAYS_BOB, "ambiguous"),
    (AGREE, LOOKS_ANN, SAYS_NOBODY, "nobody"),
    (AGREE, LOOKS_EITHER, SAYS_ANN, "ambiguous"),
    (AGREE, LOOKS_NOBODY, SAYS_ANN, "nobody"),
]


def said(verdict: Verdict | None) -> str:
    if verdict is None:
        return AWAITED
    assert verdict.subject is None or not verdict.ambiguous
    return "ambiguous" if verdict.ambiguous else verdict.subject or "nobody"


@pytest.mark.parametrize(("mode", "local", "cloud", "expected"), TABLE)
def test_what_follows(
    mode: CloudMode, local: Verdict, cloud: Verdict | None, expected: str
) -> None:
    assert said(fuse(CloudRules(mode), local, cloud)) == expected


GONE = [
    (WhenGone.REFUSE, LOOKS_ANN, AWAITED, False),
    (WhenGone.LOCAL, LOOKS_ANN, "ann", False),
    (WhenGone.SECOND_FACTOR, LOOKS_ANN, "ann", True),
    (WhenGone.LOCAL, LOOKS_EITHER, "ambiguous", False),
    (WhenGone.SECOND_FACTOR, LOOKS_EITHER, "ambiguous", True),
]


@pytest.mark.parametrize("mode", [CLOUD, AGREE, THEN])
@pytest.mark.parametrize(("when", "local", "expected", "unconfirmed"), GONE)
def test_without_an_answer_what_was_declared_applies(
    mode: CloudMode, when: WhenGone, local: Verdict, expected: str, *, unconfirmed: bool
) -> None:
    rules = CloudRules(mode, when)
    verdict = fuse(rules, local, None, gone=True)
    if fuse(rules, local, None) is not None:  # the service has no say in it
        assert verdict is local
        return
    assert said(verdict) == expected
    assert verdict is None or verdict.unconfirmed is unconfirmed


@pytest.mark.parametrize("mode", [CLOUD, THEN, AGREE])
def test_an_answer_that_is_there_goes_before_what_was_declared(mode: CloudMode) -> None:
    rules = CloudRules(mode, WhenGone.LOCAL)
    for local in (LOOKS_ANN, LOOKS_EITHER):
        assert said(fuse(rules, local, SAYS_NOBODY, gone=True)) != "bob"
        assert fuse(rules, local, SAYS_BOB, gone=True) == fuse(rules, local, SAYS_BOB)


@pytest.mark.parametrize(
    ("similarity", "named"), [(98.99, None), (99.0, ANN), (float("nan"), None)]
)
def test_99_releases_and_less_does_not(similarity: float, named: str | None) -> None:
    verdict = fuse(CloudRules(CLOUD), LOOKS_ANN, service(("ann", similarity)))
    assert verdict is not None
    assert verdict.subject == named


def test_whatever_the_matchers_say_nobody_is_named_whom_one_of_them_takes_for_another() -> None:
    """R19: of all combinations with an answer, a name is never one that the other denies."""
    locals_ = (LOOKS_ANN, LOOKS_BOB, LOOKS_EITHER, LOOKS_NOBODY)
    clouds = (SAYS_ANN, SAYS_BOB, SAYS_NOBODY, SAYS_EITHER)
    for mode, local, cloud in product((CLOUD, THEN, AGREE), locals_, clouds):
        verdict = fuse(CloudRules(mode), local, cloud)
        assert verdict is not None
        if verdict.subject is not None:
            assert local.subject in {None, verdict.subject}
            assert verdict.subject in local.near


# -- claims (R22) --------------------------------------------------------------------------------


def claim(mode: CloudMode, local: tuple[tuple[str, float], ...], cloud: Verdict | None) -> str:
    verdict = own(*local, claimed=ANN)
    return said(fuse(CloudRules(mode), verdict, cloud, claimed=True))


HERS = (("ann", 0.9), ("bob", 0.2))
BOBS = (("bob", 0.9), ("ann", 0.2))
NOBODYS = (("bob", 0.3), ("ann", 0.2))


def test_a_claim_alone_sends_a_face_of_whom_there_is_no_reference_here() -> None:
    assert claim(CLOUD, (), None) == AWAITED
    assert claim(CLOUD, (), service(("ann", 99.5), claimed=ANN)) == "ann"
    assert claim(CLOUD, NOBODYS, service(("ann", 99.5), claimed=ANN)) == "ann"


def test_the_badge_of_one_and_the_face_of_another_let_nobody_in() -> None:
    assert claim(CLOUD, HERS, service(("bob", 99.9), claimed=ANN)) == "nobody"
    assert claim(CLOUD, BOBS, service(("ann", 99.9), claimed=ANN)) == "ambiguous"
    assert claim(AGREE, BOBS, service(("ann", 99.9), claimed=ANN)) == "nobody"


# -- who is sent ---------------------------------------------------------------------------------


SENT = [
    (HERS, None, ("ann",), True),
    (HERS, None, ("bob",), False),
    (NOBODYS, None, ("ann", "bob"), False),
    ((), None, ("ann", "bob"), False),
    ((("ann", 0.9), ("bob", 0.88)), None, ("ann",), False),
    ((("ann", 0.9), ("bob", 0.88)), None, ("ann", "bob"), True),
    ((("ann", float("nan")),), None, ("ann",), False),
    ((("ann", 0.59),), None, ("ann",), False),
    ((("bob", 0.59),), ANN, ("ann",), False),
    ((("ann", 0.9), ("bob", 0.59)), None, ("ann",), False),
    (NOBODYS, ANN, ("ann",), True),
    ((), ANN, ("ann",), True),
    ((), ANN, ("bob",), False),
    (BOBS, ANN, ("ann",), False),
    (BOBS, ANN, ("ann", "bob"), True),
]


@pytest.mark.parametrize(("scores", "claimed", "names", "expected"), SENT)
def test_who_is_sent(
    scores: tuple[tuple[str, float], ...],
    claimed: SubjectId | None,
    names: tuple[str, ...],
    *,
    expected: bool,
) -> None:
    consent = {SubjectId(name) for name in names}
    sent = may_be_sent(listed(OWN, *scores), COSINE, claimed, consent.__contains__)
    assert sent is expected


def test_a_space_is_named_after_its_face_model() -> None:
    assert space_of("7.0") == "rekognition/7.0"


# -- one list ------------------------------------------------------------------------------------

EXACT = Scale(0.5, 0.125)
"""Numbers that add up exactly."""


def judged(*scores: tuple[str, float], claimed: SubjectId | None = None) -> Verdict:
    return judge(listed(OWN, *scores), EXACT, claimed)


def test_a_list_is_judged_at_its_bounds() -> None:
    assert judged() == Verdict(OWN, 0.5)
    best = Candidate(ANN, 0.5)
    assert judged(("ann", 0.5)) == Verdict(OWN, 0.5, ANN, best=best, near=(ANN,))
    assert judged(("ann", 0.5), ("bob", 0.375)) == Verdict(
        OWN, 0.5, ANN, best=best, margin=0.125, near=(ANN, BOB)
    )
    assert judged(("ann", 0.5), ("bob", 0.4375)) == Verdict(
        OWN, 0.5, None, ambiguous=True, best=best, margin=0.0625, near=(ANN, BOB)
    )
    assert judged(("ann", 0.49), ("bob", 0.37)).known is False
    assert judged(("ann", 0.49), ("bob", 0.37)).near == (ANN,)
    assert judged(("ann", 0.37)).near == ()
    assert judged(("ann", 0.5), ("bob", 0.375)).runner_up == BOB
    assert judged(("ann", 0.5)).runner_up is None
    assert judged(("ann", float("nan")), ("bob", 0.9)).known is False
    assert judged(("ann", 0.5)).unconfirmed is False


def test_a_claim_is_judged_at_its_bounds() -> None:
    mine, other = Candidate(ANN, 0.5), Candidate(BOB, 0.625)
    assert judged(("ann", 0.5), claimed=ANN) == Verdict(OWN, 0.5, ANN, best=mine)
    assert judged(("ann", 0.5), ("bob", 0.4375), claimed=ANN).subject == ANN
    assert judged(("ann", 0.5), ("bob", 0.25), claimed=ANN).subject == ANN
    close = judged(("bob", other.score - 0.0625), ("ann", 0.5), claimed=ANN)
    assert close == Verdict(OWN, 0.5, ANN, best=mine, margin=0.0625)
    clear = judged(("bob", other.score), ("ann", 0.5), claimed=ANN)
    assert clear == Verdict(OWN, 0.5, None, best=mine, margin=0.125, another=BOB)
    assert judged(("ann", 0.49), claimed=ANN).subject is None
    assert judged(("bob", 0.5), claimed=ANN) == Verdict(OWN, 0.5, None, another=BOB)
    assert judged(("bob", 0.49), claimed=ANN) == Verdict(OWN, 0.5, None)
