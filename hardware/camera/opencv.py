"""Local cameras, through OpenCV and Video4Linux."""

from __future__ import annotations

import numpy as np

from hardware.camera.codec import cv2
from hardware.camera.live import Taken
from hardware.camera.request import CameraRequest
from hardware.camera.source import DeviceSource
from kiosk.domain.errors import CameraLost

PLAIN_PIXELS = 640 * 480
"""Larger images are requested compressed: USB 2 carries only a few uncompressed ones per second."""


class DeviceFeed:
    """A camera by its number or path. Implements `live.Feed`.

    Args:
        source: the device.
        wanted: size and rate.
    """

    remedy = (
        "Plug it in; `ls /dev/video*` shows the cameras, and `ls /dev/v4l/by-id` names that stay; "
        "this account must be in the group `video`."
    )

    def __init__(self, source: DeviceSource, wanted: CameraRequest) -> None:
        self._source = source
        self._wanted = wanted
        self._video: cv2.VideoCapture | None = None

    def open(self) -> None:
        """Open the device, and request size and rate.

        Raises:
            CameraLost: it is absent or not accessible.
        """
        video = cv2.VideoCapture(self._source.place, cv2.CAP_V4L2)
        self._video = video
        if self._wanted.width * self._wanted.height > PLAIN_PIXELS:
            video.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        video.set(cv2.CAP_PROP_FRAME_WIDTH, self._wanted.width)
        video.set(cv2.CAP_PROP_FRAME_HEIGHT, self._wanted.height)
        video.set(cv2.CAP_PROP_FPS, self._wanted.fps)
        video.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        if not video.isOpened():
            raise CameraLost(f"The camera {self._source} cannot be opened.", self.remedy)

    def read(self) -> Taken | None:
        """The next image. It is never marked fresh: sensor noise makes consecutive images differ.

        Raises:
            CameraLost: the driver failed.
        """
        assert self._video is not None  # noqa: S101 - opened before
        try:
            whole, pixels = self._video.read()
        except cv2.error as error:
            raise CameraLost(f"The camera {self._source} failed.", self.remedy) from error
        return Taken(np.asarray(pixels, np.uint8), fresh=False) if whole else None

    def interrupt(self) -> None:
        """Do nothing: a blocked driver call cannot be ended."""

    def close(self) -> None:
        """Close the device."""
        if self._video is not None:
            self._video.release()
