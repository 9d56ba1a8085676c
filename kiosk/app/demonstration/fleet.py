"""The second part of the demonstration: two kiosks of one fleet, whose store is a folder.

Nothing is staged: the fleet is founded as by `kiosk fleet`, the kiosks are devices that admins have
approved, and everything that one of them knows of the other came through the store, while both
sync by themselves and a publisher runs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from config.settings import Settings
from hardware.sim.steered import Posture, SteeredCamera
from kiosk.app.demonstration.door import why
from kiosk.app.demonstration.people import SUBJECT, DemoPeople
from kiosk.app.demonstration.replayed import ReplayedKiosk, ShownCamera
from kiosk.app.demonstration.small_fleet import DemoFleet, DemoKiosk, demo_fleet
from kiosk.app.demonstration.visitor import Visitor
from kiosk.app.demonstration.window import DemoWindow
from kiosk.domain.enrolment.effects import NoteStep
from kiosk.domain.enrolment.steps import EnrolmentStep
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.ports import Door
from kiosk.domain.prompts import View
from kiosk.door.effect_runner import DecisionOutcome, Happened
from kiosk.pipeline.replay import Replay
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.wiring.kiosk import replay_kiosk

ENROLLING_FPS, VISITING_FPS = 10.0, 20.0
"""Whoever enrols moves slowly; at the door it is decided while they walk."""
ENROLLED, SUSPENDED = 1, 2
"""How many changes of the fleet have been applied by then."""
ENDINGS = {
    EnrolmentStep.DECLINED,
    EnrolmentStep.ENROLLED,
    EnrolmentStep.ABANDONED,
    EnrolmentStep.FAILED,
}
FIRST, SECOND, ADMINS = "first kiosk", "second kiosk", "admins"


@dataclass
class FleetStep:
    """One step and what came of it.

    Attributes:
        step: what somebody does.
        where: at which kiosk, or who does it.
        expected: what must come of it.
        seen: everything that came of it, in order.
        sentences: what was on the screen.
        took: how long the fleet took to pass it on, seconds; None where it has nothing to pass on.
    """

    step: str
    where: str
    expected: str
    seen: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    took: float | None = None

    @property
    def as_it_should(self) -> bool:
        """True if what was expected came of it, and nothing else."""
        return self.seen == [self.expected]


def steps() -> list[FleetStep]:
    """Every step, in order, before anything has happened."""
    return [
        FleetStep("enrols with an invitation", FIRST, "enrolled"),
        FleetStep("comes before it has heard", SECOND, "refused: not recognised"),
        FleetStep("syncs by itself", SECOND, "1 person known"),
        FleetStep("comes again", SECOND, "granted: matched"),
        FleetStep("suspend the person", ADMINS, "applied at the second"),
        FleetStep("comes once more", SECOND, "refused: not valid"),
    ]


class FleetDemonstration:
    """One person at two kiosks: enrolled at the first, granted and then refused at the second.

    Args:
        folder: an empty folder for store, keys and homes; its content is not needed afterwards.
        pictures: the folder for screenshots.
        people: who walks up.

    Attributes:
        steps: every step, with what came of it so far.
        seconds: how long it took.
        over: False if somebody closed a window before its last step.
    """

    def __init__(self, folder: Path, pictures: Path, people: DemoPeople) -> None:
        self._folder, self._pictures, self._people = folder, pictures, people
        self.steps = steps()
        self._at = 0
        self.seconds = 0.0
        self.over = False

    def run(self) -> list[FleetStep]:
        """Play every step in real time, and return the record.

        Raises:
            FleetRefused, FleetStoreUnreachable: the fleet could not be founded.
            OutOfServiceError: a kiosk or the screen failed.
        """
        started = time.perf_counter()
        with (
            ThreadPoolExecutor(1, "admins") as admins,
            demo_fleet(self._folder, self._people.settings) as fleet,
        ):
            self.over = self._enrolment(fleet)
            if self.over and self._step.as_it_should:
                self.over = self._visits(fleet, admins)
        self.seconds = time.perf_counter() - started
        return self.steps

    # -- the two kiosks --------------------------------------------------------------------------

    def _enrolment(self, fleet: DemoFleet) -> bool:
        """The person enrols at the first kiosk; True unless the window was closed."""
        visitor, first = Visitor(ENROLLING_FPS), fleet.first
        code, version = fleet.invite(SUBJECT)

        def acts() -> Iterator[Posture]:
            yield from visitor.wait(lambda: first.version >= version)
            yield from visitor.enrol(code)

        return self._played(first, visitor, acts())

    def _visits(self, fleet: DemoFleet, admins: ThreadPoolExecutor) -> bool:
        """The person comes to the second kiosk three times; True unless the window was closed."""
        self._at = 1
        visitor = Visitor(VISITING_FPS)
        return self._played(fleet.second, visitor, self._story(visitor, fleet, admins))

    def _story(
        self, visitor: Visitor, fleet: DemoFleet, admins: ThreadPoolExecutor
    ) -> Iterator[Posture]:
        second = fleet.second
        yield from self._visit(visitor, 1)
        yield from visitor.leave()
        self._at = 2
        yield from self._until_applied(visitor, second, ENROLLED)
        self._step.seen.append(f"{second.people} person known")
        if not self._step.as_it_should:
            return
        yield from self._visit(visitor, 3)
        yield from visitor.leave()
        self._at = 4
        suspended = admins.submit(fleet.suspend, SUBJECT)
        yield from self._until_applied(visitor, second, SUSPENDED)
        suspended.result(0.0)
        applied = second.changes == SUSPENDED
        self._step.seen.append("applied at the second" if applied else "not applied")
        yield from self._visit(visitor, 5)

    def _visit(self, visitor: Visitor, number: int) -> Iterator[Posture]:
        self._at = number
        step = self._step
        yield from visitor.visit(lambda: bool(step.seen))

    def _until_applied(self, visitor: Visitor, kiosk: DemoKiosk, changes: int) -> Iterator[Posture]:
        began = time.perf_counter()
        yield from visitor.wait(lambda: kiosk.changes >= changes)
        self._step.took = time.perf_counter() - began

    # -- one kiosk, with its window --------------------------------------------------------------

    def _played(self, at: DemoKiosk, visitor: Visitor, acts: Iterator[Posture]) -> bool:
        settings, loaded = self._people.settings, self._people.loaded
        place = _named(settings, self._step.where)
        shown = (self._scene, self._sentence, self._folder)
        window = DemoWindow(place, self._pictures, *shown, linger_seconds=0.0)
        camera = ShownCamera(SteeredCamera(self._people.enrolled, acts, fps=visitor.fps))
        heard = _Heard(window, visitor, at)

        def make() -> tuple[Replay, Door]:
            watch = Stopwatch()
            return replay_kiosk(
                settings, loaded, at.open_home, camera, watch, self._observe, heard=heard
            )

        window.run(ReplayedKiosk(camera, make, window.end))
        return window.over

    # -- the record ------------------------------------------------------------------------------

    @property
    def _step(self) -> FleetStep:
        return self.steps[self._at]

    def _scene(self) -> str:
        """The name of the current step, for pictures."""
        return f"fleet {self._at + 1} {self._step.where}"

    def _sentence(self, sentence: str) -> None:
        if sentence not in self._step.sentences:
            self._step.sentences.append(sentence)

    def _observe(self, happened: Happened | NoteStep) -> None:
        step = self._step
        match happened:
            case NoteStep() if happened.step in ENDINGS:
                why_not = f": {happened.reason.value}" if happened.reason else ""
                step.seen.append(f"{happened.step.value}{why_not}".replace("_", " "))
            case DecisionOutcome() if step.where == SECOND:
                outcome = "granted" if happened.released else "refused"
                step.seen.append(f"{outcome}: {why(happened.decision)}")
            case _:
                pass


def _named(settings: Settings, where: str) -> Settings:
    """The settings of a window that says at which kiosk it is."""
    screen = settings.screen
    named = screen.model_copy(update={"organisation": f"{screen.organisation}, {where}"})
    return settings.model_copy(update={"screen": named})


class _Heard:
    """Passes what a kiosk shows on to its window, and to the person before it."""

    def __init__(self, window: DemoWindow, visitor: Visitor, kiosk: DemoKiosk) -> None:
        self._window, self._visitor, self._kiosk = window, visitor, kiosk

    def show(self, view: View) -> None:
        self._window.show(view, self._kiosk.given_name(view.subject))

    def enrol(self, view: EnrolmentView | None) -> None:
        self._visitor.show(view)
        self._window.enrol(view)
