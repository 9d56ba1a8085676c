"""What is answered about somebody who was recognised, and what they still owe."""

from __future__ import annotations

from liars import lies

ASKING = ("asking",)

MUTANTS = [
    *lies(
        "asking",
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
            "another face stands in for the one that was recognised",
            "any(p.track == state.track for p in event.probes)",
            "event.probes",
        ),
        (
            "who walked away is still asked",
            "if state.track is not None and unseen >= policy.factor_absence_seconds:",
            "if False:",
        ),
        (
            "a badge alone must show a face",
            "if state.track is not None and unseen >= policy.factor_absence_seconds:",
            "if unseen >= policy.factor_absence_seconds:",
        ),
        (
            "whoever looks down at the keys has left",
            "unseen >= policy.factor_absence_seconds",
            "unseen >= policy.absence_seconds",
        ),
        ("the asking never ends", "if not event.at < state.until:", "if False:"),
        (
            "a time that is none goes on asking",
            "if not event.at < state.until:",
            "if event.at >= state.until:",
        ),
        (
            "the door's end does not forget who walked away",
            "return Step(idle, (Forget(event.at, Reason.FACTOR_MISSING), Show(idle)))",
            "return Step(idle, (Show(idle),))",
        ),
        (
            "the door's end does not forget who took too long",
            "return Step(step.state, (Forget(at, reason), *step.effects))",
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
            "        seen_at=event.at,\n        failures=state.failures,",
            "        seen_at=event.at,",
        ),
        (
            "an answer forgets the refusals",
            "        seen_at=at,\n        failures=state.failures,",
            "        seen_at=at,",
        ),
        (
            "who walks away wipes the refusals out",
            "idle = Idle(failures=state.failures)",
            "idle = Idle()",
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
        "evidence",
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
        "access",
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
