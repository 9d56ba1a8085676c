"""People who walk up again and again, and a witness who writes down when each of them came."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from itertools import pairwise

from kiosk.domain.access.machine import Event, Observed
from kiosk.domain.errors import CameraLost, EndOfSource
from kiosk.domain.ports import Camera
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from kiosk.door.effect_runner import DecisionOutcome
from kiosk.measure.watching import frames_of
from kiosk.pipeline.loops import Observer
from kiosk.pipeline.stopwatch import Stopwatch

WARM_UP_SECONDS = 1.0
"""The first frames find caches cold; they are not counted."""


class RepeatedCamera:
    """Plays the same pictures several times; `captured_at` goes on from one time to the next.

    Args:
        pictures: held in memory, so that making them costs nothing while time is taken.
        fps: frames a second.
        times: how often they are played.
    """

    def __init__(self, pictures: Sequence[Pixels], fps: float, times: int) -> None:
        self._pictures = pictures
        self._fps = fps
        self._count = len(pictures) * times
        self._index = 0
        self._closed = False

    def read(self, timeout: float) -> Frame:  # noqa: ARG002 - memory keeps nobody waiting
        """The next frame.

        Raises:
            EndOfSource: it was played so often.
            CameraLost: the camera was closed.
        """
        if self._closed:
            raise CameraLost("The repeated camera was closed.")
        index = self._index
        if index >= self._count:
            raise EndOfSource("repeated")
        self._index += 1
        pixels = self._pictures[index % len(self._pictures)]
        return Frame(pixels, Instant(index / self._fps), index)

    def close(self) -> None:
        """Nothing is held; may be called twice."""
        self._closed = True


class Witness:
    """An observer that hands on what another saw, and remembers when.

    Args:
        observer: who really looks.
        absence_seconds: a lane that was empty for so long belongs to whoever comes next.
        now: real monotonic seconds.
    """

    def __init__(
        self,
        observer: Observer,
        absence_seconds: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._observer = observer
        self._absence_seconds = absence_seconds
        self._now = now
        self._lock = threading.Lock()
        self._occupied_at = float("-inf")
        self._arrivals: list[float] = []
        self._done: list[float] = []

    def observe(self, frame: Frame) -> Observed:
        """As the other observer's own."""
        observed = self._observer.observe(frame)
        with self._lock:
            self._done.append(self._now())
            if observed.probes:
                self._arrive(observed.at)
        return observed

    def close(self) -> None:
        """As the other observer's own."""
        self._observer.close()

    def arrivals(self) -> tuple[float, ...]:
        """When the first frame with a face in the lane was captured, each time somebody came."""
        with self._lock:
            return tuple(self._arrivals)

    def frames_per_second(self) -> float | None:
        """How many frames were looked at a second, once warm; None of too few."""
        with self._lock:
            warm = [at for at in self._done if at - self._done[0] >= WARM_UP_SECONDS]
        return (len(warm) - 1) / (warm[-1] - warm[0]) if len(warm) > 1 else None

    def _arrive(self, at: Instant) -> None:
        if at - self._occupied_at >= self._absence_seconds:
            self._arrivals.append(at)
        self._occupied_at = at


def seconds_to_release(
    arrivals: Sequence[float], outcomes: Sequence[DecisionOutcome]
) -> list[float]:
    """From the first frame with a face in the lane to the door's acknowledgement, for each release.

    Args:
        arrivals: rising; see `Witness.arrivals`.
        outcomes: in order; those without a release are passed over.
    """
    released = [(o.decision.at, o.release_ms) for o in outcomes if o.release_ms is not None]
    waits: list[float] = []
    for came, next_came in pairwise([*arrivals, float("inf")]):
        own = [at + ms / 1000 - came for at, ms in released if came <= at < next_came]
        waits += own[:1]
    return waits


def play(
    camera: Camera,
    observer: Observer,
    decide: Callable[[Event], None],
    carry_out: Callable[[], None],
    stopwatch: Stopwatch,
) -> None:
    """Every frame as fast as it goes; times each whole ``frame``, and ``decide`` in it.

    The camera's own work is not counted, nor is what was decided: that has a thread of its own.
    """
    for frame in frames_of(camera):
        with stopwatch.time("frame"):
            observed = observer.observe(frame)
            with stopwatch.time("decide"):
                decide(observed)
        carry_out()
