"""What somebody still owes who was recognised."""

from __future__ import annotations

from liars import lies

ASKING = ("second_factor", "waiting")

MUTANTS = [
    *lies(
        "access/second_factor",
        ASKING,
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
            "    if True:\n        track = track or 0\n        watched",
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
            "if state.shown_at is not None or event.presented_at is None:",
            "if event.presented_at is None:",
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
            "evidence = (watched.best or None) if reason in SOMEBODY_ELSE else None",
            "evidence = None",
        ),
        (
            "wrong codes are forgotten beside it",
            "ended = conclude(_counted(state, watched), at, policy)",
            "ended = conclude(watched, at, policy)",
        ),
        (
            "a right factor wipes the wrong ones out",
            "agreeing_run(watched.run), _counted(state, watched)",
            "agreeing_run(watched.run), watched",
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
            "return shown(ended, written)\n\n\ndef _ended",
            "return shown(ended)\n\n\ndef _ended",
        ),
        (
            "the door's end does not forget who took too long",
            (
                "refused(replace(state, failures=ended.failures), reason, at, policy)\n"
                "    return Step(step.state, (written, *step.effects))"
            ),
            "refused(replace(state, failures=ended.failures), reason, at, policy)\n    return step",
        ),
        (
            "the asking forgets the refusals",
            "        seen_at=at,\n        failures=state.failures,\n        watched",
            "        seen_at=at,\n        watched",
        ),
        (
            "who walks away wipes the refusals out",
            "return Audit(decided(state.person, reason)), Idle(failures=state.failures)",
            "return Audit(decided(state.person, reason)), Idle()",
        ),
        (
            "wrong codes are not counted",
            "counted = replace(state, failures=ended.failures, mistaken=True)",
            "counted = replace(state, mistaken=True)",
        ),
        (
            "a wrong code goes unsaid",
            "counted = replace(state, failures=ended.failures, mistaken=True)",
            "counted = replace(state, failures=ended.failures)",
        ),
        (
            "a lockout by wrong codes is not written down",
            "        return shown(ended, written)\n    counted",
            "        return shown(ended)\n    counted",
        ),
        (
            "too many wrong PINs are wrong PINs",
            "if event.reason is Reason.FACTOR_WRONG:",
            "if True:",
        ),
        (
            "who was told to wait is not written down",
            (
                "event.reason, event.at, policy)\n"
                "    return Step(step.state, (written, *step.effects))"
            ),
            "event.reason, event.at, policy)\n    return step",
        ),
        (
            "what waited for its check is new",
            "until=Instant(event.presented_at + policy.session_timeout_seconds),",
            "until=Instant(event.at + policy.session_timeout_seconds),",
        ),
        (
            "a PIN that waited is new to the door",
            "replace(state.person, at=at, captured_at=at, factor=state.factor)",
            "replace(state.person, at=at, factor=state.factor)",
        ),
        (
            "which factor was shown is forgotten",
            "return recognised(agreeing, state.person.subject, session, policy, state.factor)",
            "return recognised(agreeing, state.person.subject, session, policy)",
        ),
        (
            "a badge is written down twice",
            "return admitting(person, state.track, state.failures)",
            "return admitting(person, state.track, state.failures, Audit(person))",
        ),
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
            "case ((Idle() | Admitting() | Asking() | Resolved()), Released()):",
            "case _, Released():",
        ),
        (
            "an operator's no is passed over",
            "return _refuse(Reason.OPERATOR_DENIED, state, event.at, policy)",
            "return Step(state)",
        ),
        ("the badge is not looked at", "        claim=state.claim,\n", ""),
    ),
    *lies(
        "access/faults",
        ASKING,
        (
            "a fault lets the asking go on",
            "return (Audit(decided(state.person, Reason.FAULT)),)",
            "return ()",
        ),
    ),
]
