"""Eye closure: two of the 52 blendshapes of a face.

Source: MediaPipe's blendshape network (an MLP-Mixer over 146 landmarks).
"""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.domain.vision.face import EyeClosure, Mesh
from models.faces.bundle import BLENDSHAPES
from models.faces.network import TaskNetwork

LEFT_BLINK, RIGHT_BLINK = 9, 10
"""Indices of eyeBlinkLeft and eyeBlinkRight."""

LANDMARKS = (
    *(0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63),
    *(65, 66, 67, 70, 78, 80, 81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132),
    *(133, 136, 144, 145, 146, 148, 149, 150, 152, 153, 154, 155, 157, 158, 159, 160, 161, 162),
    *(163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251, 263, 267, 269),
    *(270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314),
    *(317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378),
    *(379, 380, 381, 382, 384, 385, 386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415),
    *(454, 466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477),
)
"""The 146 landmarks that the network takes, in its order (`face_blendshapes_graph.cc`)."""

_TAKEN = list(LANDMARKS)


class EyeNetwork:
    """Measures how far both eyes are closed.

    Args:
        bundle: the members of `face_landmarker.task`.

    Raises:
        ModelError: LiteRT cannot load the network.
    """

    def __init__(self, bundle: Mapping[str, bytes]) -> None:
        self._network = TaskNetwork(bundle[BLENDSHAPES], BLENDSHAPES)

    def closure(self, mesh: Mesh) -> EyeClosure:
        """The closure of both eyes; the network normalises the landmarks itself."""
        (shapes,) = self._network(mesh[_TAKEN][None])
        return EyeClosure(float(shapes[LEFT_BLINK]), float(shapes[RIGHT_BLINK]))
