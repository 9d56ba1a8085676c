"""OpenCV, told to keep quiet. Import cv2 from here.

OpenCV takes these wishes from the environment; what stood there before is overridden. Video does
not go through it: see `video`.
"""

from __future__ import annotations

import os

# What a device's driver cannot do is in our errors.
os.environ["OPENCV_FFMPEG_LOGLEVEL"] = "-8"
# A device that was unplugged must be let go before it can come back under its old number.
os.environ["OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"] = "1"

import cv2

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

__all__ = ["cv2"]
