"""Identification on the device: extract once, compare with every reference in memory."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain.errors import MatchingUnavailable, ModelError, SpaceMismatch
from kiosk.domain.ports import TemplateExtractor
from kiosk.domain.vision.comparison import CandidateList, Gallery
from kiosk.domain.vision.face import Face
from kiosk.domain.vision.frame import Frame


class LocalMatcher:
    """The `Matcher` port over a local gallery.

    Args:
        extractor: extracts the probe template.
        gallery: returns the current gallery; it is replaced as a whole, never modified.
    """

    def __init__(self, extractor: TemplateExtractor, gallery: Callable[[], Gallery]) -> None:
        self._extractor = extractor
        self._gallery = gallery

    def match(self, frame: Frame, face: Face) -> CandidateList:
        """The best and the second-best person for a face, at once.

        Raises:
            MatchingUnavailable: the network made no usable template of it.
        """
        try:
            return self._gallery().identify(self._extractor.extract(frame, face))
        except (ModelError, SpaceMismatch) as error:
            raise MatchingUnavailable(error.problem, error.remedy) from error
