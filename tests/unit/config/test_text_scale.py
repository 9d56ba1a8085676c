"""The size of the words on the screen: three, and no other."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from config.sections.screen import TEXT_SCALES, ScreenSettings


@pytest.mark.parametrize("scale", TEXT_SCALES)
def test_three_sizes_may_be_set(scale: float) -> None:
    assert ScreenSettings(text_scale=scale).text_scale == scale


@pytest.mark.parametrize("scale", [0.5, 1.1, 1.4999, 2.0, float("nan")])
def test_no_other_may(scale: float) -> None:
    with pytest.raises(ValidationError):
        ScreenSettings(text_scale=scale)


def test_the_usual_one_is_the_first() -> None:
    assert ScreenSettings().text_scale == TEXT_SCALES[0] == 1.0
