"""Whoever owes a badge, and whoever stands there instead, before the whole kiosk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import cv2
import evaluation_data
import numpy as np
import pytest
import segno
from filmed_people import composed
from real_kiosk import RealKiosk, Visit

from kiosk.domain.access.factors import Factor
from kiosk.domain.vision.frame import Pixels
from kiosk.domain.vision.template import SubjectId, Template
from kiosk.store.open_home import OpenHome
from kiosk.store.people.badges import Badges
from kiosk.store.secrets.keys import FileKey

pytestmark = [pytest.mark.data, pytest.mark.weights]

ANN, BOB = evaluation_data.people()[:2]
MODULE_PX = 4
SEEN, SHOWN = 20, 10
"""Frames until somebody is surely recognised, and with a badge."""


@pytest.fixture
def badge(kiosk: RealKiosk, references: Mapping[str, Sequence[Template]]) -> Pixels:
    """The badge of the first person, who is asked for it; nobody else is enrolled."""
    kiosk.enrol(ANN, references[ANN])
    owner = SubjectId(ANN)
    with OpenHome.open(kiosk.home) as open_home:
        badges = Badges(open_home.references, FileKey(open_home.home))
        serial, text = badges.draw(owner)
        badges.issue(owner, serial)
        open_home.references.amend(
            owner,
            lambda known: replace(known, factors=replace(known.factors, required=Factor.BADGE)),
        )
    rows = [
        [0 if dark else 255 for dark in row] for row in segno.make_qr(text).matrix_iter(border=4)
    ]
    side = len(rows) * MODULE_PX
    card = cv2.resize(np.array(rows, np.uint8), (side, side), interpolation=cv2.INTER_NEAREST)
    return np.repeat(card[:, :, np.newaxis], 3, axis=2)


def walk(person: str) -> Sequence[Pixels]:
    return evaluation_data.pictures(next(iter(evaluation_data.walks(person).values())))


def holding(badge: Pixels, pictures: Sequence[Pixels]) -> list[Pixels]:
    """The badge in a corner of each picture."""
    held = [picture.copy() for picture in pictures]
    for picture in held:
        picture[-badge.shape[0] :, : badge.shape[1]] = badge
    return held


def watched(kiosk: RealKiosk, name: str, shown: Sequence[Pixels]) -> Visit:
    visit = kiosk.watch(composed(f"badge/{name}", shown))
    assert not visit.faults
    return visit


def test_a_badge_and_then_their_own_face_let_somebody_in(kiosk: RealKiosk, badge: Pixels) -> None:
    ann = walk(ANN)
    shown = [*ann[:SEEN], *holding(badge, ann[SEEN : SEEN + SHOWN]), *ann[SEEN:], *ann[:SEEN]]
    visit = watched(kiosk, "own", shown)
    assert visit.admitted == [ANN]


def test_somebody_else_with_the_badge_of_whoever_was_recognised(
    kiosk: RealKiosk, badge: Pixels
) -> None:
    """Ann is recognised and walks off; Bob stands there and shows her badge."""
    bob = walk(BOB)
    visit = watched(kiosk, "found", [*walk(ANN)[:SEEN], *holding(badge, bob), *bob])
    assert visit.admitted == []
    assert visit.door.releases == 0
    assert "not_recognised" in visit.reasons


def test_a_photograph_with_the_badge_of_whoever_was_recognised(
    kiosk: RealKiosk, badge: Pixels
) -> None:
    """Ann is recognised, and then her photograph is held up with her badge."""
    prints = next(iter(evaluation_data.recordings("print", ANN).values()))
    paper = evaluation_data.pictures(prints)
    visit = watched(kiosk, "print", [*walk(ANN)[:SEEN], *holding(badge, paper), *paper])
    assert visit.admitted == []
    assert visit.door.releases == 0


def test_a_badge_that_nobody_s_face_follows(kiosk: RealKiosk, badge: Pixels) -> None:
    ann = walk(ANN)
    grain = np.random.default_rng(1)
    empty = [grain.integers(100, 120, ann[0].shape, np.uint8) for _ in range(40)]
    visit = watched(kiosk, "alone", [*ann[:SEEN], *holding(badge, empty)])
    assert visit.admitted == []
