"""The rewrites by the names that the manifest uses."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

from models.rewriting import onnx_reader, onnx_to_tflite, prelu, tflite_reader
from models.rewriting.refusal import refused
from models.rewriting.tflite_writer import packed


def rewritten(rewrite: str, data: bytes, name: str) -> bytes:
    """The rewritten file; the same bytes at every call, on every machine.

    Args:
        rewrite: as named in the manifest.
        data: the original file.
        name: of the original file.

    Raises:
        ModelError: the rewrite is unknown, or it does not know this network.
    """
    if rewrite not in _REWRITES:
        raise refused(name, f"no rewrite is called {rewrite!r}")
    try:
        return _REWRITES[rewrite](data, name)
    except (LookupError, TypeError, ValueError, struct.error) as error:
        raise refused(name, "its parts do not fit together") from error


def _onnx_to_tflite(data: bytes, name: str) -> bytes:
    return packed(onnx_to_tflite.translated(onnx_reader.parsed(data, name), name), name)


def _fuse_prelu(data: bytes, name: str) -> bytes:
    graph = prelu.with_prelu(tflite_reader.parsed(data, name), name)
    return packed(prelu.with_single_batch(graph), name)


_REWRITES: Mapping[str, Callable[[bytes, str], bytes]] = {
    "onnx-to-tflite": _onnx_to_tflite,
    "fuse-prelu": _fuse_prelu,
}
