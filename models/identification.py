"""Identification on the device: the template of a face, compared with every reference in memory."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain.errors import MatchingUnavailable, ModelError, SpaceMismatch
from kiosk.domain.ports import TemplateExtractor
from kiosk.domain.vision.comparison import CandidateList, Gallery
from kiosk.domain.vision.face import Face
from kiosk.domain.vision.frame import Frame
from kiosk.domain.vision.template import Template

Identify = Callable[[Gallery, Template], CandidateList]
"""Compares a probe with a gallery; raises as `Gallery.identify`, which is the plain way."""


class LocalMatcher:
    """The `TemplateMatcher` port over a local gallery.

    Args:
        extractor: extracts probe templates.
        gallery: returns the current gallery; it is replaced as a whole, never modified.
        identify: compares; another way than the plain one finds the same, faster.
    """

    def __init__(
        self,
        extractor: TemplateExtractor,
        gallery: Callable[[], Gallery],
        identify: Identify = Gallery.identify,
    ) -> None:
        self._extractor = extractor
        self._gallery = gallery
        self._identify = identify

    def extract(self, frame: Frame, face: Face) -> Template:
        """The template of a face.

        Raises:
            MatchingUnavailable: the network made no usable template of it.
        """
        try:
            return self._extractor.extract(frame, face)
        except ModelError as error:
            raise MatchingUnavailable(error.problem, error.remedy) from error

    def identify(self, probe: Template) -> CandidateList:
        """The best and the second-best person for a template.

        Raises:
            MatchingUnavailable: it is of another space than the references.
        """
        try:
            return self._identify(self._gallery(), probe)
        except SpaceMismatch as error:
            raise MatchingUnavailable(error.problem, error.remedy) from error
