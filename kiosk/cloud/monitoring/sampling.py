"""Samples of comparisons for the journal: how they went, and never whose face it was (R57)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from kiosk.cloud.monitoring.bands import margin_band, top_band
from kiosk.domain.cloud.faces import SearchAnswer
from kiosk.domain.cloud.operations import Operation
from kiosk.journal.events.cloud import CloudCompared
from kiosk.journal.events.event import JournalEvent


class Sampling:
    """Describes one of so many comparisons. Any thread may tell it.

    Args:
        every: of how many; 0 for none.
        tell: takes the event; returns at once.
    """

    def __init__(self, every: int, tell: Callable[[JournalEvent], None]) -> None:
        self._every, self._tell = every, tell
        self._numbers = itertools.count(1)

    def searched(
        self, answer: SearchAnswer, operation: Operation, size: tuple[int, int] | None
    ) -> None:
        """A search has answered.

        Args:
            answer: what it said.
            operation: which.
            size: width and height of the picture, in pixels; None if that is not known.
        """
        if self._due():
            self._tell(_described(answer, operation, size))

    def compared(self, similarities: Sequence[float]) -> None:
        """Two pictures were compared; none of these where they show different people."""
        if self._due():
            best = top_band(similarities)
            self._tell(CloudCompared(Operation.COMPARE_FACES.value, best, None, None, None))

    def _due(self) -> bool:
        return bool(self._every) and next(self._numbers) % self._every == 0


def _described(
    answer: SearchAnswer, operation: Operation, size: tuple[int, int] | None
) -> CloudCompared:
    found, face = [match.similarity for match in answer.matches], answer.face
    seen = None if face is None else (face.width, face.height)
    box = (None, None) if size is None or seen is None else _pixels(seen, size)
    return CloudCompared(
        operation=operation.value,
        best=top_band(found),
        lead=margin_band(found),
        model=answer.model,
        faces=answer.faces,
        width=box[0],
        height=box[1],
        sharpness=None if face is None else _whole(face.sharpness),
        brightness=None if face is None else _whole(face.brightness),
        occluded=None if face is None else face.occluded,
        landmarks=None if face is None else face.landmarks,
    )


def _pixels(shares: tuple[float, float], size: tuple[int, int]) -> tuple[int, int]:
    return round(shares[0] * size[0]), round(shares[1] * size[1])


def _whole(number: float | None) -> float | None:
    """Without decimals: enough for a statistic, and no mark by which pictures are told apart."""
    return None if number is None else float(round(number))
