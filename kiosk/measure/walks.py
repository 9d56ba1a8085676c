"""Repeated walks of people to a kiosk, and a witness that records when each of them arrived."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from kiosk.domain.access.machine import Event, Observed
from kiosk.domain.errors import CameraLost, EndOfSource
from kiosk.domain.ports import Camera
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from kiosk.door.effect_runner import DecisionOutcome
from kiosk.measure.watching import frames_of
from kiosk.pipeline.loops import Observer
from kiosk.pipeline.stopwatch import Stopwatch

WARM_UP_SECONDS = 1.0
"""The first frames find cold caches; they are not counted."""


class RepeatedCamera:
    """A camera that plays the same pictures several times; `captured_at` continues to rise.

    Args:
        pictures: held in memory, so that making them takes no measured time.
        fps: frames a second.
        times: how often they are played.
    """

    def __init__(self, pictures: Sequence[Pixels], fps: float, times: int) -> None:
        self._pictures = pictures
        self._fps = fps
        self._count = len(pictures) * times
        self._index = 0
        self._closed = False

    def read(self, timeout: float) -> Frame:  # noqa: ARG002 - a picture in memory needs no wait
        """The next frame.

        Raises:
            EndOfSource: all repetitions were played.
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
        """Close the camera; nothing is held, and it may be called twice."""
        self._closed = True


class Witness:
    """An observer that forwards another observer's results and records their times.

    Args:
        observer: the real observer.
        absence_seconds: after the lane was empty for this long, the next face is a new arrival.
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
        self._done: list[tuple[float, bool]] = []

    def observe(self, frame: Frame, *, measured: bool = True) -> Observed:
        """The other observer's result."""
        observed = self._observer.observe(frame, measured=measured)
        with self._lock:
            self._done.append((self._now(), measured and bool(observed.probes)))
            if observed.probes:
                self._arrive(observed.at)
        return observed

    def may_decide(self, at: Instant) -> bool:
        """The other observer's opinion."""
        return self._observer.may_decide(at)

    def answers(self, now: Instant) -> Sequence[Event]:
        """The other observer's late answers."""
        return self._observer.answers(now)

    def close(self) -> None:
        """Close the other observer."""
        self._observer.close()

    def arrivals(self) -> tuple[float, ...]:
        """The capture time of the first frame with a face in the lane, for each arrival."""
        with self._lock:
            return tuple(self._arrivals)

    def looked_at(self) -> tuple[float, ...]:
        """When each frame was done with, in monotonic seconds."""
        with self._lock:
            return tuple(at for at, _ in self._done)

    def frames_per_second(self, *, walking_up: bool = False) -> float | None:
        """The processed frames per second after the warm-up; None if there are too few.

        Args:
            walking_up: True to count only between frames of a face that might be decided on. Frames
                of an empty lane, and those in which only faces are found, take less.
        """
        with self._lock:
            warm = [each for each in self._done if each[0] - self._done[0][0] >= WARM_UP_SECONDS]
        took = [
            after - before
            for (before, was), (after, is_) in pairwise(warm)
            if (was and is_) or not walking_up
        ]
        return len(took) / sum(took) if took else None

    def _arrive(self, at: Instant) -> None:
        if at - self._occupied_at >= self._absence_seconds:
            self._arrivals.append(at)
        self._occupied_at = at


class Decides(Protocol):
    """What a `Session` does with frames."""

    def gathers(self, at: Instant) -> bool:
        """True if a frame captured then may become evidence."""
        ...

    def handle(self, event: Event) -> None:
        """Process one event."""
        ...


def seconds_to_release(
    arrivals: Sequence[float], outcomes: Sequence[DecisionOutcome]
) -> list[float]:
    """Seconds from the first frame with a face in the lane to the acknowledgement of each release.

    Args:
        arrivals: rising; see `Witness.arrivals`.
        outcomes: in order; those without a release are ignored.
    """
    released = [(o.decision.at, o.release_ms) for o in outcomes if o.release_ms is not None]
    waits: list[float] = []
    for came, next_came in pairwise([*arrivals, float("inf")]):
        own = [at + ms / 1000 - came for at, ms in released if came <= at < next_came]
        waits += own[:1]
    return waits


@dataclass(frozen=True, slots=True)
class FrameCost:
    """What one frame took.

    Attributes:
        processor_ms: processor time of the whole process, a runtime's own threads included.
        walking_up: true if a face was there and might still be decided on.
    """

    processor_ms: float
    walking_up: bool


def play(
    camera: Camera, observer: Observer, session: Decides, stopwatch: Stopwatch
) -> Iterator[FrameCost]:
    """Process every frame at full speed; time each whole ``frame``, and ``decide`` within it.

    The camera's own work is not counted. Neither is what the caller does between two frames:
    effects run in a separate thread in a real kiosk.
    """
    for frame in frames_of(camera):
        began = time.process_time()
        with stopwatch.time("frame"):
            measured = session.gathers(frame.captured_at)
            observed = observer.observe(frame, measured=measured)
            with stopwatch.time("decide"):
                session.handle(observed)
        taken = (time.process_time() - began) * 1000
        yield FrameCost(taken, walking_up=measured and bool(observed.probes))
