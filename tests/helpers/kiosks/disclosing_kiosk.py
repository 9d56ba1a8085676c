"""The real `kiosk` command; after a recording it tells which templates it made, and waits.

They are told with their bits turned over, so that what is told is no copy of them. The process then
goes on with nothing, and holds what it still holds, for a test to look through.
"""

from __future__ import annotations

import signal
import sys

import numpy as np

from kiosk.app.console import print_json
from kiosk.cli import app
from kiosk.domain.ports import TemplateExtractor
from kiosk.domain.vision.face import Face
from kiosk.domain.vision.frame import Frame
from kiosk.domain.vision.template import SpaceId, Template
from kiosk.pipeline.replay import Replay
from models import loading

MASK = np.uint32(0xA5C35A3C)
_made: list[str] = []
_load, _run = loading.extractor, Replay.run


class _Disclosing:
    """An extractor that notes what it made."""

    def __init__(self, real: TemplateExtractor) -> None:
        self._real = real

    @property
    def space(self) -> SpaceId:
        return self._real.space

    def extract(self, frame: Frame, face: Face) -> Template:
        template = self._real.extract(frame, face)
        _made.append((template.vector.view(np.uint32) ^ MASK).tobytes().hex())
        return template


def _wait(replay: Replay) -> None:
    _run(replay)
    print_json({"event": "waits", "templates": _made})
    signal.pause()


if __name__ == "__main__":
    loading.extractor = lambda pack, files: _Disclosing(_load(pack, files))
    Replay.run = _wait  # type: ignore[method-assign] # the same, and then it waits
    app(sys.argv[1:], prog_name="kiosk")
