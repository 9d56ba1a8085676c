"""Presentation attack detection with fr_liveness (ONNX).

The network is shown the face with its surroundings at one of three scales, in turn from frame to
frame: a run of frames has then seen all three at the price of one. Crops are shrunk by area, since
bilinear shrinking lets sensor noise through, and noise makes a print look alive (ADR 0006).
"""

from __future__ import annotations

import numpy as np

from kiosk.domain.attack import PadResult
from kiosk.domain.face import Face
from kiosk.domain.frame import Frame
from models.alignment import grown_crop
from models.embedding import Network

INPUT_SIZE = 128
BONA_FIDE_CLASS = 0
GROWS = (2.0, 2.7, 3.4)
"""Of the box of the 478 landmarks, not a detector's looser one: that one fails live faces."""


class LivenessDetector:
    """The `AttackDetector` port over fr_liveness. Owned by one thread.

    Args:
        network: takes (1, 3, 128, 128) BGR, raw 0 to 255, and gives (1, 3) logits.
    """

    name = "fr_liveness/2.0-2.7-3.4"

    def __init__(self, network: Network) -> None:
        self._network = network

    def assess(self, frame: Frame, face: Face) -> PadResult:
        """The softmax share of the bona fide class for this face."""
        grow = GROWS[frame.index % len(GROWS)]
        crop = grown_crop(frame.pixels, face.box, grow, INPUT_SIZE)
        (logits,) = self._network(crop.astype(np.float32).transpose(2, 0, 1)[None])
        shares = np.exp(logits - logits.max())
        return PadResult(float(shares[BONA_FIDE_CLASS] / shares.sum()), self.name)
