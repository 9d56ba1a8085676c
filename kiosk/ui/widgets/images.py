"""Conversion of a frame to a Qt image."""

from __future__ import annotations

from typing import cast

import numpy as np
from PyQt6.QtGui import QImage

from kiosk.domain.vision.frame import Frame


def image_of(frame: Frame) -> QImage:
    """The frame's own memory as an image: nothing is copied, and the frame must stay alive."""
    pixels = np.ascontiguousarray(frame.pixels)
    shape = (frame.width, frame.height, pixels.strides[0], QImage.Format.Format_BGR888)
    image = QImage(pixels.data, *shape)  # type: ignore[call-overload]  # the stub omits buffers
    return cast("QImage", image)
