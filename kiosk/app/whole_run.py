"""A whole run of the kiosk: what is opened for it, and its beginning and end in the journal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from enum import Enum
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from config.settings import Settings
from hardware.camera import source as sources
from kiosk.app.console import print_error
from kiosk.app.output import REPLAY_PATIENCE_SECONDS, StandardStreams
from kiosk.app.reporter import Reporter
from kiosk.app.running import Run
from kiosk.app.signals import Signals
from kiosk.diagnostics.anchor import kept_outside
from kiosk.domain.errors import (
    JournalTampered,
    JournalUnwritable,
    LibraryMissing,
    LintelError,
    OutOfServiceError,
    StoreCorrupt,
)
from kiosk.door.effect_runner import DecisionOutcome, Happened
from kiosk.fleet.polling import PollingWatch
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.registry import SCHEMA
from kiosk.journal.events.running import Started, Stopped
from kiosk.people.elsewhere.port import Elsewhere
from kiosk.store.home import Home
from kiosk.store.instance_lock import instance_lock
from kiosk.store.open_home import OpenHome
from kiosk.wiring.networks import EarlyNetworks
from kiosk.wiring.retention import daily_retention
from kiosk.wiring.speech_log import SpeechLog, speech_log_of
from kiosk.wiring.vision import Weights, verified_weights

if TYPE_CHECKING:
    from kiosk.wiring.rollout.restarting import RestartWatch
    from kiosk.wiring.rollout.settings import SettingsStart


class Mode(Enum):
    """How a kiosk runs."""

    WINDOWED = "windowed"
    """With its window."""
    LIVE = "live"
    """Without a window, in real time."""
    REPLAY = "replay"
    """Without a window; every frame of a recording, at full speed."""


def mode_of(camera: sources.Source, *, headless: bool, realtime: bool) -> Mode:
    """The mode that the options of `kiosk run` mean."""
    if not headless:
        return Mode.WINDOWED
    return Mode.REPLAY if not realtime and isinstance(camera, sources.Replay) else Mode.LIVE


def run_kiosk(
    home: Path,
    start: SettingsStart,
    camera: sources.Source,
    mode: Mode,
    *,
    json: bool,
    speech_log: Path | None = None,
) -> None:
    """Run a kiosk until its recording ends, its window is closed, or a signal arrives.

    Args:
        home: the kiosk's home; created if it is missing.
        start: the settings with which it starts.
        camera: the camera source.
        mode: how it runs.
        json: True to report what happens as JSON lines.
        speech_log: a file for what a listener would hear of a replay; None for none.

    Raises:
        ModelError: a model is missing or altered.
        Refused: another kiosk runs on this home.
        LintelError: the run did not end in order; that is recorded.
    """
    settings = start.settings
    heard = None if speech_log is None else speech_log_of(settings, speech_log)
    output = StandardStreams(REPLAY_PATIENCE_SECONDS if mode is Mode.REPLAY else 0.0)
    start.give_back = output.give_back
    with EarlyNetworks(partial(verified_weights, settings, home)) as early:
        if mode is Mode.WINDOWED:
            _import_screen()
        loaded = early.weights()
        with (
            _opened(home) as open_home,
            instance_lock(open_home.home),
            kept_outside(settings, open_home),
        ):
            pack = loaded.pack
            open_home.recorder.note(Started(str(camera), pack.name, SCHEMA, pack.engine))
            reporter = Reporter(json=json)
            reporter.heard = lambda: not output.lost
            watch = _watch(start, open_home, mode)
            with Signals() as signals, _ended_noted(open_home, output) as leave:
                run = Run(settings, loaded, open_home, camera, reporter, signals, leave, early.take)
                if watch is not None:
                    run.saw, run.enrols = watch.saw, watch.enrols
                with (
                    _in_the_cloud(settings, open_home, loaded, mode, reporter) as run.elsewhere,
                    _in_time(settings, open_home, mode, reporter, run.fleet, watch),
                ):
                    _go(run, mode, heard)
                if mode is Mode.REPLAY:
                    output.require()


def _opened(home: Path) -> OpenHome:
    """A home; where its database is damaged and a fleet has its people, with an empty one."""
    try:
        return OpenHome.open(home)
    except StoreCorrupt as error:
        if not Home(home).fleet.exists():
            raise
        from kiosk.wiring.fleet import begun_anew

        print_error(error)
        return begun_anew(home, error)


def _import_screen() -> None:
    """Import Qt while the weights are verified; where that fails, the run tells it in its turn."""
    with suppress(ImportError):
        import_module("kiosk.ui.app")


@contextmanager
def _in_time(
    settings: Settings,
    open_home: OpenHome,
    mode: Mode,
    reporter: Reporter,
    polling: PollingWatch,
    watch: RestartWatch | None,
) -> Iterator[None]:
    """Daily retention and the fleet, but not while a recording is replayed."""
    if mode is Mode.REPLAY:
        yield
        return
    fleet = _in_its_fleet(settings, open_home, reporter, polling, watch)
    with daily_retention(settings, open_home), fleet:
        yield


@contextmanager
def _in_the_cloud(
    settings: Settings, open_home: OpenHome, loaded: Weights, mode: Mode, reporter: Reporter
) -> Iterator[Elsewhere | None]:
    """Registering people with Rekognition meanwhile; None where the settings do not use it."""
    if mode is Mode.REPLAY or not settings.cloud.used:
        yield None
        return
    try:
        from kiosk.wiring.cloud.flows import cloud_registering
        from kiosk.wiring.cloud.shared import shared_faces, shared_watchers
        from kiosk.wiring.cloud.watching import watched
    except ModuleNotFoundError as error:
        what = f"Matching in the cloud (cloud.mode = {settings.cloud.mode.value})"
        raise LibraryMissing(what, error.name, "cloud", for_door=False) from error
    faces = shared_faces(settings.cloud, open_home.home.path)
    watchers = shared_watchers(settings.cloud, open_home.home.path)
    _time_stages(reporter, watchers.counting.staged)
    with cloud_registering(settings, open_home, loaded, faces, _warned) as cloud:
        own = cloud.flows.outboxes.own
        with watched(watchers, settings.cloud, open_home, own, _warned), cloud.background:
            yield cloud.registrar


def _time_stages(reporter: Reporter, heard: Callable[[str, float], None]) -> None:
    """Tell how long the stages of this run take: in seconds, each by its name."""

    def released(happened: Happened) -> None:
        if isinstance(happened, DecisionOutcome) and happened.release_ms is not None:
            heard("release", happened.release_ms / 1000)

    reporter.stopwatch.heard = heard
    reporter.also.append(released)


def _warned(problem: str) -> None:
    print(problem, file=sys.stderr)


def _watch(start: SettingsStart, open_home: OpenHome, mode: Mode) -> RestartWatch | None:
    """What restarts a kiosk of a fleet for new settings; None where nothing does."""
    if mode is Mode.REPLAY or not open_home.home.fleet.exists():
        return None
    from kiosk.fleet.rollout.kept import SettingsFile
    from kiosk.wiring.rollout.restarting import RestartWatch

    note = open_home.recorder.note
    start.tell(note)
    return RestartWatch(start, SettingsFile(open_home.home), note, time.monotonic)


def _in_its_fleet(
    settings: Settings,
    open_home: OpenHome,
    reporter: Reporter,
    polling: PollingWatch | None = None,
    watch: RestartWatch | None = None,
) -> AbstractContextManager[None]:
    """Syncing meanwhile; the libraries for it are imported only by a kiosk that has a fleet."""
    if not open_home.home.fleet.exists():
        return nullcontext()
    from kiosk.fleet.reporting.counting import DoorCounts
    from kiosk.wiring.fleet import kept_up_to_date

    counts = DoorCounts(time.monotonic)

    def count(happened: Happened) -> None:
        if isinstance(happened, DecisionOutcome):
            counts.decided(happened.decision.reason, happened.release_ms)

    open_home.recorder.subscribe(counts.hear)
    reporter.also.append(count)
    return kept_up_to_date(open_home, settings, counts, polling, watch)


def _go(run: Run, mode: Mode, heard: SpeechLog | None) -> None:
    match mode:
        case Mode.WINDOWED:
            run.windowed()
        case Mode.LIVE:
            run.live()
        case Mode.REPLAY:
            run.replay(heard)


@contextmanager
def _ended_noted(
    open_home: OpenHome, output: StandardStreams
) -> Iterator[Callable[[OutOfServiceError], None]]:
    """Record the end of a run in the journal, with the problem if it was not a regular end.

    The entry also counts the output lines that nobody read. The yielded function is for code that
    is about to end the process at once.
    """

    def note(event: JournalEvent) -> None:
        with suppress(JournalUnwritable, JournalTampered):
            open_home.recorder.note(event)

    def leave(error: OutOfServiceError) -> None:
        note(Stopped(error.problem, output.losses))
        print_error(error)
        output.finish()

    output.tell(note)
    try:
        yield leave
    except LintelError as error:
        note(Stopped(error.problem, output.losses))
        raise
    except Exception as error:
        note(Stopped(f"It ended by {type(error).__name__}.", output.losses))
        raise
    finally:
        output.tell(None)
    open_home.recorder.note(Stopped(lost_lines=output.losses))
