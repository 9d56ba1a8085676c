"""OpenCV with its logging off. Import cv2 from here.

OpenCV reads these options from the environment; existing values are overridden. Video does not use
OpenCV: see `video`.
"""

from __future__ import annotations

import os

# Driver failures are reported in this project's own errors.
os.environ["OPENCV_FFMPEG_LOGLEVEL"] = "-8"
# An unplugged device must be released before it can reappear under its old number.
os.environ["OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"] = "1"

import cv2

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

__all__ = ["cv2"]
