"""What a batch cuts out of photographs, and what it refuses to send."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pytest

from hardware.camera.still import jpeg_of, still_in
from kiosk.domain.errors import ImageError
from kiosk.domain.vision.face import Box
from kiosk.wiring.cloud import jobs

WHOLE = jpeg_of(np.full((300, 400, 3), 127, np.uint8))
SHA256 = hashlib.sha256(WHOLE).hexdigest()


@dataclass
class OnePhotograph:
    """A `PhotographSource`."""

    def holds(self, name: str) -> bool:
        return name == "a.jpg"

    def content(self, _name: str) -> bytes:
        return WHOLE


CROP = jobs.cropper(OnePhotograph())


def test_the_face_is_cut_out_with_its_surroundings() -> None:
    cut = still_in(CROP("a.jpg", SHA256, Box(150.0, 100.0, 80.0, 80.0)))
    assert 80 <= cut.shape[0] < 300


@pytest.mark.parametrize("box", [Box(150.0, 100.0, 49.0, 80.0), Box(150.0, 100.0, 80.0, 49.0)])
def test_a_face_under_50_pixels_is_not_sent(box: Box) -> None:
    with pytest.raises(ImageError, match=r"face in a\.jpg is under 50 pixels"):
        CROP("a.jpg", SHA256, box)


def test_a_cut_over_5_mb_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_IMAGE_BYTES", 100)
    with pytest.raises(ImageError, match=r"face in a\.jpg is over 5 MB"):
        CROP("a.jpg", SHA256, Box(150.0, 100.0, 80.0, 80.0))


def test_another_photograph_than_was_looked_at_is_not_sent() -> None:
    with pytest.raises(ImageError, match=r"a\.jpg is another photograph by now"):
        CROP("a.jpg", "0" * 64, Box(150.0, 100.0, 80.0, 80.0))
