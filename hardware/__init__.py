"""Cameras and doors, real and simulated."""

from __future__ import annotations

import os

# OpenCV reads this variable once, when it is loaded; everything under `hardware` that needs OpenCV
# imports it after this line. The limit refuses a small file that would decompress to gigabytes,
# from its header alone.
os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = "50000000"
