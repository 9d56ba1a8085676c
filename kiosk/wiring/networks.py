"""The networks of a pack, verified and loaded by a thread while the main one imports Qt.

Reading files and building networks leave Python's lock to others, so the two take little more time
than the longer of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
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

    Nothing is loaded that was not verified before.

    A thread that still loaded while Python ends would end inside a runtime, and abort the process.

    Args:
        verify: verifies the pack.
    """

    def __init__(self, verify: Callable[[], Weights]) -> None:
        self._verify = verify
        self._verified = threading.Event()
        self._weights: Weights | None = None
        self._networks: Networks | None = None
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._load, name="loading")
        self._thread.start()

    def weights(self) -> Weights:
        """The verified pack, as soon as it is; its networks may still be loading.

        Raises:
            ModelError: the pack is unknown, or a file is missing or altered.
        """
        self._verified.wait()
        if self._weights is None:
            raise self._error or RuntimeError("no pack was verified")
        return self._weights

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
            self._weights = self._verify()
            self._verified.set()
            self._networks = load_networks(self._weights)
        except Exception as error:  # noqa: BLE001 - raised again by the thread that asks
            self._error = error
        finally:
            self._verified.set()
