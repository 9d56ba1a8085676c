"""The checks while a second factor is awaited: the same person, alone, or another person.

The evidence is the same as before a grant, but may come from another track too: a face that was
hidden behind a badge returns as a new track. It counts as theirs once it names them, and never
before.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.access.events import Identified, Observed, Probe
from kiosk.domain.access.evidence import (
    Run,
    agreeing_run,
    answered,
    attacks,
    enough,
    evidence_of,
    gathering,
    nameable,
    proves,
    unseen,
)
from kiosk.domain.access.grant import Evidence
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.access.states import Acquiring, Asking, Claim, Reason
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId

SOMEBODY_ELSE = frozenset({Reason.NOT_RECOGNISED, Reason.PRESENTATION_ATTACK})
"""Reasons for ending a request that count as a failure of the person in the lane."""


def watched_on(state: Asking, watched: Acquiring, event: Observed, policy: AccessPolicy) -> Asking:
    """The request after one more frame."""
    match event.probes:
        case ():
            alone = replace(watched, run=(), crowded=False)
            return replace(state, watched=alone, crowded_since=None)
        case (probe,):
            return _looked_at(replace(state, crowded_since=None), watched, probe, event, policy)
        case _:
            since = event.at if state.crowded_since is None else state.crowded_since
            crowd = replace(watched, run=(), crowded=True, defect=None)
            return replace(state, watched=crowd, crowded_since=since)


def _looked_at(
    state: Asking, watched: Acquiring, probe: Probe, event: Observed, policy: AccessPolicy
) -> Asking:
    if probe.track != watched.track:
        watched = replace(watched, track=probe.track, run=())
    watched = replace(watched, seen_at=event.at)
    evidence = evidence_of(probe, event.at, policy, _claim(state))
    if probe.track == state.track or _names(evidence, state.person.subject):
        state = replace(state, track=probe.track, seen_at=event.at)
    if probe.passed_over:
        return replace(state, watched=watched)
    if evidence is None or not _after(state.shown_at, event.at):
        return replace(state, watched=unseen(watched, probe))
    return _watching(state, gathering(watched, evidence, policy), policy)


def answered_on(
    state: Asking, watched: Acquiring, event: Identified, policy: AccessPolicy
) -> Asking:
    """The request after a late answer of the matcher."""
    after = answered(watched, event, policy, _claim(state))
    if after is None:
        return state
    frame = next((e for e in after.run if e.at == event.captured_at), None)
    if _names(frame, state.person.subject):
        state = replace(state, track=event.track, seen_at=max(state.seen_at, event.captured_at))
    return _watching(state, after, policy)


def _claim(state: Asking) -> Claim | None:
    return Claim(state.person.subject, state.until) if state.person.verified else None


def _watching(state: Asking, watched: Acquiring, policy: AccessPolicy) -> Asking:
    if state.shown_at is not None:
        watched = nameable(watched, policy)
    return replace(state, watched=watched, proven=state.proven or proven(state, watched, policy))


def against(state: Asking, watched: Acquiring, at: Instant, policy: AccessPolicy) -> Reason | None:
    """The reason to end the request for the person in the lane; None if nothing is certain."""
    if state.crowded_since is not None and at - state.crowded_since >= policy.span_seconds:
        return Reason.CROWDED
    probes, seconds = policy.refusal_probes, policy.refusal_span_seconds
    if any(attacks(part, probes, seconds, policy) for part in (watched.run, watched.gathered)):
        return Reason.PRESENTATION_ATTACK
    if enough(_since_named(state.person.subject, watched.gathered), probes, seconds):
        return Reason.NOT_RECOGNISED
    return None


def proven(state: Asking, watched: Acquiring, policy: AccessPolicy) -> bool:
    """True if the run shows the person who was asked, bona fide."""
    agreeing = agreeing_run(watched.run)
    return _names(agreeing[-1] if agreeing else None, state.person.subject) and proves(
        agreeing, watched, policy
    )


def _names(evidence: Evidence | None, subject: SubjectId) -> bool:
    return evidence is not None and evidence.subject == subject


def _after(shown_at: Instant | None, at: Instant) -> bool:
    return shown_at is None or at > shown_at


def _since_named(subject: SubjectId, gathered: Run) -> Run:
    """The compared views since the last that named this person, breaks included."""
    gathered = tuple(e for e in gathered if e.compared)
    named = [index for index, evidence in enumerate(gathered) if evidence.subject == subject]
    return gathered[named[-1] + 1 :] if named else gathered
