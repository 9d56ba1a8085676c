"""Whatever happens at the door, in whatever order: these things are always true.

The machine is held against a second reading of its law, written from the events alone.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from doorway import ANN, BOB, FRAME, PHOTOGRAPH, POLICY, STRANGER, Doorway, Look
from hypothesis import event, given, settings
from hypothesis import strategies as st

from kiosk.domain.access.machine import (
    Acquiring,
    Admit,
    Admitting,
    Audit,
    AuditFault,
    Event,
    Faulted,
    LockedOut,
    Observed,
    OutOfService,
    Part,
    Probe,
    Reason,
    Recognised,
    Recovered,
    Resolved,
    Show,
    State,
    Step,
    Ticked,
)
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect
from kiosk.domain.vision.template import SpaceId

NAN = float("nan")
FACES = (
    ANN,
    ANN.but(pad=1.0),
    ANN.but(pad=0.0),
    ANN.but(pad=0.375),
    ANN.but(pad=NAN),
    ANN.but(track=2),
    ANN.but(score=0.5),
    ANN.but(rival=0.875),
    ANN.but(subject="bea"),
    ANN.but(defects=(Defect.EYES_CLOSED,)),
    ANN.but(space=SpaceId("test/2")),
    ANN.but(late=FRAME),
    ANN.but(ranked=False),
    ANN.but(ranked=False, pad=0.0),
    ANN.but(score=NAN),
    STRANGER.but(track=1, pad=1.0),
    PHOTOGRAPH.but(track=1),
    BOB,
)


@dataclass(frozen=True)
class Scene:
    """The same thing for a while."""

    what: str
    looks: tuple[Look, ...] = ()
    times: int = 1
    every: float = FRAME
    part: Part = Part.CAMERA


STEADY = st.builds(
    Scene,
    what=st.just("see"),
    looks=st.one_of(st.just(ANN), st.sampled_from(FACES)).map(lambda look: (look,)),
    times=st.integers(1, 9),
)
ODD = st.builds(
    Scene,
    what=st.sampled_from(("see", "tick", "break", "mend")),
    looks=st.lists(st.sampled_from(FACES), max_size=3).map(tuple),
    every=st.sampled_from((FRAME, 0.0, -FRAME, 0.375, 0.5, 2.0, 30.0, NAN)),
    part=st.sampled_from((Part.CAMERA, Part.DOOR)),
)
STORIES = st.lists(st.one_of(STEADY, STEADY, ODD), max_size=24)


def told(
    story: list[Scene], *, agrees: bool = True
) -> tuple[Doorway, list[tuple[State, Event, Step]]]:
    """The doorway after a story, and every (state before, event, step)."""
    doorway, events = Doorway(agrees=agrees), list[tuple[State, Event, Step]]()
    for scene in story:
        for _ in range(scene.times):
            happening = _event(scene, doorway.now + scene.every)
            before = doorway.state
            events.append((before, happening, doorway.handle(happening)))
            if not math.isnan(scene.every):
                doorway.now += scene.every
    return doorway, events


def _event(scene: Scene, at: float) -> Event:
    now = Instant(at)
    match scene.what:
        case "see":
            return Observed(now, tuple(look.probe(at) for look in scene.looks))
        case "tick":
            return Ticked(now)
        case "break":
            return Faulted(now, scene.part, "")
        case _:
            return Recovered(now, scene.part)


def names(probe: Probe, at: float) -> str | None:
    """Whom a probe proves by itself, read off the requirements."""
    if not (probe.quality and probe.quality.acceptable and probe.pad and probe.candidates):
        return None
    best, margin = probe.candidates.best, probe.candidates.margin
    ours = probe.candidates.space == POLICY.space and probe.captured_at == at
    sure = best and best.score >= POLICY.decision_threshold and margin >= POLICY.margin
    return best.subject if ours and sure and best else None


def uncompared(probe: Probe, at: float) -> bool:
    """Whether a good view of this very frame was compared with nobody."""
    seen = probe.quality is not None and probe.quality.acceptable and probe.pad is not None
    return seen and probe.captured_at == at and probe.candidates is None


def proof(events: list[tuple[State, Event, Step]], subject: str) -> list[tuple[float, float, bool]]:
    """The frames up to the last event that are evidence about the subject, without a break.

    Time, life, and whether the frame names them: one that failed attack detection only weighs.
    """
    frames: list[tuple[float, float, bool]] = []
    later = math.inf
    *_, (_, last, _) = events
    assert isinstance(last, Observed)
    track = last.probes[0].track
    for index in range(len(events) - 1, -1, -1):
        before, happening, _ = events[index]
        if isinstance(happening, Recovered | Ticked):
            continue
        if not isinstance(happening, Observed) or len(happening.probes) != 1:
            break
        (probe,) = happening.probes
        silent = uncompared(probe, happening.at)
        if probe.track != track or not (silent or names(probe, happening.at) == subject):
            break
        if later < math.inf and not 0.0 < later - happening.at < POLICY.absence_seconds:
            break
        if last.at - happening.at > POLICY.window_seconds:
            break
        later = happening.at
        score = probe.pad.score if probe.pad else 0.0
        life = score if 0.0 <= score <= 1.0 else 0.0
        if not silent or life < POLICY.pad_threshold:
            frames.insert(0, (happening.at, life, not silent))
        if not isinstance(before, Acquiring):
            break
    return frames


@settings(max_examples=3 * settings().max_examples)
@given(STORIES)
def test_somebody_is_recognised_only_at_the_end_of_an_unbroken_run(story: list[Scene]) -> None:
    _, events = told(story)
    for index, (_, _, step) in enumerate(events):
        for admit in (e for e in step.effects if isinstance(e, Admit)):
            event("recognised")
            person = admit.person
            frames = proof(events[: index + 1], person.subject)
            times = [at for at, _, _ in frames]
            naming = [at for at, _, named in frames if named]
            assert len(naming) >= POLICY.probes_required
            assert naming[-1] - naming[0] >= POLICY.span_seconds
            assert all(0 < b - a <= POLICY.window_seconds for a, b in itertools.pairwise(times))
            assert sum(life for _, life, _ in frames) / len(frames) >= POLICY.pad_threshold
            assert [e.at for e in person.evidence] == times
            assert (person.captured_at, person.at) == (times[0], times[-1])


@given(STORIES)
def test_audit_comes_before_the_question_and_before_the_screen(story: list[Scene]) -> None:
    _, events = told(story)
    for _, _, step in events:
        kinds = [type(effect) for effect in step.effects]
        assert kinds.count(Show) <= 1
        if Admit in kinds:
            assert isinstance(step.state, Admitting)
            person = step.state.person
            assert step.effects == (Audit(person), Admit(person))
        elif AuditFault in kinds:
            assert kinds[:2] == [AuditFault, Show]
        elif Audit in kinds:
            assert kinds == [Audit, Show]
        if Show in kinds:
            assert Show(step.state) in step.effects


@given(STORIES)
def test_whoever_is_asked_about_is_written_down_once(story: list[Scene]) -> None:
    doorway, _ = told(story)
    assert [each for each in doorway.written if isinstance(each, Recognised)] == doorway.people
    assert len(set(doorway.people)) == len(doorway.people)
    assert all(not d.granted and d.subject is None for d in doorway.decisions)


@given(STORIES)
def test_nobody_is_shown_as_let_in_before_the_door_was_released(story: list[Scene]) -> None:
    _, events = told(story, agrees=False)
    for _, _, step in events:
        assert not (isinstance(step.state, Resolved) and step.state.reason is Reason.MATCHED)


@given(STORIES)
def test_nobody_is_recognised_twice_without_a_new_full_run(story: list[Scene]) -> None:
    _, events = told(story)
    frames = math.inf
    for _, happening, step in events:
        frames += isinstance(happening, Observed)
        if any(isinstance(effect, Admit) for effect in step.effects):
            assert frames >= POLICY.probes_required
            frames = 0


@given(STORIES)
def test_nobody_is_recognised_while_locked_out_or_out_of_service(story: list[Scene]) -> None:
    _, events = told(story)
    for before, _, step in events:
        if any(isinstance(effect, Admit) for effect in step.effects):
            assert isinstance(before, Acquiring)


@given(STORIES)
def test_out_of_service_ends_only_when_every_fault_has_recovered(story: list[Scene]) -> None:
    _, events = told(story)
    broken: set[Part] = set()
    for _, happening, step in events:
        if isinstance(happening, Faulted):
            broken.add(happening.part)
        if isinstance(happening, Recovered):
            broken.discard(happening.part)
        faults = step.state.faults if isinstance(step.state, OutOfService) else frozenset()
        assert faults == broken


@given(STORIES)
def test_a_lockout_is_never_cut_short(story: list[Scene]) -> None:
    _, events = told(story)
    until: Instant | None = None
    for _, happening, step in events:
        if isinstance(step.state, LockedOut):
            until = step.state.until
        elif until is not None and not isinstance(step.state, OutOfService):
            assert happening.at >= until
            until = None
