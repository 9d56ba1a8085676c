from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from hand_clock import HandClock
from scripted_camera import END, ScriptedCamera, black, frames, noise

from kiosk.domain.access.machine import Event, Faulted, Part, Recovered
from kiosk.domain.errors import BadInput, CameraLost, ImageError, SourceError
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.pipeline.capture import Capture, CaptureRules
from kiosk.pipeline.slot import Closed, LatestSlot

PATIENCE = 10.0
LIVE = CaptureRules(1.5, 1.5, 1.0, reopen_seconds=0.01)
REPLAY = CaptureRules(1.5, 1.5, 1.0, reopen_seconds=0.01, endless=False)
GONE = CameraLost("The camera device:0 stopped.", "Plug it in.")


@dataclass
class Bench:
    """A capture loop with everything around it in a test's hands."""

    steps: list[ScriptedCamera | Exception]
    rules: CaptureRules = LIVE
    clock: HandClock = field(default_factory=HandClock)
    events: queue.SimpleQueue[Event] = field(default_factory=queue.SimpleQueue)
    ends: queue.SimpleQueue[BadInput | None] = field(default_factory=queue.SimpleQueue)
    deaths: list[str] = field(default_factory=list)
    slot: LatestSlot[Frame] = field(default_factory=lambda: LatestSlot(patience=None))
    opened: int = 0

    def __post_init__(self) -> None:
        self.capture = Capture(
            self.clock,
            self.deaths.append,
            open_camera=self.open,
            slots=[self.slot],
            report=self.events.put,
            ended=self.ends.put,
            rules=self.rules,
        )

    def open(self) -> ScriptedCamera:
        self.opened += 1
        step = self.steps.pop(0) if self.steps else GONE
        if isinstance(step, Exception):
            raise step
        return step

    def event(self) -> Event:
        return self.events.get(timeout=PATIENCE)

    def taken(self, count: int) -> list[int]:
        """Indices of the next frames that were handed on."""
        found = [self.slot.take(PATIENCE) for _ in range(count)]
        return [frame.index for frame in found if frame is not None]


@pytest.fixture
def bench() -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(*steps: ScriptedCamera | Exception, rules: CaptureRules = LIVE) -> Bench:
        made.append(Bench(list(steps), rules))
        made[-1].capture.start()
        return made[-1]

    yield make
    for one in made:
        one.slot.close()
        one.capture.ask_to_stop()
        assert one.capture.join(PATIENCE)
        assert one.deaths == []


def lively(count: int, start: float = 0.0, seed: int = 0) -> list[Frame]:
    return frames((noise(seed + i) for i in range(count)), start)


def test_every_frame_is_handed_on(bench: Callable[..., Bench]) -> None:
    one = bench(ScriptedCamera(*lively(5)))
    assert one.taken(5) == [0, 1, 2, 3, 4]
    assert one.events.empty()
    assert one.capture.frames == 5


def test_the_first_frame_has_more_time_than_the_others(bench: Callable[..., Bench]) -> None:
    camera = ScriptedCamera(*lively(2))
    bench(camera).taken(2)
    assert camera.waiting.wait(PATIENCE)
    assert camera.timeouts == [LIVE.open_seconds, LIVE.stall_seconds, LIVE.stall_seconds]


def test_an_unplugged_camera_is_reported_let_go_and_opened_again(
    bench: Callable[..., Bench],
) -> None:
    first = ScriptedCamera(*lively(2), GONE)
    second = ScriptedCamera(*lively(3, seed=50))
    one = bench(first, GONE, GONE, second)
    assert one.taken(2) == [0, 1]
    assert one.event() == Faulted(one.clock.monotonic(), Part.CAMERA, GONE.problem)
    assert one.event() == Recovered(Instant(0.1), Part.CAMERA)
    assert first.closed
    assert one.opened == 4
    assert one.events.empty()


def test_a_camera_that_is_absent_from_the_start_is_reported_once(
    bench: Callable[..., Bench],
) -> None:
    one = bench(*[GONE] * 5, ScriptedCamera(*lively(3)))
    assert isinstance(one.event(), Faulted)
    assert isinstance(one.event(), Recovered)
    assert one.taken(2) == [1, 2]


def test_frames_of_a_camera_under_suspicion_are_not_handed_on(bench: Callable[..., Bench]) -> None:
    """After a loss the first frame proves nothing: it may be the last picture of a dead camera."""
    one = bench(GONE, ScriptedCamera(*lively(3)))
    assert one.taken(2) == [1, 2]


@pytest.mark.parametrize(
    ("pictures", "word"),
    [([noise(1)] * 16, "changed"), ([black(i) for i in range(11)], "black")],
    ids=["frozen", "black"],
)
def test_a_camera_that_shows_nothing_is_lost_and_opened_again(
    bench: Callable[..., Bench], pictures: list[object], word: str
) -> None:
    first = ScriptedCamera(*frames(pictures))  # type: ignore[arg-type] - pictures of a parameter
    one = bench(first, ScriptedCamera(*lively(2, start=9.0)))
    one.taken(len(pictures) - 1)
    fault = one.event()
    assert isinstance(fault, Faulted)
    assert word in fault.detail
    assert fault.at == pytest.approx((len(pictures) - 1) / 10)
    assert isinstance(one.event(), Recovered)
    assert first.closed


def test_a_camera_that_comes_back_still_frozen_has_not_recovered(
    bench: Callable[..., Bench],
) -> None:
    frozen = [ScriptedCamera(*frames([noise(1)] * 16)) for _ in range(3)]
    one = bench(*frozen, ScriptedCamera(*lively(2)))
    one.taken(15)
    assert isinstance(one.event(), Faulted)
    assert isinstance(one.event(), Recovered)
    assert one.opened == 4
    assert one.events.empty()


def test_the_end_of_a_replay_ends_the_loop_after_its_last_frame(
    bench: Callable[..., Bench],
) -> None:
    camera = ScriptedCamera(*lively(3), END)
    one = bench(camera, rules=REPLAY)
    assert one.taken(3) == [0, 1, 2]
    assert one.ends.get(timeout=PATIENCE) is None
    assert one.capture.join(PATIENCE)
    assert camera.closed
    with pytest.raises(Closed):
        one.slot.take(0)
    assert one.events.empty()


def test_a_picture_that_cannot_be_read_ends_a_replay_with_its_error(
    bench: Callable[..., Bench],
) -> None:
    error = ImageError("The picture 7.jpg cannot be read.")
    one = bench(ScriptedCamera(*lively(1), error), rules=REPLAY)
    one.taken(1)
    assert one.ends.get(timeout=PATIENCE) is error


def test_a_source_that_cannot_be_opened_ends_with_its_error(bench: Callable[..., Bench]) -> None:
    error = SourceError("No such thing.")
    assert bench(error).ends.get(timeout=PATIENCE) is error


def test_a_frozen_replay_is_a_fault_but_plays_on(bench: Callable[..., Bench]) -> None:
    pictures = [noise(1)] * 20 + [noise(2), noise(3)]
    one = bench(ScriptedCamera(*frames(pictures), END), rules=REPLAY)
    assert one.taken(17) == [*range(15), 20, 21]
    assert isinstance(one.event(), Faulted)
    assert isinstance(one.event(), Recovered)
    assert one.ends.get(timeout=PATIENCE) is None
    assert one.opened == 1


def test_a_replay_with_a_silence_goes_on_where_it_was(bench: Callable[..., Bench]) -> None:
    script = [*lively(2), GONE, *lively(3, start=5.0, seed=9), END]
    one = bench(ScriptedCamera(*script), rules=REPLAY)
    assert one.taken(4) == [0, 1, 1, 2]
    assert isinstance(one.event(), Faulted)
    assert isinstance(one.event(), Recovered)
    assert one.opened == 1


def test_stopping_ends_a_read_that_waits_and_reports_nothing(bench: Callable[..., Bench]) -> None:
    camera = ScriptedCamera()
    one = bench(camera)
    assert camera.waiting.wait(PATIENCE)
    one.capture.ask_to_stop()
    assert one.capture.join(PATIENCE)
    assert camera.closed
    assert one.events.empty()
    assert one.ends.empty()


def test_stopping_ends_a_long_pause() -> None:
    one = Bench([GONE], CaptureRules(1.5, 1.5, 1.0, reopen_seconds=3600.0))
    one.capture.start()
    assert isinstance(one.event(), Faulted)
    one.capture.ask_to_stop()
    assert one.capture.join(PATIENCE)


def test_stopping_while_the_camera_is_being_opened_lets_it_go() -> None:
    camera, opening, go_on = ScriptedCamera(), threading.Event(), threading.Event()
    one = Bench([])

    def open_slowly() -> ScriptedCamera:
        opening.set()
        go_on.wait(PATIENCE)
        return camera

    one.capture._open_camera = open_slowly
    one.capture.start()
    assert opening.wait(PATIENCE)
    one.capture.ask_to_stop()
    go_on.set()
    assert one.capture.join(PATIENCE)
    assert camera.closed


def test_a_closed_slot_ends_the_loop(bench: Callable[..., Bench]) -> None:
    camera = ScriptedCamera(*lively(50))
    one = bench(camera)
    one.taken(1)
    one.slot.close()
    assert one.capture.join(PATIENCE)
    assert camera.closed


def test_the_heart_beats_with_the_clock(bench: Callable[..., Bench]) -> None:
    camera = ScriptedCamera(*lively(2))
    one = bench(camera)
    one.clock.pass_(7.0)
    one.taken(2)
    assert camera.waiting.wait(PATIENCE)
    assert one.capture.beat_at == 107.0


def test_the_heart_beats_through_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.pipeline.capture.BEAT_SECONDS", 0.01)
    one = Bench([GONE], CaptureRules(1.5, 1.5, 1.0, reopen_seconds=3600.0))
    beats = threading.Semaphore(0)
    one.capture.beat = beats.release  # type: ignore[method-assign] - counted, not done
    one.capture.start()
    assert all(beats.acquire(timeout=PATIENCE) for _ in range(5))
    one.capture.ask_to_stop()
    assert one.capture.join(PATIENCE)


def test_a_foreign_error_is_a_death_that_is_told() -> None:
    one = Bench([RuntimeError("boom")])
    one.capture.start()
    assert one.capture.join(PATIENCE)
    assert one.deaths == ["capture ended by RuntimeError"]
