"""A man before a laptop's camera, and the same man replayed on a telephone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import evaluation_data
import pytest
from filmed_people import composed
from real_kiosk import RealKiosk

from hardware.camera.codec import cv2
from kiosk.domain.vision.frame import Pixels
from kiosk.domain.vision.template import Template

pytestmark = [pytest.mark.data, pytest.mark.weights]

Enrol = Callable[[str, Sequence[Path]], Sequence[Template]]
SEEN = 60
"""So many last frames of the bona fide clip, in which he looks ahead, are for the enrolment."""


@pytest.fixture
def his_kiosk(kiosk: RealKiosk, accepted: Enrol, tmp_path: Path) -> RealKiosk:
    shown = evaluation_data.clip("phone_replay_bona_fide.webm")
    kiosk.enrol("he", accepted("he", _written(tmp_path, shown[-SEEN::10])))
    return kiosk


def _written(folder: Path, shown: Sequence[Pixels]) -> list[Path]:
    paths = [folder / f"{number}.png" for number in range(len(shown))]
    for path, pixels in zip(paths, shown, strict=True):
        assert cv2.imwrite(str(path), pixels)
    return paths


def test_the_man_himself_is_let_in(his_kiosk: RealKiosk) -> None:
    shown = evaluation_data.clip("phone_replay_bona_fide.webm")[:-SEEN]
    visit = his_kiosk.watch(composed("man", shown, fps=30.0))
    assert visit.admitted == ["he"]


@pytest.mark.long
@pytest.mark.parametrize("since", [45, 90])
def test_the_man_himself_is_never_called_an_attack(his_kiosk: RealKiosk, since: int) -> None:
    """His camera is grainy; wherever he begins, it is doubted at most."""
    shown = evaluation_data.clip("phone_replay_bona_fide.webm")[since : since + 100]
    visit = his_kiosk.watch(composed(f"man/{since}", shown, fps=30.0))
    assert "presentation_attack" not in visit.reasons


def test_his_face_on_a_telephone_is_not(his_kiosk: RealKiosk) -> None:
    """R48: a replay attack."""
    shown = evaluation_data.clip("phone_replay_attack.webm")[::2]
    visit = his_kiosk.watch(composed("telephone", shown, fps=15.0))
    assert any(visit.faces)
    assert visit.admitted == []
    assert visit.door.releases == 0
    assert "matched" not in visit.reasons
