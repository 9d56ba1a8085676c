"""Templates with MobileFaceNet (LiteRT), as `models.md` section 3 proves it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kiosk.domain.errors import ModelError
from kiosk.domain.face import Face
from kiosk.domain.frame import Frame
from kiosk.domain.template import SpaceId, Template
from models.alignment import aligned

MEAN, SCALE = 127.5, 128.0


class MobileFaceNet:
    """The `TemplateExtractor` port over MobileFaceNet. Owned by one thread.

    The aligned crop and its mirror image go through the network as one batch of two, and the sum
    of both outputs is brought to unit length.

    Args:
        weights: the verified `MobileFaceNet.tflite`.
        space: the space's name, from the pack's manifest.

    Raises:
        ModelError: the file is not one that LiteRT understands.
    """

    def __init__(self, weights: Path, space: SpaceId) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._space = space
        try:
            self._network = Interpreter(str(weights), num_threads=1)
            self._network.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            raise ModelError(
                f"{weights.name} cannot be loaded by LiteRT.", "Run `kiosk models install` again."
            ) from error
        self._input = self._network.get_input_details()[0]["index"]
        self._output = self._network.get_output_details()[0]["index"]

    @property
    def space(self) -> SpaceId:
        """The space of every template that it makes."""
        return self._space

    def extract(self, frame: Frame, face: Face) -> Template:
        """The template of one face: 192 numbers of unit length."""
        crop = aligned(frame.pixels, face.mesh)[:, :, ::-1]
        batch = np.stack([crop, crop[:, ::-1]]).astype(np.float32)
        self._network.set_tensor(self._input, (batch - MEAN) / SCALE)
        self._network.invoke()
        features = self._network.get_tensor(self._output).sum(axis=0)
        return Template((features / np.linalg.norm(features)).astype(np.float32), self._space)
