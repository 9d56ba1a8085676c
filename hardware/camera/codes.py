"""QR codes in a camera's image. Their text is untrusted input: limited in length and number.

The image is processed in memory and not stored.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from kiosk.domain.vision.frame import Frame

MAX_CODES = 4
"""Maximum number of codes read from one image."""
MAX_CHARACTERS = 200
"""A longer code is skipped, not truncated: a part of it has another meaning."""
MAX_SIDE_PX = 960
"""A larger image is scaled down first: the code is held close, and speed matters."""


class ZxingReader:
    """Reads QR codes with zxing-cpp. Implements the CodeReader port; thread-safe."""

    def read(self, frame: Frame) -> Sequence[str]:
        """The texts of the codes in the frame, at most `MAX_CODES`; none is no error."""
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
