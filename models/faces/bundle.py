"""`face_landmarker.task`: a zip archive with three networks and the canonical face; never unpacked.

Source: MediaPipe's model asset bundles, stored without compression.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from models.runtimes import not_understood

DETECTOR = "face_detector.tflite"
MESH = "face_landmarks_detector.tflite"
BLENDSHAPES = "face_blendshapes.tflite"
GEOMETRY = "geometry_pipeline_metadata_landmarks.binarypb"
MEMBERS = (DETECTOR, MESH, BLENDSHAPES, GEOMETRY)

MOST_BYTES = 16_000_000
"""The maximum size of a member; the largest of the pinned file has 2.6 MB."""


def read_bundle(weights: Path) -> Mapping[str, bytes]:
    """The members by name.

    Args:
        weights: the verified `face_landmarker.task`.

    Raises:
        ModelError: it is no such archive, or lacks a member.
    """
    try:
        with zipfile.ZipFile(weights) as archive:
            return {name: _member(archive, name) for name in MEMBERS}
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise not_understood(weights.name, "LiteRT") from error


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > MOST_BYTES:
        raise ValueError(name)
    return archive.read(name)
