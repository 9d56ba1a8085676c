"""The glyphs of OCR-B that letters of a machine-readable zone are compared with."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 20, 32
"""Of a cell, pixels: the pitch of the typeface, and a line with what is around it."""

BASELINE = 26
"""The row under the capitals."""

CAPITAL = 21
"""The height of a line's letters, pixels: of digits, which are a little taller than capitals."""


@cache
def glyphs() -> Mapping[str, NDArray[np.float32]]:
    """Each letter's (height, width) picture, 1 where there is ink."""
    text = files("models.document").joinpath("ocr_b.toml").read_text("utf-8")
    said: Mapping[str, str] = tomllib.loads(text)["glyphs"]
    return {letter: _picture(bits) for letter, bits in said.items()}


def _picture(bits: str) -> NDArray[np.float32]:
    packed = np.frombuffer(bytes.fromhex(bits), np.uint8)
    return np.unpackbits(packed).reshape(HEIGHT, WIDTH).astype(np.float32)
