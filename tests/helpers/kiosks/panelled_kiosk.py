"""A kiosk without camera and models before a real panel: its threads, its rules, its screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from door_rig import eventually
from doorway import ANN, POLICY
from pipeline_parts import BreakableJournal, Diary, Shelf
from rig_osdp_pd import PanelRig

from kiosk.domain.access.factors import Factor, Factors
from kiosk.domain.access.machine import Event, Observed, Presented
from kiosk.domain.door.model import PassageRules
from kiosk.domain.people.rules import PersonRules, Site
from kiosk.domain.prompts import Prompt, View
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.template import SubjectId
from kiosk.door.authorization import AuthorizationPolicy
from kiosk.door.calls import DoorQueue
from kiosk.door.subsystem import DoorListeners, DoorParts, DoorSubsystem
from kiosk.journal.recorder import JournalRecorder
from kiosk.pipeline.clock import SystemClock
from kiosk.pipeline.loops import DecisionLoop, EffectsLoop, Inbox
from kiosk.pipeline.session import Session
from kiosk.pipeline.slot import LatestSlot

PASSAGE = PassageRules(unknown_seconds=4.0, poll_seconds=0.05)


@dataclass
class Regulars:
    """Fulfils People: everybody has the same rules and factors."""

    rules: PersonRules = PersonRules(credential=12345)
    factors: Factors = Factors()

    def rules_of(self, subject: SubjectId) -> PersonRules:  # noqa: ARG002 - of anybody
        return self.rules

    def out_of_date(self, subject: SubjectId) -> bool:
        del subject
        return False

    def factors_of(self, subject: SubjectId) -> Factors:  # noqa: ARG002 - of anybody
        return self.factors

    def since(self, subject: SubjectId) -> Instant:  # noqa: ARG002 - of anybody
        return Instant(float("-inf"))

    def owner(self, badge: str) -> SubjectId | None:  # noqa: ARG002 - nobody's
        return None


class Ann:
    """Sees Ann in every frame, once she is there."""

    here = False

    def observe(self, frame: Frame, *, measured: bool = True) -> Observed:  # noqa: ARG002 - the same
        probes = (ANN.probe(frame.captured_at),) if self.here else ()
        return Observed(frame.captured_at, probes)

    def may_decide(self, _at: Instant, /) -> bool:
        return True

    def answers(self, now: Instant) -> Sequence[Event]:  # noqa: ARG002 - nothing comes late
        return ()

    def close(self) -> None:
        return


class PanelledKiosk:
    """Decision and effects in their own threads, a panel behind the door.

    Attributes:
        views: what was shown, without repetitions.
    """

    def __init__(self, rig: PanelRig) -> None:
        self.views: list[View] = []
        self.ann = Ann()
        self.diary = Diary()
        self.people = Regulars()
        clock, inbox = SystemClock(), Inbox()
        parts = DoorParts(
            rig.door,
            AuthorizationPolicy(Site(), PASSAGE),
            self.people,
            Shelf(),
            zone=clock.utc().tzinfo,
        )
        listeners = DoorListeners(self._show, inbox.put, lambda _: None, lambda _: None)
        self._work = DoorQueue()
        self.end = DoorSubsystem(
            parts, JournalRecorder(BreakableJournal(self.diary), clock.utc), clock, listeners
        )
        self._effects = EffectsLoop(clock, _dies, self.end, self._work, inbox.put, lambda: None)
        self._slot: LatestSlot[Frame] = LatestSlot()
        policy = replace(POLICY, granted_hold_seconds=30.0, refused_hold_seconds=30.0)
        session = Session(lambda: self.end.policy(policy), self._effects.commit, self._show)
        self.decisions = DecisionLoop(clock, _dies, self._slot, lambda: self.ann, session, inbox)
        self._clock, self._inbox = clock, inbox
        self._effects.start()
        self.decisions.start()

    @property
    def prompts(self) -> list[Prompt]:
        return [view.prompt for view in self.views]

    def shows(self, prompt: Prompt) -> bool:
        return self.prompts[-1:] == [prompt]

    def see(self, until: Callable[[], bool]) -> bool:
        """Frames, until something is true."""

        def more() -> bool:
            number = self.decisions.frames_seen
            self._slot.put(Frame(np.zeros((4, 4, 3), np.uint8), self._clock.monotonic(), number))
            return until()

        return eventually(more, within=10.0, every=0.02)

    def do(self, work: Callable[[DoorSubsystem], None]) -> None:
        """At the door's end, in its turn."""
        self._work.do(work)

    def types(self, code: str) -> None:
        """A PIN, just now."""
        self._inbox.put(Presented(self._clock.monotonic(), Factor.PIN, code))

    def written(self, event: str) -> list[object]:
        return [detail for what, detail in self.diary.entries if what == f"audit {event}"]

    def close(self) -> None:
        for loop in (self.decisions, self._effects):
            loop.ask_to_stop()
            assert loop.join(10.0)

    def _show(self, view: View) -> None:
        if not self.views or view.prompt is not self.views[-1].prompt:
            self.views.append(view)


def _dies(reason: str) -> None:
    raise AssertionError(reason)
