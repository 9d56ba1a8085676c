"""What the settings make of a similarity, for the door (R16, R17, R46)."""

from __future__ import annotations

import pytest

from config.sections.cloud import CloudSettings
from config.settings import Settings
from kiosk.domain.cloud.fusion import Scale, space_of
from kiosk.domain.cloud.modes import CloudMode
from kiosk.domain.vision.template import SpaceId

OWN = SpaceId("test/1")


def scale(**values: object) -> Scale | None:
    return CloudSettings.model_validate(values).rules.scales.get(space_of("7.0"))


def test_the_usual_scale() -> None:
    assert scale() == Scale(99.0, 0.5)


@pytest.mark.parametrize("threshold", [90.0, 95.0, 98.99, 99.0])
def test_no_setting_lowers_the_floor_of_a_release(threshold: float) -> None:
    """R17."""
    assert scale(threshold=threshold) == Scale(99.0, 0.5)


def test_the_strictest_threshold_counts() -> None:
    assert scale(threshold=99.5, thresholds={"7.0": 99.2}) == Scale(99.5, 0.5)
    assert scale(threshold=90.0, thresholds={"7.0": 99.9}) == Scale(99.9, 0.5)


def test_a_model_that_is_not_named_has_no_scale() -> None:
    """R46."""
    assert scale(thresholds={"6.0": 99.5}) is None


def test_a_search_shows_whoever_is_within_the_margin() -> None:
    assert CloudSettings().sent_threshold == 98.5
    assert CloudSettings(threshold=90.0).sent_threshold == 90.0


def test_the_policy_of_the_door_has_the_rules() -> None:
    settings = Settings.model_validate({"cloud": {"mode": "both-agree", "region": "eu-west-1"}})
    policy = settings.access_policy(OWN, 0.5)
    assert policy.cloud == settings.cloud.rules
    assert policy.cloud.mode is CloudMode.BOTH_AGREE
    assert not Settings().access_policy(OWN, 0.5).cloud.used
