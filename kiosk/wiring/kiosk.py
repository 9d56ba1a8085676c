"""A kiosk assembled from its parts: live with all its threads, or as the replay of a recording."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from config.settings import Settings
from kiosk.domain.access.factors import Factor
from kiosk.domain.access.machine import Event, Presented
from kiosk.domain.enrolment.invitation import MARK
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.ports import Camera, Door, FaceFinder
from kiosk.domain.prompts import View
from kiosk.domain.vision.frame import Instant
from kiosk.door.calls import DoorQueue
from kiosk.door.effect_runner import DecisionOutcome, Happened
from kiosk.door.subsystem import DoorListeners, DoorSubsystem
from kiosk.people.elsewhere.port import Elsewhere
from kiosk.people.feedback import FeedbackService
from kiosk.pipeline.clock import FollowedCamera, ReplayClock, SystemClock
from kiosk.pipeline.enrolment.parts import switch_of
from kiosk.pipeline.enrolment.switch import EnrolmentSwitch
from kiosk.pipeline.frame_health import FrameWatch
from kiosk.pipeline.gallery.capacity import CrowdWatch
from kiosk.pipeline.live import CameraSource, Listeners, LiveKiosk
from kiosk.pipeline.replay import Replay
from kiosk.pipeline.session import Session
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.pipeline.vision import Vision
from kiosk.store.open_home import OpenHome
from kiosk.wiring import doors
from kiosk.wiring.cloud.door import cloud_beside, cloud_search
from kiosk.wiring.enrolment import enrolment_parts, enrolment_vision
from kiosk.wiring.networks import Networks
from kiosk.wiring.vision import Weights, gallery_feed, load_vision


class HearsViews(Protocol):
    """Takes what a listener would hear; see `kiosk.wiring.speech_log`."""

    def show(self, view: View) -> None:
        """Take a view of the door."""
        ...

    def enrol(self, view: EnrolmentView | None) -> None:
        """Take a view of an enrolment; None at its end."""
        ...


def replay_kiosk(
    settings: Settings,
    loaded: Weights,
    open_home: OpenHome,
    camera: Camera,
    stopwatch: Stopwatch,
    observe: Callable[[Happened], None],
    take: Callable[[], Networks] | None = None,
    heard: HearsViews | None = None,
) -> tuple[Replay, Door]:
    """A replay of a recording without threads, and the door that it operates."""
    show = _nobody_looks if heard is None else heard.show
    enrol = _nobody_looks if heard is None else heard.enrol
    clock = ReplayClock()
    feedback = FeedbackService(open_home, clock.monotonic)
    observe = hearing(feedback, observe)
    people = gallery_feed(settings, loaded.pack, open_home)
    lock = doors.door(settings, clock)
    reports: list[Event] = []
    subsystem = DoorSubsystem(
        doors.door_parts(settings, open_home, lock, people.people, durable=False),
        open_home.recorder,
        clock,
        DoorListeners(show, reports.append, observe, _nobody_looks),
    )
    CrowdWatch(people, open_home.recorder.note).look()
    session = Session(lambda: subsystem.policy(people.policy()), subsystem.carry_out, show)
    watch = FrameWatch(settings.camera.frozen_seconds, settings.camera.black_seconds)

    def badge(text: str) -> None:
        reports.append(Presented(clock.monotonic(), Factor.BADGE, text))

    parts = enrolment_parts(settings, loaded, open_home, clock.monotonic, feedback)
    switch = None
    if parts is not None:
        switch = switch_of(
            parts, session, subsystem.guard, enrol, observe, subsystem.factors.holder
        )
    shown = codes_to(switch, badge, clock.monotonic)
    sees = None if switch is None else seeing(switch, settings, stopwatch)
    search = cloud_search(settings, open_home.home, people.people)
    beside = cloud_beside(settings, search, people.people, session.look)
    see = load_vision(settings, loaded, people, stopwatch, shown, take, sees, beside)
    camera = FollowedCamera(camera, clock)

    def tend() -> None:
        if people.refresh(clock, reports.append):  # somebody has enrolled, or is forgotten
            subsystem.guard(subsystem.forget_erased)
        subsystem.tend()

    return Replay(camera, watch, see, session, reports, tend, switch), lock


def live_kiosk(
    settings: Settings,
    loaded: Weights,
    open_home: OpenHome,
    source: CameraSource,
    stopwatch: Stopwatch,
    listeners: Listeners,
    work: DoorQueue | None = None,
    take: Callable[[], Networks] | None = None,
    elsewhere: Elsewhere | None = None,
) -> LiveKiosk:
    """A kiosk with all its threads, not yet started.

    Args:
        settings: all settings.
        loaded: the pack.
        open_home: references and journal.
        source: the camera.
        stopwatch: times the stages.
        listeners: callbacks for views, decisions and faults.
        work: the queue of the door's thread; None if nobody else fills it.
        take: waits for networks that are being loaded; None to load them in the vision thread.
        elsewhere: a service that is to know people too; None for none.
    """
    clock, people = SystemClock(), gallery_feed(settings, loaded.pack, open_home)
    feedback = FeedbackService(open_home, clock.monotonic)
    search = cloud_search(settings, open_home.home, people.people)

    def prepare() -> Vision:
        switch = kiosk.enrolment
        shown = codes_to(switch, kiosk.show_badge, clock.monotonic)
        sees = None if switch is None else seeing(switch, settings, stopwatch)
        beside = cloud_beside(settings, search, people.people, kiosk.look)
        return load_vision(settings, loaded, people, stopwatch, shown, take, sees, beside)

    kiosk = LiveKiosk(
        source=source,
        prepare=prepare,
        people=people,
        recorder=open_home.recorder,
        door=doors.door_parts(settings, open_home, doors.door(settings, clock), people.people),
        clock=clock,
        listeners=replace(listeners, observe=hearing(feedback, listeners.observe)),
        work=DoorQueue() if work is None else work,
        enrolment=enrolment_parts(
            settings, loaded, open_home, clock.monotonic, feedback, elsewhere
        ),
    )
    return kiosk


def hearing(
    feedback: FeedbackService, observe: Callable[[Happened], None]
) -> Callable[[Happened], None]:
    """Who observes what happens, after the feedback that may be about a grant."""

    def observed(happened: Happened) -> None:
        if isinstance(happened, DecisionOutcome) and happened.released:
            feedback.granted(happened.decision)
        observe(happened)

    return observed


def codes_to(
    switch: EnrolmentSwitch | None, badge: Callable[[str], None], now: Callable[[], Instant]
) -> Callable[[str], None]:
    """Who hears of a code that is held up: enrolments of an invitation, the door of all others."""

    def shown(text: str) -> None:
        if switch is not None and text.startswith(MARK):
            switch.show_code(text, now())
        else:
            badge(text)

    return shown


def seeing(
    switch: EnrolmentSwitch, settings: Settings, stopwatch: Stopwatch
) -> Callable[[Networks, FaceFinder], None]:
    """Gives a switch what an enrolment sees by, once the networks are loaded."""

    def given(networks: Networks, finder: FaceFinder) -> None:
        switch.sees = enrolment_vision(settings, networks, finder, stopwatch)

    return given


def _nobody_looks(_: object) -> None:
    """A no-op listener: a headless run has no screen."""
