"""Vision and session of a kiosk, with a matcher of a test behind them; time goes frame by frame."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
from doorway import FRAME, MEASURES, POLICY

from config.settings import Settings
from kiosk.domain.access.factors import Factor
from kiosk.domain.access.machine import (
    Admit,
    Audit,
    AuditFault,
    Authorised,
    Decision,
    Effect,
    Event,
    Observed,
    Recognised,
    Released,
    Ticked,
)
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.access.states import State
from kiosk.domain.ports import Matcher
from kiosk.domain.prompts import View
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.face import Box, EyeClosure, Face, Found, Pose
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.lane import Lane
from kiosk.domain.vision.quality import QualityMeasures
from kiosk.pipeline.identification.cloud import CloudIdentification
from kiosk.pipeline.identification.runs import RunIdentification
from kiosk.pipeline.session import Session
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.pipeline.vision import SeeingPolicy, Stages, Vision

LANE = Lane(0.5, 0.5, 0.9, 0.21, 0.7, 0.1)
ANSWER_SECONDS = 1.0
HIGH, LOW = 160.0, 320.0
"""Two places in the lane that do not overlap: a face at the other one is another face."""


def face(y: float = HIGH) -> Face:
    """A face wholly inside the lane."""
    box = Box(320 - 72, y - 80, 144, 160)
    return Face(box, np.zeros((478, 2), np.float32), Pose(0, 0, 0), EyeClosure(0, 0))


@dataclass
class Models:
    """What the models say of the next frame."""

    places: tuple[float, ...] = (HIGH,)
    sharp: bool = True
    pad: float = 0.75

    def find(self, frame: Frame) -> Found:  # noqa: ARG002 - the port
        return Found(tuple(face(y) for y in self.places))

    def measure(self, *_: object) -> QualityMeasures:
        return MEASURES if self.sharp else replace(MEASURES, sharpness=0.0)

    def assess(self, *_: object) -> PadResult:
        return PadResult(self.pad, "test/1")

    def close(self) -> None:
        return


@dataclass
class AskedKiosk:
    """A kiosk without threads: what came late is handled before the next frame, as in its loop."""

    matcher: Matcher | RunIdentification | CloudIdentification
    policy: AccessPolicy = POLICY
    now: float = 100.0
    models: Models = field(default_factory=Models)
    effects: list[Effect] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    seen: list[Observed] = field(default_factory=list)
    agrees: bool = True

    def __post_init__(self) -> None:
        stages = Stages(*(cast("Any", self.models),) * 3, self.matcher)
        bounds = Settings().quality.bounds()
        tracking = Settings().lane.tracking()
        policy = SeeingPolicy(LANE, tracking, bounds, POLICY.pad_threshold, ANSWER_SECONDS)
        self.vision = Vision(stages, policy, Stopwatch())
        self.session = Session(lambda: self.policy, self._commit, self.views.append)

    def see(self, *places: float, sharp: bool = True, pad: float = 0.75, times: int = 1) -> None:
        """Frames with faces at these places in the lane."""
        self.models.places, self.models.sharp, self.models.pad = places, sharp, pad
        for _ in range(times):
            self.now += FRAME
            self._handle_answers()
            pixels = np.zeros((480, 640, 3), np.uint8)
            self.seen.append(self.vision.observe(Frame(pixels, Instant(self.now), len(self.seen))))
            self._handle(self.seen[-1])

    def hear(self, seconds: float = 0.0) -> None:
        """Time goes by without a frame; what came meanwhile is handled."""
        self.now += seconds
        self._handle_answers()
        self._handle(Ticked(Instant(self.now)))

    @property
    def state(self) -> State:
        return self.session.state

    @property
    def decisions(self) -> list[Decision]:
        records = [effect.record for effect in self.effects if isinstance(effect, Audit)]
        return [record for record in records if isinstance(record, Decision)]

    @property
    def people(self) -> list[Recognised]:
        return [effect.person for effect in self.effects if isinstance(effect, Admit)]

    @property
    def faults(self) -> list[AuditFault]:
        return [effect for effect in self.effects if isinstance(effect, AuditFault)]

    def _handle_answers(self) -> None:
        for event in self.vision.answers(Instant(self.now)):
            self._handle(event)

    def _handle(self, event: Event) -> None:
        """An event; whoever is recognised by it is let in at once, if rules and door agree."""
        before = len(self.people)
        self.session.handle(event)
        for person in self.people[before:] if self.agrees else ():
            at = Instant(max(self.now, person.at))
            self.session.handle(Released(at, Authorised(person, Factor.NONE)))

    def _commit(self, effects: tuple[Effect, ...], view: View) -> None:
        self.effects += effects
        self.views.append(view)
