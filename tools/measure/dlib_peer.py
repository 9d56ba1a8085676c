"""Encodes images with the `face_recognition` package: a path a line in, a JSON object a line out.

Runs in an environment of its own, which has nothing of Lintel. `measure_dlib` starts it.
"""

from __future__ import annotations

import json
import math
import sys
import time
from typing import Any

import dlib
import face_recognition

Place = tuple[int, int, int, int]
"""Top, right, bottom, left."""


def about() -> dict[str, Any]:
    """What is measured."""
    built = {name: getattr(dlib, name, None) for name in ("DLIB_USE_CUDA", "DLIB_USE_BLAS")}
    return {"dlib": dlib.__version__, "package": face_recognition.__version__, **built}


def off_centre(place: Place, width: int, height: int) -> float:
    """The distance of a face from the picture's centre, in face sizes."""
    top, right, bottom, left = place
    away = math.hypot((left + right - width) / 2, (top + bottom - height) / 2)
    return away / max(1.0, math.sqrt((right - left) * (bottom - top)))


def encoded(path: str) -> dict[str, Any]:
    """Processor milliseconds of both steps, and the encoding of the face nearest to the centre.

    The package's own recommendations: the HOG detector with one upsampling, one encoding a face.
    """
    picture = face_recognition.load_image_file(path)
    height, width = picture.shape[:2]
    began = time.process_time()
    places = face_recognition.face_locations(picture)
    found = time.process_time()
    answer: dict[str, Any] = {"find": (found - began) * 1000, "encode": None, "vector": None}
    if places:
        nearest = min(places, key=lambda place: off_centre(place, width, height))
        vectors = face_recognition.face_encodings(picture, [nearest])
        answer["encode"] = (time.process_time() - found) * 1000
        answer["vector"] = vectors[0].tolist()
    return answer


def main() -> None:
    """Say what is measured, then answer until there is nothing more to read."""
    print(json.dumps(about()), flush=True)
    for line in sys.stdin:
        print(json.dumps(encoded(line.rstrip("\n"))), flush=True)


if __name__ == "__main__":
    main()
