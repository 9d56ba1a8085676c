"""Rates of candidate cues: what each counts, and that nobody sets their own limit."""

from __future__ import annotations

import math

import pytest
from cues import SILENT
from measure_attacks import Shown
from measure_cues import CueScores, Together, auc, limit, line, passed, refused, windows

PEOPLE, ATTACKS = [0.1, 0.2, 0.5], [0.4, 0.6, 0.7, SILENT]


def test_rates_where_the_other_error_is_zero() -> None:
    assert passed(PEOPLE, ATTACKS) == 2, "0.4, and the one of which nothing is known"
    assert refused(PEOPLE, ATTACKS) == 3
    assert refused(PEOPLE, ATTACKS[:3]) == 1
    assert passed([0.5], [0.5]) == refused([0.5], [0.5]) == 1, "a tie is an error of either"


def test_the_area_is_the_share_of_pairs_in_order() -> None:
    assert auc([0.1, 0.2], [0.3]) == 1.0
    assert auc([0.3], [0.1, 0.3]) == pytest.approx(0.25)


def test_a_limit_stands_out_of_most_and_not_of_the_odd_one() -> None:
    assert limit([1.0, 2.0, 3.0, SILENT]) == pytest.approx(2 + 4 * 1.4826)
    assert limit([1.0, 2.0, 3.0, 4.0, 900.0]) < 10
    assert limit([SILENT]) == math.inf


def test_a_presentation_is_judged_as_a_whole_and_by_its_runs() -> None:
    assert windows(24) == [slice(24), slice(0, 12), slice(6, 18), slice(12, 24)]
    assert windows(5) == [slice(5)]
    assert windows(0) == []


def one(who: str, cue: float, network: float = 0.0, kind: str = "bona_fide") -> CueScores:
    return CueScores(Shown(kind, [], who), {"network": network, "glare": cue})


PLAIN = [one("ann", 9.0), one("bob", 1.0), one("cat", 1.1), one("dan", 1.2)]
TOGETHER = Together("glare", PLAIN, 0.6)


def test_nobody_sets_the_limit_that_they_are_judged_by() -> None:
    assert TOGETHER.refuses(PLAIN[0])
    assert not TOGETHER.refuses(PLAIN[1])


def test_either_refuses() -> None:
    assert TOGETHER.refuses(one("eve", SILENT, 0.61))
    assert TOGETHER.refuses(one("eve", 99.0))
    assert not TOGETHER.refuses(one("eve", SILENT, 0.6))


def test_the_network_has_its_own_limit_and_no_other() -> None:
    alone = Together("network", PLAIN, 0.6)
    assert not alone.refuses(one("eve", 99.0, 0.6))
    assert alone.refuses(one("eve", SILENT, 0.61))


def test_a_line_counts_people_and_attacks() -> None:
    attacks = [one("ann", SILENT, 0.9, "print"), one("ann", 1.0, 0.2, "print")]
    said = line("plain", TOGETHER, PLAIN, attacks)
    assert said == "| plain | glare | 0.06 | 2 of 2 | 4 of 4 | 1, 1 |"
