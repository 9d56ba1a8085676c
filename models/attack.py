"""Presentation attack detection with fr_liveness (ONNX).

The network is shown the face with its surroundings at one of three scales, in turn from frame to
frame: a run of frames has then seen all three at the price of one. Crops are shrunk by area, since
bilinear shrinking lets sensor noise through, and noise makes a print look alive (ADR 0006).
"""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np

from kiosk.domain.attack import PadResult
from kiosk.domain.errors import ModelError
from kiosk.domain.face import Face
from kiosk.domain.frame import Frame
from models.alignment import grown_crop

INPUT_SIZE = 128
BONA_FIDE_CLASS = 0
GROWS = (2.0, 2.7, 3.4)
"""Of the box of the 478 landmarks, not a detector's looser one: that one fails live faces."""


class LivenessDetector:
    """The `AttackDetector` port over fr_liveness. Owned by one thread.

    Args:
        weights: the verified `fr_liveness.onnx`.

    Raises:
        ModelError: the file is not one that onnxruntime understands.
    """

    name = "fr_liveness/2.0-2.7-3.4"

    def __init__(self, weights: Path) -> None:
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(
                str(weights), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises its own unexported classes
            raise ModelError(
                f"{weights.name} cannot be loaded by onnxruntime.",
                "Run `kiosk models install` again.",
            ) from error
        self._input = self._session.get_inputs()[0].name

    def assess(self, frame: Frame, face: Face) -> PadResult:
        """The softmax share of the bona fide class for this face."""
        grow = GROWS[frame.index % len(GROWS)]
        crop = grown_crop(frame.pixels, face.box, grow, INPUT_SIZE)
        (logits,) = self._session.run(None, {self._input: cv2.dnn.blobFromImage(crop)})[0]
        shares = np.exp(logits - logits.max())
        return PadResult(float(shares[BONA_FIDE_CLASS] / shares.sum()), self.name)
