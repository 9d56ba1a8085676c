"""The networks of a pack, loaded by a thread while the main one imports and builds the window.

Reading files and building networks leave Python's lock to others, so the two take little more time
than the longer of them.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from kiosk.domain.ports import AttackDetector, FaceFinder, QualityAssessor, TemplateExtractor

if TYPE_CHECKING:
    from kiosk.wiring.vision import Weights


@dataclass(frozen=True, slots=True)
class Networks:
    """What looks at a frame. Built by any thread, then owned by the one that uses it.

    Attributes:
        finders: for the lane in a stream, and for whole frames of it.
        quality: measures how well a face is seen.
        attack: detects presentation attacks.
        extractor: makes templates.
    """

    finders: tuple[FaceFinder, FaceFinder]
    quality: QualityAssessor
    attack: AttackDetector
    extractor: TemplateExtractor

    def close(self) -> None:
        """Close the runtimes that nothing will use."""
        for finder in self.finders:
            finder.close()


def load_networks(loaded: Weights) -> Networks:
    """The networks of a verified pack.

    Raises:
        ModelError: a runtime cannot load a file.
    """
    from models.loading import attack_detector, extractor, face_finders, quality_assessor

    return Networks(
        finders=face_finders(loaded.pack, loaded.files),
        quality=quality_assessor(),
        attack=attack_detector(loaded.pack, loaded.files),
        extractor=extractor(loaded.pack, loaded.files),
    )


class EarlyNetworks:
    """Networks that are being loaded from now on. A context manager: at its end the thread is too.

    A thread that still loaded while Python ends would end inside a runtime, and abort the process.

    Args:
        loaded: the verified pack.
    """

    def __init__(self, loaded: Weights) -> None:
        self._loaded = loaded
        self._networks: Networks | None = None
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._load, name="loading")
        self._thread.start()

    def take(self) -> Networks:
        """The networks, once they are loaded; they are the caller's, who asks once.

        Raises:
            ModelError: a runtime cannot load a file.
        """
        self._thread.join()
        if self._error is not None:
            raise self._error
        networks, self._networks = self._networks, None
        if networks is None:
            raise RuntimeError("networks were taken twice")
        return networks

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._thread.join()
        if self._networks is not None:
            self._networks.close()

    def _load(self) -> None:
        try:
            self._networks = load_networks(self._loaded)
        except Exception as error:  # noqa: BLE001 - raised again by the thread that takes them
            self._error = error
