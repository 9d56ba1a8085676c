"""What is answered about somebody who was recognised, and what they still owe."""

from __future__ import annotations

from liars import lies

ASKING = ("second_factor", "waiting")

MUTANTS = [
    *lies(
        "access/second_factor",
        ASKING,
        (
            "a wrong code is a grant",
            "if event.reason is None:",
            "if event.reason in {None, Reason.FACTOR_WRONG}:",
        ),
        (
            "a refusal of the rules is a grant",
            "return _refused(state, event.reason, event.at, policy, event.opens)",
            "return _granted(state, event, policy)",
        ),
        (
            "whoever owes a factor is let in",
            "return _asked(state, event, policy)",
            "return _granted(state, event, policy)",
        ),
        (
            "wrong codes are not counted",
            "again = replace(state, failures=ended.failures, mistaken=True)",
            "again = replace(state, mistaken=True)",
        ),
        (
            "a wrong code goes unsaid",
            "again = replace(state, failures=ended.failures, mistaken=True)",
            "again = replace(state, failures=ended.failures)",
        ),
        (
            "codes may be tried for ever",
            "ended = failed(state.failures, event.at, policy)",
            "ended = Idle(failures=state.failures.add(event.at, policy.failure_window_seconds))",
        ),
        (
            "who walked away is still asked",
            "if event.at - state.seen_at >= policy.factor_absence_seconds:",
            "if False:",
        ),
        (
            "whoever looks down at the keys has left",
            "event.at - state.seen_at >= policy.factor_absence_seconds",
            "event.at - state.seen_at >= policy.absence_seconds",
        ),
        (
            "a badge alone must show a face",
            "    if track is not None:\n        watched",
            "    if True:\n        track = track or TrackId(0)\n        watched",
        ),
        (
            "another face inherits the asking",
            "if (reason := against(state, watched, event.at, policy)) is not None:",
            "if (reason := against(state, watched, event.at, policy)) is None and False:",
        ),
        (
            "the face alone is enough",
            "if state.shown_at is not None and proven(state, watched, policy):",
            "if proven(state, watched, policy):",
        ),
        (
            "the factor is enough, whoever stands there",
            "if state.shown_at is not None and proven(state, watched, policy):",
            "if state.shown_at is not None and watched.run:",
        ),
        (
            "frames of before the factor complete it",
            "watched=replace(state.watched, run=(), best=(), defect=None),",
            "watched=state.watched,",
        ),
        (
            "whoever shows it again has more time",
            "or state.watched is None or state.shown_at is not None:",
            "or state.watched is None:",
        ),
        (
            "what is shown late is missing",
            "late = Reason.FACTOR_MISSING if state.shown_at is None else why_late(watched)",
            "late = Reason.FACTOR_MISSING",
        ),
        (
            "whoever typed for long has left",
            "        seen_at=event.at,\n        mistaken=False,",
            "        mistaken=False,",
        ),
        (
            "a twin's badge is forgotten",
            "verified=isinstance(state, Resolved) and state.verified,",
            "verified=False,",
        ),
        (
            "every twin is verified",
            "verified=isinstance(state, Resolved) and state.verified,",
            "verified=True,",
        ),
        (
            "an operator's hold leaves the asking",
            "    if policy.hold is not None:\n        return _leave",
            "    if False:\n        return _leave",
        ),
        (
            "who forgot their badge is held guilty",
            "state.proven and reason not in SOMEBODY_ELSE",
            "False",
        ),
        (
            "who takes somebody's place is not",
            "state.proven and reason not in SOMEBODY_ELSE",
            "state.proven",
        ),
        (
            "whoever stood there instead is held nothing against",
            "    if watched is None or theirs:",
            "    if True or watched is None or theirs:",
        ),
        (
            "what was seen instead is not written down",
            "evidence = watched.best if reason in SOMEBODY_ELSE else ()",
            "evidence = ()",
        ),
        (
            "wrong codes are forgotten beside it",
            "conclude(replace(watched, failures=state.failures), at, policy)",
            "conclude(watched, at, policy)",
        ),
        ("the asking never ends", "if not event.at < state.until:", "if False:"),
        (
            "a time that is none goes on asking",
            "if not event.at < state.until:",
            "if event.at >= state.until:",
        ),
        (
            "an asking for a badge's PIN never ends",
            "if event.at < state.until:\n",
            "if True:\n",
        ),
        (
            "the door's end does not forget who walked away",
            "return Step(ended, (forget, Show(ended)))\n\n\ndef _forgotten",
            "return Step(ended, (Show(ended),))\n\n\ndef _forgotten",
        ),
        (
            "the door's end does not forget who took too long",
            "return Step(step.state, (forget, *step.effects))",
            "return step",
        ),
        (
            "asking again gives more time",
            "event.factor is None or isinstance(state, Asking)",
            "event.factor is None",
        ),
        (
            "an asking of nobody",
            "if event.subject is None or event.factor is None",
            "if event.factor is None",
        ),
        (
            "the asking forgets the refusals",
            "        seen_at=event.at,\n        failures=state.failures,\n        watched",
            "        seen_at=event.at,\n        watched",
        ),
        (
            "an answer forgets the refusals",
            "        seen_at=at,\n        failures=state.failures,",
            "        seen_at=at,",
        ),
        (
            "who walks away wipes the refusals out",
            "return Forget(at, reason), Idle(failures=state.failures)",
            "return Forget(at, reason), Idle()",
        ),
        (
            "an operator cannot deny who was let in",
            "case Resolved(reason=Reason.MATCHED):\n            return _refused",
            "case Resolved(reason=Reason.FAULT):\n            return _refused",
        ),
        (
            "a claim lasts for ever",
            "return claim if claim is not None and at <= claim.until else None",
            "return claim",
        ),
        (
            "evidence of before the badge counts",
            "return _shown(replace(state, run=(), claim=claimed))",
            "return _shown(replace(state, claim=claimed))",
        ),
        (
            "whoever waits for the door waits long",
            "retry = hold if reason in PASSING_BY else",
            "retry = hold if False else",
        ),
        (
            "whoever may not come in is asked again at once",
            "retry = hold if reason in PASSING_BY else max(hold, policy.retry_seconds)",
            "retry = hold",
        ),
        ("nobody says when the door opens", ", opens=opens))", "))"),
    ),
    *lies(
        "access/evidence",
        ASKING,
        (
            "a found badge opens for a face that is clearly another's",
            "another = claimed is not best and candidates.margin >= policy.margin",
            "another = False",
        ),
        (
            "a badge lowers the threshold",
            "near = claimed is not None and claimed.score >= policy.decision_threshold",
            "near = claimed is not None",
        ),
        (
            "an old badge counts",
            "subject = claim.subject if near and not another and at <= claim.until else None",
            "subject = claim.subject if near and not another else None",
        ),
        (
            "any badge will do",
            "next((c for c in candidates.candidates if c.subject == claim.subject), None)",
            "next(iter(candidates.candidates), None)",
        ),
    ),
    *lies(
        "access/machine",
        ASKING,
        (
            "faces are decided on while an operator holds",
            "if policy.hold is not None or event.at - state.seen_at >= gone:",
            "if event.at - state.seen_at >= gone:",
        ),
        (
            "a session begins while an operator holds",
            "if policy.hold is not None or not event.probes:",
            "if not event.probes:",
        ),
        (
            "an answer ends a lockout",
            "case ((Idle() | Asking() | Resolved()), (Answered() | Overruled())):",
            "case _, (Answered() | Overruled()):",
        ),
        (
            "an operator's no is passed over",
            "return _refuse(Reason.OPERATOR_DENIED, state, event.at, policy)",
            "return Step(state)",
        ),
        (
            "a fault lets the asking go on",
            "return (Forget(event.at, Reason.FAULT),)",
            "return ()",
        ),
        ("the badge is not looked at", "        claim=state.claim,\n", ""),
    ),
]
