"""QR codes in a camera's picture. What they say is a stranger's text: short, few, never trusted.

The picture is read in memory and nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from kiosk.domain.vision.frame import Frame

MAX_CODES = 4
"""More codes than that in one picture are not looked for: somebody holds up a wall of them."""
MAX_CHARACTERS = 200
"""A code that says more is passed over, not cut: a part of it is not what it says."""
MAX_SIDE_PX = 960
"""A larger picture is made smaller first: the code is held near, and time counts."""


class ZxingReader:
    """Reads QR codes with zxing-cpp. Fulfils the CodeReader port; any thread may call it."""

    def read(self, frame: Frame) -> Sequence[str]:
        """The texts of the codes that it holds, at most `MAX_CODES`; none is no error."""
        if not frame.pixels.size:
            return ()
        codes = zxingcpp.read_barcodes(
            _grey(frame),
            formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode),
            text_mode=zxingcpp.TextMode.Plain,
        )
        texts = dict.fromkeys(code.text for code in codes if code.valid)
        return tuple(text for text in texts if 0 < len(text) <= MAX_CHARACTERS)[:MAX_CODES]


def _grey(frame: Frame) -> NDArray[np.uint8]:
    """(height, width) uint8, no side longer than `MAX_SIDE_PX`."""
    grey = np.asarray(cv2.cvtColor(frame.pixels, cv2.COLOR_BGR2GRAY), np.uint8)
    scale = MAX_SIDE_PX / max(grey.shape)
    if scale >= 1.0:
        return grey
    size = (max(1, int(grey.shape[1] * scale)), max(1, int(grey.shape[0] * scale)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
