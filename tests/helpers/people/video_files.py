"""Recordings made on the spot: videos and folders of pictures whose frames tell their number."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from kiosk.domain.vision.frame import Pixels

WIDTH, HEIGHT = 160, 120
CODECS = {".avi": "MJPG", ".mp4": "mp4v", ".mkv": "FFV1"}
STEP = 8


def numbered(number: int, width: int = WIDTH, height: int = HEIGHT) -> Pixels:
    """A grey that tells the number, over noise of its own; survives every codec here."""
    rng = np.random.default_rng(number)
    pixels = rng.integers(90, 130, (height, width, 3), np.uint8)
    pixels[: height // 2] = 20 + number * STEP
    return pixels


def number_in(pixels: Pixels) -> int:
    """What `numbered` was told."""
    height = pixels.shape[0]
    return round((float(pixels[4 : height // 2 - 12].mean()) - 20) / STEP)


def write_video(path: Path, frames: int, fps: float = 15.0) -> Path:
    fourcc = cv2.VideoWriter.fourcc(*CODECS[path.suffix])
    writer = cv2.VideoWriter(str(path), fourcc, fps, (WIDTH, HEIGHT))
    assert writer.isOpened()
    for number in range(frames):
        writer.write(numbered(number))
    writer.release()
    return path


def write_folder(directory: Path, frames: int) -> Path:
    directory.mkdir(exist_ok=True)
    for number in range(frames):
        assert cv2.imwrite(str(directory / f"frame{number}.png"), numbered(number))
    return directory


def cut_off(path: Path, share: float) -> Path:
    """The same recording, broken off after that share of its bytes."""
    data = path.read_bytes()
    short = path.with_stem(path.stem + "-cut")
    short.write_bytes(data[: int(len(data) * share)])
    return short
