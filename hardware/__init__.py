"""Cameras and doors, real and simulated."""

from __future__ import annotations

import os

# OpenCV reads this once, when it is loaded, and whatever here needs it loads it after this. A small
# file that unpacks to gigabytes is refused from its header alone.
os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = "50000000"
