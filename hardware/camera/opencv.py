"""Cameras of this machine, through OpenCV and Video4Linux."""

from __future__ import annotations

import numpy as np

from hardware.camera.codec import cv2
from hardware.camera.live import Taken
from hardware.camera.source import CameraRequest, DeviceSource
from kiosk.domain.errors import CameraLost

PLAIN_PIXELS = 640 * 480
"""Larger pictures come compressed: USB 2 carries uncompressed ones at a few frames a second."""


class DeviceFeed:
    """A camera by its number or path. Fulfils `live.Feed`.

    Args:
        source: which.
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
        """Reach it, and ask for size and rate.

        Raises:
            CameraLost: it is absent, or not ours to use.
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
        """The next picture. A sensor's noise is in it, so that none is like the one before.

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
        """Nothing ends a driver that waits."""

    def close(self) -> None:
        """Let it go."""
        if self._video is not None:
            self._video.release()
