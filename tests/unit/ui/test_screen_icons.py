from __future__ import annotations

import pytest
from PyQt6.QtCore import QRectF

from kiosk.domain.prompts import OF_DEFECT, Prompt
from kiosk.domain.vision.quality import Defect
from kiosk.ui.icons import OF_PROMPT, icon_of
from kiosk.ui.icons.strokes import PEN, SIDE


@pytest.mark.parametrize("prompt", Prompt, ids=lambda prompt: prompt.value)
def test_every_prompt_has_an_icon_within_its_square(prompt: Prompt) -> None:
    box = icon_of(prompt).boundingRect()
    assert max(box.width(), box.height()) > SIDE / 2
    square = QRectF(0, 0, SIDE, SIDE)
    assert square.adjusted(PEN / 4, PEN / 4, -PEN / 4, -PEN / 4).contains(box)


def test_no_two_prompts_share_an_icon() -> None:
    """R12: icons tell states apart where colours cannot."""
    icons = [icon_of(prompt) for prompt in Prompt]
    assert set(OF_PROMPT) == set(Prompt)
    for number, icon in enumerate(icons):
        assert icon not in icons[number + 1 :]


def test_arrows_point_where_the_mirror_shows_it() -> None:
    """A face at the picture's left edge sees itself at the right, and must move to the left."""
    left = icon_of(OF_DEFECT[Defect.OFF_RIGHT])
    right = icon_of(OF_DEFECT[Defect.OFF_LEFT])
    assert tip(left) < SIDE / 2 < tip(right)


def tip(arrow: object) -> float:
    """Where most of an arrow's points lie: at its head."""
    points = [arrow.elementAt(at) for at in range(arrow.elementCount())]  # type: ignore[attr-defined]
    return float(sum(point.x for point in points) / len(points))
