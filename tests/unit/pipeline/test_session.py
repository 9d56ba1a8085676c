"""Every event passes through one owner; guidance may be lost, effects may not."""

from __future__ import annotations

from doorway import ANN, FRAME, POLICY

from kiosk.domain.access import (
    Answered,
    Audit,
    Effect,
    Faulted,
    Observed,
    Part,
    Reason,
    ReleaseDoor,
    Show,
    Ticked,
)
from kiosk.domain.factors import Factor
from kiosk.domain.frame import Instant
from kiosk.domain.guidance import Prompt, Tone, View
from kiosk.domain.template import SubjectId
from kiosk.pipeline.session import Session


class Watched:
    """A session and what it asked for."""

    def __init__(self) -> None:
        self.committed: list[tuple[tuple[Effect, ...], View]] = []
        self.guided: list[View] = []
        self.session = Session(
            lambda: POLICY,
            lambda effects, view: self.committed.append((effects, view)),
            self.guided.append,
        )

    def watch(self, frames: int, start: float = 0.0) -> None:
        for index in range(frames):
            at = start + index * FRAME
            self.session.handle(Observed(Instant(at), (ANN.probe(at),)))


def test_an_enrolled_person_is_guided_then_let_in() -> None:
    kiosk = Watched()
    kiosk.watch(POLICY.probes_required)
    ((effects, view),) = kiosk.committed
    assert [type(effect) for effect in effects] == [Audit, ReleaseDoor, Show]
    assert view.tone is Tone.GRANTED
    assert view.subject == "ann"
    assert kiosk.guided
    assert all(view.prompt is Prompt.HOLD_STILL for view in kiosk.guided)


def test_guidance_never_overtakes_a_result() -> None:
    kiosk = Watched()
    kiosk.watch(POLICY.probes_required)
    told = len(kiosk.guided)
    kiosk.watch(3, start=POLICY.probes_required * FRAME)
    assert len(kiosk.guided) == told


def test_a_fault_is_committed_with_the_view_that_belongs_to_it() -> None:
    kiosk = Watched()
    kiosk.session.handle(Faulted(Instant(1.0), Part.CAMERA, "gone"))
    ((_, view),) = kiosk.committed
    assert view == View(Prompt.OUT_OF_SERVICE, Tone.OFF)


def test_nothing_happens_where_nothing_changes() -> None:
    kiosk = Watched()
    kiosk.session.handle(Ticked(Instant(1.0)))
    assert kiosk.committed == []
    assert kiosk.guided == []


def test_a_code_that_did_not_work_is_said_so_at_once() -> None:
    kiosk = Watched()
    kiosk.session.handle(Ticked(Instant(0.0)))
    needed = Answered(Instant(1.0), Reason.FACTOR_NEEDED, SubjectId("ann"), Factor.PIN)
    kiosk.session.handle(needed)
    kiosk.session.handle(Answered(Instant(1.1), Reason.FACTOR_WRONG))
    prompts = [view.prompt for view in kiosk.guided]
    assert prompts[-2:] == [Prompt.ENTER_PIN, Prompt.CODE_UNKNOWN]
