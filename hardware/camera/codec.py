"""OpenCV's capture, told to keep quiet and to hand out whole frames only. Import cv2 from here.

OpenCV takes these wishes from the environment. Its own messages are switched off, since they
print a stream's address with the password in it; what they would say is in our errors.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
os.environ.setdefault(
    "OPENCV_FFMPEG_CAPTURE_OPTIONS",
    # Half a frame at a torn end is dropped; RTSP prefers TCP, as it does without our wishes.
    "fflags;discardcorrupt|rtsp_flags;prefer_tcp",
)
# A small file that unpacks to gigabytes is refused from its header alone.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", "64000000")

# A device that was unplugged must be let go before it can come back under its old number.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1")

import cv2

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

__all__ = ["cv2"]
