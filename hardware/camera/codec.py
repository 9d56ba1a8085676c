"""OpenCV with its logging off and on one thread. Import cv2 from here.

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

# One core is for vision, the other for window and camera: further threads would compete with both.
cv2.setNumThreads(1)
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

__all__ = ["cv2"]
