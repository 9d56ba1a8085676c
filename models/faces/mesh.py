"""The mesh network: 478 landmarks of the face in one region.

Source: Kartynnik et al. 2019, "Real-time Facial Surface Geometry from Monocular Video", with the
attention mesh of Grishchenko et al. 2020.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.domain.vision.frame import Pixels
from models.faces.bundle import MESH
from models.faces.network import TaskNetwork
from models.faces.region import Region, crop_of

SIZE = 256
LANDMARKS = 478
LEAST_PRESENCE = 0.0
"""The logit from which the network sees a face: a probability of one half."""

Points = NDArray[np.float32]
"""(478, 3): x and y in pixels of the frame, z in the same scale, negative towards the camera."""


class FaceMesh:
    """Finds the landmarks of the face in a region.

    Args:
        bundle: the members of `face_landmarker.task`.

    Raises:
        ModelError: LiteRT cannot load the network.
    """

    def __init__(self, bundle: Mapping[str, bytes]) -> None:
        self._network = TaskNetwork(bundle[MESH], MESH)

    def points(self, pixels: Pixels, region: Region) -> Points | None:
        """The landmarks; None if the network sees no face in the region.

        Args:
            pixels: (height, width, 3) BGR.
            region: where to look.
        """
        onto_frame = region.onto_frame(SIZE)
        batch = crop_of(pixels, onto_frame, SIZE, cv2.BORDER_REPLICATE) * np.float32(1 / 255)
        made, presence, _ = self._network(batch)
        if not presence.flat[0] >= LEAST_PRESENCE:  # written so that NaN is no face
            return None
        crop = made.reshape(LANDMARKS, 3)
        flat = crop[:, :2] @ onto_frame[:, :2].T + onto_frame[:, 2]
        return np.column_stack([flat, crop[:, 2] * (region.side / SIZE)]).astype(np.float32)
