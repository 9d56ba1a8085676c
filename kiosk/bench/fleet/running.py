"""A kiosk that looks at frames in real time while its fleet changes."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from config.settings import Settings
from kiosk.bench.fleet.office import polling_each_second
from kiosk.bench.kiosk import BenchKiosk
from kiosk.domain.errors import EndOfSource
from kiosk.domain.vision.frame import Frame
from kiosk.fleet.polling import PollingWatch
from kiosk.fleet.reporting.counting import DoorCounts
from kiosk.measure.walks import RepeatedCamera
from kiosk.pipeline.gallery.feed import GalleryFeed
from kiosk.pipeline.memory import peak_rss_mb
from kiosk.store.open_home import OpenHome
from kiosk.wiring.fleet import kept_up_to_date

if TYPE_CHECKING:
    from kiosk.bench.parts import Bench

LOOK_SECONDS = 0.05
MOST_WALKS = 1_000
KNOWN = "known"
"""The line that is told whenever the running kiosk knows other people than before."""


class EndedCamera(RepeatedCamera):
    """A camera that plays the same pictures until it is told to end."""

    ended = threading.Event()

    def read(self, timeout: float) -> Frame:
        """The next frame.

        Raises:
            EndOfSource: it was told to end.
            CameraLost: the camera was closed.
        """
        if self.ended.is_set():
            raise EndOfSource("ended")
        return super().read(timeout)


def running(bench: Bench) -> dict[str, Any]:
    """When each frame was looked at, until standard input ends.

    A line is printed whenever the kiosk knows other people than before.
    """
    settings = polling_each_second(bench.settings)
    walk = bench.person.walk(settings, bench.loaded)
    pictures = [*walk.empty, *walk.pictures]
    threading.Thread(target=_wait_for_end, daemon=True).start()
    peaks = list[tuple[float, float]]()
    kiosk = BenchKiosk(
        settings,
        bench.loaded,
        bench.home,
        lambda: EndedCamera(pictures, walk.fps, MOST_WALKS),
        beside=lambda home, people, look: _syncing(settings, home, people, peaks, look),
    )
    lived = kiosk.run(window=True)
    frames = lived.witness.looked_at() if lived.witness else ()
    return {"offered": walk.fps, "frames": [round(at, 4) for at in frames], "peaks": peaks}


@contextmanager
def _syncing(
    settings: Settings,
    open_home: OpenHome,
    people: GalleryFeed,
    peaks: list[tuple[float, float]],
    look: Callable[[], None],
) -> Iterator[None]:
    """Sync meanwhile; tell at first, and whenever other people are known.

    Args:
        settings: of the kiosk.
        open_home: its home.
        people: whom it knows.
        peaks: receives the time and the peak of memory, in MB, at each look.
        look: has the kiosk look whether other people are enrolled.
    """
    over = threading.Event()

    def watch() -> None:
        known = None
        while not over.wait(LOOK_SECONDS):
            peaks.append((round(time.monotonic(), 2), round(peak_rss_mb(), 1)))
            if people.gallery() is not known:
                known = people.gallery()
                said = {"at": time.monotonic(), "people": len(known.subjects)}
                print(json.dumps({"event": KNOWN, **said}), flush=True)

    watching = threading.Thread(target=watch, daemon=True)
    counts = DoorCounts(time.monotonic)
    open_home.recorder.subscribe(counts.hear)
    with kept_up_to_date(open_home, settings, counts, PollingWatch(applied=look)):
        watching.start()
        yield
        over.set()
        watching.join()


def _wait_for_end() -> None:
    sys.stdin.read()
    EndedCamera.ended.set()
