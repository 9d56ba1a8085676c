"""Every event passes through one owner; guidance may be lost, effects may not."""

from __future__ import annotations

from doorway import ANN, FRAME, POLICY, STRANGER

from kiosk.domain.access.factors import Factor
from kiosk.domain.access.lockout import Failures, Held
from kiosk.domain.access.machine import (
    Admit,
    Answered,
    Audit,
    Authorised,
    Effect,
    Faulted,
    LockedOut,
    Observed,
    Part,
    Reason,
    Recognised,
    Released,
    Remember,
    Ticked,
)
from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.domain.vision.frame import Instant
from kiosk.pipeline.session import Session


class Watched:
    """A session and what it asked for."""

    def __init__(self, kept: Held | None = None) -> None:
        self.committed: list[tuple[tuple[Effect, ...], View]] = []
        self.guided: list[View] = []
        self.session = Session(
            lambda: POLICY,
            lambda effects, view: self.committed.append((effects, view)),
            self.guided.append,
            kept,
        )

    def watch(self, frames: int, start: float = 0.0) -> None:
        for index in range(frames):
            at = start + index * FRAME
            self.session.handle(Observed(Instant(at), (ANN.probe(at),)))

    def recognise(self) -> Recognised:
        """Ann, at once."""
        self.watch(POLICY.probes_required)
        (effects, _) = self.committed[-1]
        (person,) = (effect.person for effect in effects if isinstance(effect, Admit))
        return person


def test_an_enrolled_person_is_guided_then_asked_about_and_then_let_in() -> None:
    kiosk = Watched()
    person = kiosk.recognise()
    ((effects, view),) = kiosk.committed
    assert effects == (Audit(person), Admit(person))
    assert view.prompt is Prompt.HOLD_STILL
    assert kiosk.guided
    assert all(view.prompt is Prompt.HOLD_STILL for view in kiosk.guided)
    kiosk.session.handle(Released(Instant(1.0), Authorised(person, Factor.NONE)))
    assert kiosk.guided[-1].tone is Tone.GRANTED
    assert kiosk.guided[-1].subject == "ann"


def test_guidance_never_overtakes_a_result() -> None:
    kiosk = Watched()
    kiosk.recognise()
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
    person = kiosk.recognise()
    kiosk.session.handle(Answered(Instant(1.0), Reason.FACTOR_NEEDED, person, Factor.PIN))
    kiosk.session.handle(Answered(Instant(1.1), Reason.FACTOR_WRONG, person))
    prompts = [view.prompt for view in kiosk.guided]
    assert prompts[-2:] == [Prompt.ENTER_PIN, Prompt.CODE_UNKNOWN]


def test_a_lockout_goes_on_after_a_restart_and_is_shown_at_once() -> None:
    kiosk = Watched(Held(Failures((Instant(-5.0),)), locked_until=Instant(10.0)))
    kiosk.watch(POLICY.probes_required * 2)
    assert [view.prompt for view in kiosk.guided] == [Prompt.LOCKED_OUT]
    assert kiosk.committed == []
    kiosk.session.handle(Ticked(Instant(10.0)))
    ((effects, _),) = kiosk.committed
    assert effects == (Remember(Held(Failures((Instant(-5.0),)))),)
    assert kiosk.guided[-1].prompt is Prompt.LOOK_HERE


def test_refusals_of_before_a_restart_count_on() -> None:
    kept = Held(Failures(tuple(Instant(-at) for at in range(2, 0, -1))))
    kiosk = Watched(kept)
    kiosk.watch(1)
    assert kiosk.committed == []
    at = Instant(FRAME)
    for index in range(POLICY.refusal_probes):
        at = Instant((index + 1) * FRAME)
        kiosk.session.handle(Observed(at, (STRANGER.probe(at),)))
    assert isinstance(kiosk.session.state, LockedOut)
    (held,) = [e.held for effects, _ in kiosk.committed for e in effects if isinstance(e, Remember)]
    assert held.locked_until == at + POLICY.lockout_seconds


def test_what_a_fault_brings_about_is_kept_too() -> None:
    kiosk = Watched()
    for index in range(POLICY.probes_required):
        at = Instant(index * FRAME)
        kiosk.session.handle(Observed(at, (STRANGER.probe(at),)))
    kiosk.session.handle(Faulted(Instant(1.0), Part.CAMERA, "black"))
    remembered = [e for effects, _ in kiosk.committed for e in effects if isinstance(e, Remember)]
    assert [each.held.failures.at for each in remembered] == [(1.0,)]
