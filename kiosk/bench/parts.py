"""The parts of a benchmark. Each runs in its own process and returns plain numbers.

A part shares no loaded data with another, so its memory and its caches are its own.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from config.settings import Settings, load
from kiosk.bench.amounts import Amounts
from kiosk.bench.doors import DOORS, patient, unwired
from kiosk.bench.enrolling import DOOR, STATES, processor_ms
from kiosk.bench.fleet.fresh import fresh
from kiosk.bench.fleet.part import fleet
from kiosk.bench.fleet.running import running
from kiosk.bench.kiosk import BenchKiosk
from kiosk.bench.person import Walker
from kiosk.domain.access.machine import Admit, Effect, Event
from kiosk.domain.errors import BadInput
from kiosk.domain.prompts import View
from kiosk.domain.vision.template import SpaceId
from kiosk.door.subsystem import DoorListeners, DoorSubsystem
from kiosk.measure.synthetic import gallery, search_times
from kiosk.measure.timing import spread
from kiosk.measure.walks import RepeatedCamera, play, seconds_to_release
from kiosk.pipeline.clock import FollowedCamera, ReplayClock
from kiosk.pipeline.session import Session
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.store.open_home import OpenHome
from kiosk.wiring import doors
from kiosk.wiring.search import index_of
from kiosk.wiring.vision import Weights, gallery_feed, load_vision, verified_weights

STAGES = ("find", "quality", "attack", "match", "decide", "carry_out", "frame")
"""The stages in processing order. A frame includes all of them except those of the door thread."""
SHORT_HOLD_SECONDS = 1.0
"""The duration of grant and release between two walks; every measurement is before their end."""


@dataclass(frozen=True, slots=True)
class Bench:
    """The input of every part.

    Attributes:
        settings: settings of the measured kiosk.
        loaded: its model pack.
        home: the home in which the person is enrolled.
        person: the person who walks up.
        amounts: the amount of work.
        config: the settings file instead of the home's.
        store: the address below which a fleet's store is made; None for a folder of its own.
    """

    settings: Settings
    loaded: Weights
    home: Path
    person: Walker
    amounts: Amounts
    config: Path | None = None
    store: str | None = None


def bench_of(
    home: Path, config: Path | None, person: Walker, amounts: Amounts, store: str | None = None
) -> Bench:
    """The input of a part, loaded from its home.

    Raises:
        LintelError: settings or weights are unusable.
    """
    settings = unwired(load(home, config))
    loaded = verified_weights(settings, home)
    return Bench(settings, loaded, home, person, amounts, config, store)


def told(values: Sequence[float]) -> dict[str, float] | None:
    """A spread as JSON data; None for no values."""
    found = spread(values)
    if found is None:
        return None
    return {
        "median": round(found.median, 3),
        "p95": round(found.p95, 3),
        "count": found.count,
    }


def stages(bench: Bench) -> dict[str, Any]:
    """The duration of each stage, and the resulting frame rate without window and camera."""
    settings = hurried(bench.settings)
    walk = bench.person.walk(settings, bench.loaded)
    camera = RepeatedCamera([*walk.pictures, *walk.empty], walk.fps, bench.amounts.stage_walks)
    stopwatch, clock = Stopwatch(), ReplayClock()
    with OpenHome.open(bench.home) as open_home:
        people = gallery_feed(settings, bench.loaded.pack, open_home)
        events: list[Event] = []
        subsystem = DoorSubsystem(
            doors.door_parts(settings, open_home, doors.door(settings, clock), people.people),
            open_home.recorder,
            clock,
            DoorListeners(_nobody_looks, events.append, _nobody_looks, _nobody_looks),
        )
        steps: list[tuple[tuple[Effect, ...], View]] = []
        session = Session(people.policy, lambda *step: steps.append(step), _nobody_looks)

        walking, deciding = list[float](), list[float]()
        with closing(load_vision(settings, bench.loaded, people, stopwatch)) as vision:
            for cost in play(FollowedCamera(camera, clock), vision, session, stopwatch):
                walking += [cost.processor_ms] if cost.walking_up else []
                deciding += [cost.processor_ms] if _decides(steps) else []
                while steps:
                    with stopwatch.time("carry_out"):
                        subsystem.carry_out(*steps.pop(0))
                    while events:
                        session.handle(events.pop(0))
    taken = stopwatch.milliseconds()
    return {
        "stage_ms": {stage: told(taken.get(stage, ())) for stage in STAGES},
        "processor_ms": {"walk_up": _with_mean(walking), "deciding": _with_mean(deciding)},
        "frames_per_second": round(1000 * len(taken["frame"]) / sum(taken["frame"]), 1),
    }


def _decides(steps: Sequence[tuple[tuple[Effect, ...], View]]) -> bool:
    """True if a step of the frame recognised somebody."""
    return any(isinstance(effect, Admit) for effects, _ in steps for effect in effects)


def _with_mean(values: Sequence[float]) -> dict[str, float] | None:
    """A spread as JSON data, with the mean; the first frames, with cold caches, are among them."""
    found = told(values)
    return found and {"mean": round(statistics.fmean(values), 3), **found}


def enrolling(bench: Bench) -> dict[str, Any]:
    """The processor time of a frame at each stage of an enrolment, beside that at the door."""
    settings = hurried(bench.settings)
    walk = bench.person.walk(settings, bench.loaded)
    rounds = bench.amounts.stage_walks
    taken = processor_ms(settings, bench.loaded, bench.home, walk, rounds)
    return {"enrolling_ms": {stage: _with_mean(taken.get(stage, ())) for stage in (DOOR, *STATES)}}


def speed(bench: Bench, *, window: bool) -> dict[str, Any]:
    """The frame rates of vision, preview and camera of a complete kiosk, as somebody walks up."""
    walk = bench.person.walk(bench.settings, bench.loaded)
    pictures = [*walk.empty, *walk.pictures]
    offered = float(bench.settings.camera.fps)
    times = max(1, round(bench.amounts.speed_seconds * offered / len(pictures)))

    def camera() -> RepeatedCamera:
        return RepeatedCamera(pictures, offered, times)

    settings = hurried(bench.settings)
    lived = BenchKiosk(settings, bench.loaded, bench.home, camera).run(window=window)
    rate = lived.witness.frames_per_second(walking_up=True) if lived.witness else None
    shown = lived.preview.frames_per_second()
    return {"frames_per_second": _rounded(rate), "shown": _rounded(shown), "offered": offered}


def walks(bench: Bench) -> dict[str, Any]:
    """The time to the release of the door, for walks in real time with the window."""
    walk, times = bench.person.walk(bench.settings, bench.loaded), bench.amounts.walks
    pictures = [*walk.empty, *walk.pictures]

    def camera() -> RepeatedCamera:
        return RepeatedCamera(pictures, walk.fps, times)

    lived = BenchKiosk(hurried(bench.settings), bench.loaded, bench.home, camera).run(window=True)
    releases = [o.release_ms for o in lived.outcomes if o.release_ms is not None]
    arrivals = lived.witness.arrivals() if lived.witness else ()
    return {
        "walks": times,
        "releases": len(releases),
        "refusals": [o.decision.reason.value for o in lived.outcomes if not o.released],
        "capture_to_release_ms": told(releases),
        "first_face_to_release_seconds": told(seconds_to_release(arrivals, lived.outcomes)),
    }


def preview(bench: Bench, *, door: str) -> dict[str, Any]:
    """The frame rate of the preview, for people who walk up to a kiosk with the given door.

    The room is empty first: with a dead door, no person is seen a second time.
    """
    walk = bench.person.walk(bench.settings, bench.loaded)
    pictures = [*walk.empty * bench.amounts.empty_rooms, *walk.pictures]

    def camera() -> RepeatedCamera:
        return RepeatedCamera(pictures, walk.fps, bench.amounts.door_walks)

    settings = patient(hurried(bench.settings))
    kiosk = BenchKiosk(settings, bench.loaded, bench.home, camera, DOORS[door])
    lived = kiosk.run(window=True)
    vision = lived.witness.frames_per_second() if lived.witness else None
    return {
        "preview": _rounded(lived.preview.frames_per_second()),
        "vision": _rounded(vision),
        "releases": sum(outcome.released for outcome in lived.outcomes),
    }


def search(bench: Bench) -> dict[str, Any]:
    """The duration of an exact 1:N search; the process was started with one thread.

    The search is the kiosk's own. Where that uses an index, every reference is compared as well,
    in turn with it.
    """
    embedding = bench.loaded.pack.file("embedding")
    space = SpaceId(bench.loaded.pack.space)
    found: dict[str, dict[str, Any]] = {"search_ms": {}, "search_each_ms": {}}
    for size in bench.amounts.galleries:
        taken = search_times(
            gallery(size, embedding.dimensions, space), bench.amounts.searches, index_of
        )
        found["search_ms"][str(size)] = told(taken.kiosk)
        if taken.each:
            found["search_each_ms"][str(size)] = told(taken.each)
    return found


PARTS: Mapping[str, Callable[[Bench], dict[str, Any]]] = {
    "stages": stages,
    "enrolling": enrolling,
    "speed": partial(speed, window=False),
    "speed-window": partial(speed, window=True),
    "walks": walks,
    **{f"preview-{door}-door": partial(preview, door=door) for door in DOORS},
    "search": search,
}
"""The parts of a complete benchmark."""

ALONE: Mapping[str, Callable[[Bench], dict[str, Any]]] = {
    "fleet": fleet,
    "fleet-fresh": fresh,
    "fleet-running": running,
}
"""The parts that are measured only by themselves; the last two are the kiosks of `fleet`."""


def part_of(name: str) -> Callable[[Bench], dict[str, Any]]:
    """The part of that name.

    Raises:
        BadInput: there is none.
    """
    there = {**PARTS, **ALONE}
    if name not in there:
        raise BadInput(f"There is no part '{name}'.", f"Parts are {', '.join(there)}.")
    return there[name]


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 1)


def hurried(settings: Settings) -> Settings:
    """The settings with a short grant and release, so that each lets in one person only."""
    access = settings.access.model_copy(update={"granted_hold_seconds": SHORT_HOLD_SECONDS})
    door = settings.door.model_copy(update={"release_seconds": SHORT_HOLD_SECONDS})
    return settings.model_copy(update={"access": access, "door": door})


def _nobody_looks(_said: object) -> None:
    """Ignore the value: there is no screen and no listener."""
