"""Similarities are a monotone mapping of cosines, no laxer than the door's own decision."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import Settings
from kiosk.cloud.peer.similarity import SHIFTS, SimilarityScales, scale
from kiosk.domain.access.policy import (
    Calibration,
    Form,
    OperatingPoint,
    capacity,
    decision_threshold,
)
from kiosk.domain.errors import BadInput, PolicyError
from kiosk.domain.vision.template import SpaceId
from models.packs.installed import load_manifest

PACKS = ("standard", "light")
COSINES = st.floats(-1.0, 1.0)


def scales(name: str) -> SimilarityScales:
    pack = load_manifest().pack(name)
    return SimilarityScales(pack.calibration(Form.SINGLE), pack.calibration(Form.MEAN))


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("model", SHIFTS)
@pytest.mark.parametrize("name", PACKS)
def test_99_is_no_laxer_than_the_largest_gallery_that_the_door_decides_on(
    name: str, model: str, form: Form
) -> None:
    calibration = load_manifest().pack(name).calibration(form)
    policy = Settings().match_policy()
    most = capacity(calibration, policy)
    local = decision_threshold(calibration, most, policy)
    mapping = scales(name).of(model, form)
    strictest = min(calibration.points, key=lambda point: point.fmr)
    assert mapping.cosine(99.0) >= strictest.score - 1e-9
    assert mapping.similarity(local - 1e-3) < 99.0


@given(COSINES, COSINES)
def test_what_is_more_alike_is_no_less_similar(one: float, other: float) -> None:
    for model in SHIFTS:
        mapping = scales("standard").of(model)
        low, high = sorted((one, other))
        assert 0.0 <= mapping.similarity(low) <= mapping.similarity(high) <= 100.0


@given(st.floats(0.0, 100.0))
def test_a_similarity_has_a_cosine(similarity: float) -> None:
    mapping = scales("standard").of("7.0", Form.MEAN)
    assert mapping.similarity(mapping.cosine(similarity)) == pytest.approx(similarity, abs=1e-9)


def test_older_models_are_stricter_at_every_cosine_that_matters() -> None:
    for newer, older in itertools.pairwise(SHIFTS):
        new, old = scales("standard").of(newer), scales("standard").of(older)
        for cosine in (0.31, 0.4, 0.5, 0.55, 0.6, 0.9):
            assert old.similarity(cosine) < new.similarity(cosine)


@pytest.mark.parametrize(
    "points",
    [
        (),
        ((0.01, 0.3),),
        ((0.01, 0.5), (0.001, 0.3)),
        ((0.01, 0.3), (0.01, 0.5)),
        ((0.01, 0.99), (0.001, 1.2)),
    ],
)
def test_a_calibration_that_gives_no_mapping_is_refused(
    points: tuple[tuple[float, float], ...],
) -> None:
    given = tuple(OperatingPoint(*point) for point in points)
    with pytest.raises(PolicyError, match="gives no similarities"):
        scale(Calibration(SpaceId("s"), given))


def test_a_model_that_there_is_not_is_named() -> None:
    with pytest.raises(BadInput, match=r"no face model 4\.0"):
        scales("standard").of("4.0")
