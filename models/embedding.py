"""Templates: an aligned face through an embedding network, as the pack's manifest describes it.

Input preparation (size, colour order, normalisation, mirroring) is data of the pack. One wrong
value makes the scores useless, so each pack's values are pinned next to its file's hash.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kiosk.domain.errors import ModelError
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.domain.vision.face import Face
from kiosk.domain.vision.frame import Frame, Pixels
from kiosk.domain.vision.template import SpaceId, Template
from models.alignment import aligned
from models.packs.manifest import ModelInput

Batch = NDArray[np.float32]
Network = Callable[[Batch], NDArray[np.float32]]
"""(n, ...) prepared crops -> (n, dimensions) features."""


class Embedder:
    """The `TemplateExtractor` port over any embedding network. Owned by one thread.

    Args:
        network: runs a batch.
        given: preparation of a crop.
        space: the name of the embedding space.
    """

    def __init__(self, network: Network, given: ModelInput, space: SpaceId) -> None:
        self._network = network
        self._given = given
        self._space = space

    @property
    def space(self) -> SpaceId:
        """The space of its templates."""
        return self._space

    def extract(self, frame: Frame, face: Face) -> Template:
        """The template of one face: the sum over crop and mirror image, scaled to unit length.

        Raises:
            ModelError: the network returned no finite features.
        """
        batch = prepared(aligned(frame.pixels, face.mesh), self._given)
        features = self._network(batch).sum(axis=0)
        length = float(np.linalg.norm(features))
        if not (np.isfinite(length) and length > 0.0):
            raise ModelError(
                f"The network of space {self._space} gave no usable features.",
                Remedy("Verify the model pack, and install it again.", NextStep.VERIFY_MODELS),
            )
        return Template((features / length).astype(np.float32), self._space)


def prepared(crop: Pixels, given: ModelInput) -> Batch:
    """The crop, and its mirror image if the pack uses it, as network input.

    Args:
        crop: (height, width, 3) BGR.
        given: input preparation, from the pack.

    Returns:
        (1 or 2, ...) float32 in the pack's layout.
    """
    coloured = crop[:, :, ::-1] if given.colour == "RGB" else crop
    views = [coloured, coloured[:, ::-1]] if given.mirrored else [coloured]
    batch = (np.stack(views).astype(np.float32) - given.mean) / np.float32(given.scale)
    return batch.transpose(0, 3, 1, 2) if given.layout == "NCHW" else batch
