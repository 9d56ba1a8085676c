"""Presentation attack detection with fr_liveness (ONNX).

The network is shown the face with its surroundings at one of three scales, in turn from one look
to the next: a run of frames has then seen all three at the price of one. Crops are shrunk by area,
since bilinear shrinking lets sensor noise through, and noise makes a print look alive (ADR 0006).
"""

from __future__ import annotations

import itertools

import numpy as np

from kiosk.domain.attack import PadResult
from kiosk.domain.face import Face
from kiosk.domain.frame import Frame
from models.alignment import grown_crop
from models.embedding import Network, prepared
from models.manifest import ModelInput


class LivenessDetector:
    """The `AttackDetector` port over fr_liveness. Owned by one thread.

    Args:
        network: takes (1, 3, height, width) BGR, raw 0 to 255, and gives (1, classes) logits.
        given: how the crop is cut; of the box of the 478 landmarks, not a detector's looser one,
            which fails live faces.
        bona_fide_class: which of the classes is bona fide.
        name: the detector's identity, for the audit.
    """

    def __init__(
        self, network: Network, given: ModelInput, bona_fide_class: int, name: str
    ) -> None:
        self._network = network
        self._given = given
        # By the frames that it sees, not by their numbers: a slow kiosk that sees every third
        # frame would otherwise look at one scale only.
        self._turns = itertools.cycle(given.grow)
        self._bona_fide_class = bona_fide_class
        self._name = name

    def assess(self, frame: Frame, face: Face) -> PadResult:
        """The softmax share of the bona fide class for this face."""
        grow = next(self._turns)
        crop = grown_crop(frame.pixels, face.box, grow, self._given.width)
        (logits,) = self._network(prepared(crop, self._given))
        shares = np.exp(logits - logits.max())
        return PadResult(float(shares[self._bona_fide_class] / shares.sum()), self._name)
