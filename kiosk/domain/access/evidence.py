"""What a run of probes proves. The only judge of evidence; what follows from it is in `access`.

A run is unbroken: one track, acceptable views only, each frame later than the one before. Proof of
identity and proof of life are read off the very same frames. A number that is not one proves
nothing: comparisons are written so that it fails them.

Whether somebody lives is not asked anew with each frame until chance says yes. The run has to show
it, and so has everything else that the session has seen: all frames together, and all that named
the person, broken runs included, after what sessions of late fell short of was made up for.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.access.states import Acquiring, Claim, Evidence, Probe
from kiosk.domain.vision.attack import PadResult, mean_score
from kiosk.domain.vision.comparison import CandidateList
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId

Run = tuple[Evidence, ...]
"""Oldest first."""


def evidence_of(
    probe: Probe, at: Instant, policy: AccessPolicy, claim: Claim | None = None
) -> Evidence | None:
    """What the probe says; None where a stage was not passed, or of another space or frame.

    With a claim it is a verification: only the badge's owner counts, and nobody else can come
    near them. So two who look alike each get in with their own badge, and with no other (R22).
    """
    quality, pad, candidates = probe.quality, probe.pad, probe.candidates
    if quality is None or not quality.acceptable or pad is None or candidates is None:
        return None
    if candidates.space != policy.space or probe.captured_at != at:
        return None
    if claim is not None:
        return _verified(at, pad, candidates, claim, policy)
    best = candidates.best
    near = best is not None and best.score >= policy.decision_threshold
    clear = candidates.margin >= policy.margin
    subject = best.subject if best is not None and near and clear else None
    return Evidence(at, pad, subject, near and not clear, best, candidates.margin)


def _verified(
    at: Instant, pad: PadResult, candidates: CandidateList, claim: Claim, policy: AccessPolicy
) -> Evidence:
    """The claimed person alone, at the same threshold; a face that is clearly another's fails."""
    best = candidates.best
    claimed = next((c for c in candidates.candidates if c.subject == claim.subject), None)
    another = claimed is not best and candidates.margin >= policy.margin
    near = claimed is not None and claimed.score >= policy.decision_threshold
    subject = claim.subject if near and not another and at <= claim.until else None
    return Evidence(at, pad, subject, ambiguous=False, best=claimed, margin=candidates.margin)


def prolonged(run: Run, evidence: Evidence, policy: AccessPolicy) -> Run:
    """The run with one more frame, without what is older than the window.

    A frame no later than the last is not a new one: a run of it alone begins.
    """
    if run and evidence.at <= run[-1].at:
        return (evidence,)
    return (*(e for e in run if evidence.at - e.at <= policy.window_seconds), evidence)


def gathering(session: Acquiring, evidence: Evidence, policy: AccessPolicy) -> Acquiring:
    """The session with one more frame, in the run and in all that is remembered of it."""
    run = prolonged(session.run, evidence, policy)
    tried = session.tried or enough(run, policy.probes_required, policy.span_seconds)
    best = run if len(run) >= len(session.best) else session.best
    return replace(
        session,
        run=run,
        gathered=(*session.gathered, evidence),
        best=best,
        tried=tried,
        suspected=session.suspected
        or attacks(run, policy.probes_required, policy.span_seconds, policy),
        defect=None,
        crowded=False,
    )


def unseen(session: Acquiring, probe: Probe) -> Acquiring:
    """The session after a view that says nothing: the run is broken, the rest remains."""
    defects = probe.quality.defects if probe.quality else ()
    return replace(session, run=(), defect=defects[0] if defects else None, crowded=False)


def agreeing_run(run: Run) -> Run:
    """The longest tail of the run that names one person."""
    if not run or run[-1].subject is None:
        return ()
    others = [i for i, evidence in enumerate(run) if evidence.subject != run[-1].subject]
    return run[others[-1] + 1 :] if others else run


def progress(run: Run, policy: AccessPolicy) -> float:
    """How much of the evidence for a decision is there, 0 to 1. Says nothing of its outcome."""
    if not run:
        return 0.0
    counted = len(run) / policy.probes_required
    spanned = (run[-1].at - run[0].at) / policy.span_seconds if policy.span_seconds else 1.0
    return min(1.0, counted, spanned)


def proves(agreeing: Run, session: Acquiring, policy: AccessPolicy) -> bool:
    """Whether these frames let their person in; a suspect session owes more of them."""
    probes, seconds = policy.probes_required, policy.span_seconds
    if session.suspected:
        probes, seconds = policy.refusal_probes, policy.refusal_span_seconds
    return enough(agreeing, probes, seconds) and _lives(agreeing, session, policy)


def _lives(agreeing: Run, session: Acquiring, policy: AccessPolicy) -> bool:
    """Whether the run shows a living face, and nothing of the session speaks against it."""
    last = agreeing[-1]
    owed = session.failures.owed(last.at, policy.failure_window_seconds)
    named = naming(last.subject, session.gathered)
    whole = all(bona_fide(part, policy, owed) for part in (named, session.gathered))
    return whole and bona_fide(agreeing, policy)


def naming(subject: SubjectId | None, gathered: Run) -> Run:
    """The evidence that names this person."""
    return tuple(e for e in gathered if e.subject == subject)


def shortfall(gathered: Run, policy: AccessPolicy) -> float:
    """By how much all of it, or what names one person, fails to show life; probes times score.

    The living face of one person makes up for nothing in the picture of another.
    """
    parts = [gathered, *(naming(subject, gathered) for subject in {e.subject for e in gathered})]
    return max(len(part) * (policy.pad_threshold - _life(part)) for part in parts)


def attacks(run: Run, probes: int, seconds: float, policy: AccessPolicy) -> bool:
    """Whether the run, or the part of it that names one person, is long enough and no living face.

    Both are asked: life that was shown before must not hide what was shown after it. Between the
    two thresholds nothing is certain.
    """
    long = [part for part in (run, agreeing_run(run)) if enough(part, probes, seconds)]
    return any(_life(part) < policy.attack_threshold for part in long)


def enough(run: Run, probes: int, seconds: float) -> bool:
    """Whether there are so many probes over so long a time."""
    return len(run) >= probes and run[-1].at - run[0].at >= seconds


def bona_fide(run: Run, policy: AccessPolicy, owed: float = 0.0) -> bool:
    """Whether these frames, on the whole, show a living face, and make up for what is owed."""
    return _life(run) - owed / len(run) >= policy.pad_threshold


def _life(run: Run) -> float:
    return mean_score(tuple(e.pad for e in run))
