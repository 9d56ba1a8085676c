"""The assessment of runs of probes. Evidence is judged here only; `machine` acts on the result.

A run is unbroken: one track, acceptable views only, each frame later than the one before.
Identification and attack detection use the very same frames. Comparisons are written so that NaN
fails them: an invalid number proves nothing.

Attack detection is not repeated with each frame until one passes by chance. The run has to pass,
and so has all other evidence of the session: all frames together, and all frames that name the
person, broken runs included. Both must first make up for the shortfall of recent sessions.

A frame that failed attack detection was not compared. It breaks no run, names nobody, and counts
as the attack that it looks like, whoever is named by the frames around it. A frame that is not
compared yet breaks no run either, and proves nothing before its answer has come. A frame that the
detector did not search, where a face was only followed, is never compared itself: somebody may have
stepped beside that face.

Where the matcher is asked about the mean of a few frames of the run, its answer counts for all
frames from the oldest to the newest of these, and takes the place of what earlier means of the run
said about them. A mean that reaches back beyond the run proves nothing.

Where a service decides whom a face belongs to, the kiosk's own comparisons show that the run is of
one person, and the service's opinion on one of its frames says who. Until it has come the frames
prove nothing; an opinion on a frame that is not in the run never does.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.access.events import Identified, Probe
from kiosk.domain.access.grant import Comparison, Evidence
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.access.states import Acquiring, Claim
from kiosk.domain.cloud.fusion import Verdict, fuse, judge
from kiosk.domain.cloud.opinion import Opinion
from kiosk.domain.vision.attack import PadResult, life
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId

Run = tuple[Evidence, ...]
"""Evidence, oldest first."""

_SOMEBODY = SubjectId("")


def evidence_of(
    probe: Probe, at: Instant, policy: AccessPolicy, claim: Claim | None = None
) -> Evidence | None:
    """The evidence of a probe; None if the view was poor, or the space or frame differs.

    With a claim it is a verification: only the badge's owner counts, and a close score of another
    person makes no ambiguity. Two people who look alike therefore each get in with their own badge,
    and with no other (R22).
    """
    quality, pad = probe.quality, probe.pad
    if quality is None or not quality.acceptable or pad is None or probe.captured_at != at:
        return None
    if probe.candidates is None or not probe.looked:
        return replace(_uncompared(at, pad, policy), looked=probe.looked)
    evidence = _compared(at, pad, probe, policy, claim)
    return None if evidence is None else replace(evidence, since=probe.since)


def _uncompared(at: Instant, pad: PadResult, policy: AccessPolicy) -> Evidence:
    passed = pad.passes(policy.pad_threshold)
    return _unnamed(at, pad, Comparison.AWAITED if passed else Comparison.WITHHELD)


def _unnamed(at: Instant, pad: PadResult, kind: Comparison) -> Evidence:
    return Evidence(at, pad, None, ambiguous=False, best=None, margin=0.0, comparison=kind)


def _compared(
    at: Instant,
    pad: PadResult,
    probe: Probe | Identified,
    policy: AccessPolicy,
    claim: Claim | None,
) -> Evidence | None:
    """The evidence of a comparison; not compared yet as long as a service's answer is awaited."""
    candidates, claimed = probe.candidates, None if claim is None else claim.subject
    if candidates is None or candidates.space != policy.space:
        return None
    own, opinion, gone = judge(candidates, policy.own_scale, claimed), None, False
    if isinstance(probe, Probe):
        opinion, gone = probe.opinion, probe.gone and probe.opinion is None
    theirs = None if opinion is None else _judged(opinion, policy, claimed)
    verdict = fuse(policy.cloud, own, theirs, gone=gone, claimed=claimed is not None)
    if verdict is None:
        return _unnamed(at, pad, Comparison.AWAITED)
    if claim is not None and not at <= claim.until:
        verdict = replace(verdict, subject=None)
    asked_about = None if opinion is None or verdict is own else opinion.asked_about
    return replace(_of_verdict(at, pad, verdict), asked_about=asked_about)


def _judged(opinion: Opinion, policy: AccessPolicy, claimed: SubjectId | None) -> Verdict | None:
    """What an opinion says; None of a face model that the settings do not name."""
    scale = policy.cloud.scales.get(opinion.candidates.space)
    return None if scale is None else judge(opinion.candidates, scale, claimed)


def _of_verdict(at: Instant, pad: PadResult, verdict: Verdict) -> Evidence:
    return Evidence(
        at,
        pad,
        verdict.subject,
        verdict.ambiguous,
        verdict.best,
        verdict.margin,
        runner_up=verdict.runner_up,
        space=verdict.space,
        threshold=verdict.threshold,
        unconfirmed=verdict.unconfirmed,
    )


def continued(run: Run, evidence: Evidence, policy: AccessPolicy) -> Run:
    """The frames that one more frame joins, without those older than the window.

    A frame that is not later than the last one joins none: it begins a new run.
    """
    if run and evidence.at <= run[-1].at:
        return ()
    return tuple(e for e in run if evidence.at - e.at <= policy.window_seconds)


def gathering(session: Acquiring, evidence: Evidence, policy: AccessPolicy) -> Acquiring:
    """The session with one more frame, in the run and in the evidence of the whole session."""
    earlier = continued(session.run, evidence, policy)
    newest = _within(earlier, evidence)
    run, gathered = (covered((*frames, newest)) for frames in (earlier, session.gathered))
    return replace(_weighed(session, run, gathered, policy), defect=None, crowded=False)


def _within(earlier: Run, newest: Evidence) -> Evidence:
    """The newest evidence of a run; not compared yet if it rests on a frame beyond the run."""
    began_at, asked = earlier[0].at if earlier else newest.at, newest.asked_about
    since = newest.at if newest.since is None else newest.since
    if since >= began_at and (asked is None or since <= asked <= newest.at):
        return newest
    return replace(_unnamed(newest.at, newest.pad, Comparison.AWAITED), since=newest.since)


def covered(frames: Run) -> Run:
    """The frames; those in and between the newest one's mean take over what was said of it."""
    newest = frames[-1]
    if newest.since is None or not newest.compared:
        return frames
    return tuple(e if e.at < newest.since else _named(e, newest) for e in frames)


def _named(evidence: Evidence, newest: Evidence) -> Evidence:
    """The evidence with the result of a newer mean, unless it looked like an attack."""
    if evidence.comparison is Comparison.WITHHELD:
        return evidence
    at, pad, since = evidence.at, evidence.pad, evidence.since
    kind = Comparison.COVERED if since is None else Comparison.MADE
    return replace(newest, at=at, pad=pad, comparison=kind, since=since)


def awaited(session: Acquiring, event: Identified) -> Evidence | None:
    """The evidence that an answer is about; None unless it is in the session's present run."""
    frames = (e for e in session.run if e.comparison is Comparison.AWAITED and e.looked)
    ours = event.track == session.track
    return next((e for e in frames if ours and e.at == event.captured_at), None)


def answered(
    session: Acquiring, event: Identified, policy: AccessPolicy, claim: Claim | None
) -> Acquiring | None:
    """The session with the answer to a question about its run; None if it changes nothing."""
    frame = awaited(session, event)
    if frame is None:
        return None
    evidence = _compared(frame.at, frame.pad, event, policy, claim)
    if evidence is None:
        return None
    run, gathered = (
        tuple(evidence if e is frame else e for e in frames)
        for frames in (session.run, session.gathered)
    )
    return _weighed(session, run, gathered, policy)


def _weighed(session: Acquiring, run: Run, gathered: Run, policy: AccessPolicy) -> Acquiring:
    """The session with this evidence, and what follows from it."""
    tried = session.tried or enough(settled(run), policy.probes_required, policy.span_seconds)
    best = run if len(run) >= len(session.best) else session.best
    return replace(
        session,
        run=run,
        gathered=gathered,
        best=best,
        tried=tried,
        suspected=session.suspected
        or attacks(run, policy.probes_required, policy.span_seconds, policy),
    )


def unseen(session: Acquiring, probe: Probe) -> Acquiring:
    """The session after a view without evidence: the run is broken, the rest is kept."""
    defects = probe.quality.defects if probe.quality else ()
    defect = defects[0] if defects else None
    return replace(session, run=(), defect=defect, poor=probe.quality, crowded=False)


def settled(run: Run) -> Run:
    """The evidence without frames that are not compared yet."""
    return tuple(e for e in run if e.comparison is not Comparison.AWAITED)


def agreeing_run(run: Run) -> Run:
    """The longest tail of the run in which every comparison names the same person.

    It holds the frames between that failed attack detection, and none that is not compared yet.
    """
    run = settled(run)
    made = [(i, e.subject) for i, e in enumerate(run) if e.compared]
    others = [i for i, subject in made if subject is None or subject != made[-1][1]]
    return run[others[-1] + 1 :] if others else run


def progress(run: Run, policy: AccessPolicy) -> float:
    """The share of the evidence for a decision, 0 to 1. It does not reveal the outcome."""
    run = run if policy.cloud.used else settled(run)
    if not run:
        return 0.0
    counted = len(run) / policy.probes_required
    spanned = (run[-1].at - run[0].at) / policy.span_seconds if policy.span_seconds else counted
    return min(1.0, counted, spanned)


def proves(agreeing: Run, session: Acquiring, policy: AccessPolicy) -> bool:
    """True if these frames justify a grant; a suspect session needs more of them.

    The last one must name the person, and so must as many as are needed, and enough of these must
    have been compared themselves.
    """
    certain = tuple(e for e in agreeing if e.compared)
    made = sum(e.comparison is Comparison.MADE for e in certain)
    if agreeing[-1:] != certain[-1:] or made < policy.comparisons_required:
        return False
    probes, seconds = policy.probes_required, policy.span_seconds
    if session.suspected:
        probes, seconds = policy.refusal_probes, policy.refusal_span_seconds
    return enough(certain, probes, seconds) and _lives(agreeing, session, policy)


def lacks_only_a_name(session: Acquiring, policy: AccessPolicy) -> bool:
    """True if a matcher that names somebody now would have them recognised.

    Everything else is shown: an unbroken run, long enough, compared often enough, and bona fide.
    """
    run = tuple(_named_somebody(e) for e in session.run)
    if not run:
        return False
    before = (e for e in session.gathered if e.at < run[0].at)
    named = replace(session, gathered=(*before, *run))
    return proves(agreeing_run(run), named, policy)


def nameable(session: Acquiring, policy: AccessPolicy) -> Acquiring:
    """The session, with a chance of a grant once a service may be asked for the name.

    Each such question is a guess at a name, whether its answer is waited for or not.
    """
    if policy.cloud.used and lacks_only_a_name(session, policy):
        return replace(session, tried=True)
    return session


def _named_somebody(evidence: Evidence) -> Evidence:
    if evidence.comparison is Comparison.WITHHELD:
        return evidence
    kind = Comparison.COVERED if evidence.since is None else Comparison.MADE
    return replace(evidence, subject=_SOMEBODY, comparison=kind)


def _lives(agreeing: Run, session: Acquiring, policy: AccessPolicy) -> bool:
    """True if the run is bona fide and nothing else in the session contradicts it."""
    last = agreeing[-1]
    owed = session.failures.owed(last.at, policy.failure_window_seconds)
    named = naming(last.subject, session.gathered)
    whole = all(bona_fide(part, policy, owed) for part in (named, session.gathered))
    return whole and bona_fide(agreeing, policy)


def naming(subject: SubjectId | None, gathered: Run) -> Run:
    """The evidence that names this person, and all that failed attack detection."""
    return tuple(
        e for e in settled(gathered) if e.subject == subject or e.comparison is Comparison.WITHHELD
    )


def withheld(gathered: Run) -> Run:
    """The evidence that failed attack detection, whoever it would have named."""
    return tuple(e for e in gathered if e.comparison is Comparison.WITHHELD)


def shortfall(gathered: Run, policy: AccessPolicy) -> float:
    """The largest shortfall in attack detection, of all evidence or a person's; probes times score.

    The bona fide face of one person does not make up for a picture of another.
    """
    named = (naming(subject, gathered) for subject in {e.subject for e in gathered})
    parts = [gathered, withheld(gathered), *named]
    return max(len(part) * (policy.pad_threshold - _life(part)) for part in parts)


def attacks(run: Run, probes: int, seconds: float, policy: AccessPolicy) -> bool:
    """True if the run, or its part that names one person, is long enough and is an attack.

    Both are checked: bona fide frames must not hide an attack that follows them. Between the two
    thresholds the result is uncertain.
    """
    long = [part for part in (run, agreeing_run(run)) if enough(part, probes, seconds)]
    return any(_life(part) < policy.attack_threshold for part in long)


def enough(run: Run, probes: int, seconds: float) -> bool:
    """True if the run has so many probes over so many seconds."""
    return len(run) >= probes and run[-1].at - run[0].at >= seconds


def bona_fide(run: Run, policy: AccessPolicy, owed: float = 0.0) -> bool:
    """True if the run's evidence of life, less what is owed, reaches the threshold."""
    return _life(run) - owed / len(run) >= policy.pad_threshold


def _life(run: Run) -> float:
    return life(tuple(e.pad for e in run))
