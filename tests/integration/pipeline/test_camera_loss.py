"""A network camera that stalls, freezes, goes black and is unplugged: noticed, and got back.

Issue 2, cameras: noticed within 2 s, recovered within 5 s of coming back.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from mjpeg_camera import MjpegCamera

from hardware.camera.opening import open_camera
from hardware.camera.source import parse
from kiosk.domain.access.machine import Event, Faulted, Recovered
from kiosk.domain.vision.frame import Frame
from kiosk.pipeline.capture import Capture, CaptureRules
from kiosk.pipeline.clock import SystemClock
from kiosk.pipeline.slot import LatestSlot

RULES = CaptureRules(stall_seconds=0.8, frozen_seconds=0.8, black_seconds=0.8, reopen_seconds=0.5)
NOTICED, BACK = 15.0, 30.0


@dataclass
class Watched:
    """A capture loop on a network camera."""

    network: MjpegCamera
    events: queue.SimpleQueue[Event] = field(default_factory=queue.SimpleQueue)
    slot: LatestSlot[Frame] = field(default_factory=LatestSlot)
    deaths: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        source = parse(self.network.url)
        self.capture = Capture(
            SystemClock(),
            self.deaths.append,
            open_camera=lambda: open_camera(source),
            slots=[self.slot],
            report=self.events.put,
            ended=lambda error: self.deaths.append(f"ended: {error}"),
            rules=RULES,
        )

    def sees(self) -> bool:
        return self.slot.take(10.0) is not None


@pytest.fixture
def watched() -> Iterator[Watched]:
    with MjpegCamera() as network:
        one = Watched(network)
        one.capture.start()
        assert one.sees()
        yield one
        one.capture.ask_to_stop()
        assert one.capture.join(10.0)
        assert one.deaths == []


@pytest.mark.parametrize(
    ("trouble", "cure", "words"),
    [
        (MjpegCamera.stall, MjpegCamera.flow, "delivers no frames"),
        (MjpegCamera.freeze, MjpegCamera.flow, "not changed"),
        (MjpegCamera.go_black, MjpegCamera.flow, "black"),
        (MjpegCamera.go_away, MjpegCamera.come_back, "stopped"),
    ],
    ids=["stalled", "frozen", "black", "unplugged"],
)
def test_a_loss_is_noticed_and_got_over(
    watched: Watched, trouble: object, cure: object, words: str
) -> None:
    assert callable(trouble)
    assert callable(cure)
    trouble(watched.network)
    fault = watched.events.get(timeout=NOTICED)
    assert isinstance(fault, Faulted)
    assert words in fault.detail
    time.sleep(0.2)
    cure(watched.network)
    assert isinstance(watched.events.get(timeout=BACK), Recovered)
    assert watched.sees()
    assert watched.events.empty()


def test_a_camera_that_stays_away_costs_nothing_and_is_reported_once(watched: Watched) -> None:
    watched.network.go_away()
    assert isinstance(watched.events.get(timeout=NOTICED), Faulted)
    spent, began = time.process_time(), time.monotonic()
    time.sleep(0.3)
    assert time.process_time() - spent < 0.5 * (time.monotonic() - began)
    assert watched.events.empty()


def test_stopping_while_the_camera_is_stalled(watched: Watched) -> None:
    watched.network.stall()
    watched.capture.ask_to_stop()
    assert watched.capture.join(10.0)
