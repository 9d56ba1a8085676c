"""The engines of this installation. Nothing is imported to find out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import metadata, util
from typing import get_args

from models.packs.manifest import Engine, Pack

ENGINES: tuple[Engine, ...] = get_args(Engine)

FACES: Mapping[Engine, str] = {"reference": "mediapipe", "litert": "ai_edge_litert"}
"""The module that finds faces."""

RUNTIMES = {"onnxruntime": "onnxruntime", "litert": "ai_edge_litert", "opencv": "cv2"}
"""The module of each runtime of the manifest that an engine may lack."""

LIBRARIES = ("ai-edge-litert", "mediapipe", "numpy", "onnxruntime", "opencv-python")
"""The distributions whose versions decide what an engine computes."""


def lacking(pack: Pack, engine: Engine) -> Sequence[str]:
    """The modules that an engine needs for a pack, and that are not installed."""
    runs = {file.runtime for file in pack.for_engine(engine).files}
    needed = {FACES[engine], *(RUNTIMES[runtime] for runtime in runs if runtime in RUNTIMES)}
    return sorted(module for module in needed if util.find_spec(module) is None)


def versions() -> Mapping[str, str]:
    """The installed version of each library, by its name; of those that are there."""
    found = {}
    for library in LIBRARIES:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            continue
    return found
