"""A TFLite network in memory, with one input and any number of outputs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.runtimes import litert_interpreter

Tensor = NDArray[np.float32]


class TaskNetwork:
    """One network of the bundle, on one thread. Owned by one thread.

    Args:
        content: the TFLite file.
        name: its name, for errors.

    Raises:
        ModelError: LiteRT cannot load it.
    """

    def __init__(self, content: bytes, name: str) -> None:
        self._interpreter = litert_interpreter(name, model_content=content)
        self._given = self._interpreter.get_input_details()[0]["index"]
        self._made = [made["index"] for made in self._interpreter.get_output_details()]

    def __call__(self, batch: Tensor) -> Sequence[Tensor]:
        """Every output for this input, in the order of the file."""
        self._interpreter.set_tensor(self._given, batch)
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index) for index in self._made]
