"""The decision itself: the machine and the judge of evidence."""

from __future__ import annotations

from liars import lies

DECIDING = (
    "lockout",
    "access_people",
    "access_passing",
    "access_near_misses",
    "access_transitions",
    "access_life",
    "access_late_answers",
)
PROVING = (
    "access_near_misses",
    "access_life",
    "access_passing",
    "access_people",
    "lockout",
    "access_transitions",
    "access_late_answers",
)

MUTANTS = [
    *lies(
        "access/machine",
        DECIDING,
        (
            "another face goes on with the session",
            "case (probe,) if probe.track == state.track:",
            "case (probe,):",
        ),
        (
            "two faces are looked at as if they were one",
            "return _show(session) if others else _take(session, probe, event.at, policy)",
            "return _take(session, probe, event.at, policy)",
        ),
        (
            "a second face breaks nothing",
            "replace(state, seen_at=event.at, run=(), crowded=True, defect=None)",
            "replace(state, seen_at=event.at, crowded=True, defect=None)",
        ),
        (
            "an empty lane breaks nothing",
            "return Step(replace(state, run=()))",
            "return Step(state)",
        ),
        (
            "the screen comes before everything",
            "return Step(state, (*before, Show(state)))",
            "return Step(state, (Show(state), *before))",
        ),
        (
            "a refusal is not written down",
            "    return _show(resolved, audit)\n",
            "    return _show(resolved)\n",
        ),
        (
            "an answer that never comes is held against the person",
            "if reason is Reason.NOT_COMPARED:",
            "if False:",
        ),
        (
            "an attack that ends with the matcher is forgotten",
            "ended = Idle(failures=doubted(session, at, policy))",
            "ended = Idle(failures=session.failures)",
        ),
        (
            "the end of a matcher's failure is another failure",
            "recovered = isinstance(event, Recovered)",
            "recovered = False",
        ),
        (
            "a lockout swallows the entry that led to it",
            "return _show(ended, audit)",
            "return _show(ended)",
        ),
        (
            "who leaves is not written down",
            "return Step(begun.state, (*written, *begun.effects))",
            "return Step(begun.state, begun.effects)",
        ),
        (
            "an attack that steps aside is forgotten",
            "    begun = _begin(ended, event, policy)",
            "    begun = _begin(Idle(failures=state.failures), event, policy)",
        ),
        (
            "a lockout that ends wipes the doubt out",
            "return _show(Idle(failures=failures)) if event.at >= until",
            "return _show(Idle()) if event.at >= until",
        ),
        (
            "attacks are not refused",
            "        return _refuse(Reason.PRESENTATION_ATTACK, session, at, policy)",
            "        return _show(session)",
        ),
        (
            "strangers are refused though they may be attacks",
            "if not bona_fide(run, policy) or any(",
            "if any(",
        ),
        (
            "somebody half recognised is refused",
            "if not bona_fide(run, policy) or any(e.subject is not None for e in run):",
            "if not bona_fide(run, policy):",
        ),
        (
            "a twin is a stranger",
            "ambiguous = any(e.ambiguous for e in run)",
            "ambiguous = False",
        ),
        (
            "refusals come too early",
            "if not enough(run, policy.refusal_probes, policy.refusal_span_seconds):",
            "if not enough(run, policy.probes_required, policy.span_seconds):",
        ),
        (
            "faults are overlooked while a result stands",
            "case _, Faulted():",
            "case (Idle() | Acquiring() | LockedOut() | OutOfService()), Faulted():",
        ),
        (
            "a lockout ends at once",
            "return _show(Idle(failures=failures)) if event.at >= until else Step(state)",
            "return _show(Idle(failures=failures))",
        ),
        (
            "a lockout never ends",
            "return _show(Idle(failures=failures)) if event.at >= until else Step(state)",
            "return Step(state)",
        ),
        (
            "a time that is none ends a lockout",
            "return _show(Idle(failures=failures)) if event.at >= until else Step(state)",
            "return Step(state) if event.at < until else _show(Idle())",
        ),
        (
            "sessions never time out",
            "if event.at - state.since >= late:",
            "if False:",
        ),
        (
            "a gap in time ends no session",
            "if policy.hold is not None or event.at - state.seen_at >= gone:",
            "if policy.hold is not None:",
        ),
        (
            "a refusal is not counted",
            "        seen_at=at,\n        failures=ended.failures,",
            "        seen_at=at,\n        failures=session.failures,",
        ),
        (
            "a new session forgets the refusals",
            "        crowded=bool(others),\n        failures=state.failures,",
            "        crowded=bool(others),",
        ),
        (
            "a result that ends forgets the refusals",
            "return _begin(Idle(failures=state.failures), event, policy)",
            "return _begin(Idle(), event, policy)",
        ),
        (
            "the same face is decided on without a wait",
            "if event.at >= (state.until if left else state.retry_at):",
            "if event.at >= state.until:",
        ),
        (
            "a missed frame shortens the wait",
            "left = event.at - state.seen_at >= policy.absence_seconds",
            "left = event.at - state.seen_at > 0.0",
        ),
        (
            "who waits is not seen waiting",
            "        state = replace(state, seen_at=event.at)",
            "        state = replace(state)",
        ),
    ),
    *lies(
        "access/faults",
        DECIDING,
        (
            "the second fault replaces the first",
            "return replace(state, faults=state.faults | faults)",
            "return replace(state, faults=faults)",
        ),
        (
            "one recovery recovers everything",
            "faults = state.faults - {event.part}",
            "faults = state.faults - state.faults",
        ),
        (
            "a fault is written down again and again",
            "if isinstance(state, OutOfService) and event.part in state.faults:",
            "if False:",
        ),
        (
            "a fault ends the lockout",
            "until = ended.until if isinstance(ended, LockedOut) else None",
            "until = None",
        ),
        (
            "a recovery ends the lockout",
            "rest = LockedOut(until=state.locked_until, failures=state.failures)",
            "rest = Idle()",
        ),
        (
            "a recovery wipes the doubt out",
            "rest = LockedOut(until=state.locked_until, failures=state.failures)",
            "rest = LockedOut(until=state.locked_until)",
        ),
        (
            "a fault wipes the refusals out",
            "ended = Idle(failures=state.failures)",
            "ended = Idle()",
        ),
        (
            "a fault wipes the session's own refusal out",
            "            ended = conclude(state, event.at, policy)\n        case _:",
            "            ended = Idle(failures=state.failures)\n        case _:",
        ),
        (
            "a recovery wipes the refusals out",
            "rest: State = Idle(failures=state.failures)",
            "rest: State = Idle()",
        ),
        (
            "the session that a fault cut short is not written down",
            "return Step(broken, (audit, Show(broken), *_ended(state, event, policy)))",
            "return Step(broken, (audit, Show(broken)))",
        ),
        (
            "the screen waits for a broken journal",
            "return Step(broken, (audit, Show(broken), *_ended(state, event, policy)))",
            "return Step(broken, (*_ended(state, event, policy), audit, Show(broken)))",
        ),
    ),
    *lies(
        "access/closing",
        DECIDING,
        (
            "the door is asked before the journal",
            "return Step(state, (*audit, Admit(person)))",
            "return Step(state, (Admit(person), *audit))",
        ),
        (
            "a grant wipes the refusals out",
            "Admitting(person=person, track=track, failures=failures)",
            "Admitting(person=person, track=track)",
        ),
        (
            "the release is stamped afresh",
            "captured_at=agreeing[0].at,",
            "captured_at=agreeing[-1].at,",
        ),
        (
            "who is recognised is not written down",
            "return admitting(person, session.track, session.failures, Audit(person))",
            "return admitting(person, session.track, session.failures)",
        ),
        (
            "the entry of a grant holds frames that it does not rest on",
            "evidence=agreeing,",
            "evidence=session.run,",
        ),
        (
            "passers-by are written down",
            "or session.seen_at - session.since < policy.span_seconds:",
            "or False:",
        ),
        (
            "who was never compared is written down",
            "if not session.gathered or session.seen_at",
            "if session.seen_at",
        ),
        (
            "a chance of a grant counts for nothing",
            "return session.tried or (compared and stayed)",
            "return compared and stayed",
        ),
        (
            "only a chance of a grant counts",
            "return session.tried or (compared and stayed)",
            "return session.tried",
        ),
        (
            "a long poor view counts as a refusal",
            "return session.tried or (compared and stayed)",
            "return session.tried or stayed",
        ),
        (
            "a glance counts as a refusal",
            "return session.tried or (compared and stayed)",
            "return session.tried or compared",
        ),
        (
            "one refusal too many",
            "if len(failures.at) < policy.failures_allowed:",
            "if len(failures.at) <= policy.failures_allowed:",
        ),
        (
            "a lockout wipes the doubt out",
            "failures=failures.settled())",
            "failures=Failures())",
        ),
        (
            "a lockout leads to the next",
            "failures=failures.settled())",
            "failures=failures)",
        ),
        (
            "no visit is held against the next",
            "return failed(doubted(session, at, policy), at, policy)",
            "return failed(session.failures, at, policy)",
        ),
        (
            "doubt has no end",
            "policy.probes_required * policy.pad_threshold",
            "1e9",
        ),
        (
            "the entry is emptied by a poor view",
            "run = session.best  # a run",
            "pass  # a run",
        ),
        (
            "the longest run is written down instead of what decided",
            "if not enough(run, policy.probes_required, policy.span_seconds):",
            "if True:",
        ),
        (
            "the entry of a refusal hides the suspicion",
            "defect=session.defect,\n        suspected=session.suspected,",
            "defect=session.defect,\n        suspected=False,",
        ),
        (
            "the entry of a recognition hides the suspicion",
            "evidence=agreeing,\n        suspected=session.suspected,",
            "evidence=agreeing,\n        suspected=False,",
        ),
    ),
    *lies(
        "access/evidence",
        PROVING,
        ("skip the attack detection", "and _lives(agreeing, session, policy)", ""),
        (
            "a verdict is taken again until it passes",
            "return whole and bona_fide",
            "return bona_fide",
        ),
        (
            "life on the whole hides the picture that came last",
            "return whole and bona_fide(agreeing, policy)",
            "return whole",
        ),
        (
            "one's living face makes up for another's picture",
            "for part in (named, session.gathered))",
            "for part in (session.gathered,))",
        ),
        (
            "what names nobody speaks for nothing",
            "for part in (named, session.gathered))",
            "for part in (named,))",
        ),
        (
            "nothing is owed for the visits before",
            "bona_fide(part, policy, owed) for part",
            "bona_fide(part, policy) for part",
        ),
        (
            "a picture hides its shortfall behind a living face",
            "return max(len(part) * (policy.pad_threshold - _life(part)) for part in parts)",
            "return len(gathered) * (policy.pad_threshold - _life(gathered)) + 0 * len(parts)",
        ),
        (
            "frames of broken runs are forgotten",
            "gathered = (*session.gathered, evidence)",
            "gathered = run",
        ),
        (
            "a poor view breaks nothing",
            "return replace(session, run=(), defect=defects[0] if",
            "return replace(session, defect=defects[0] if",
        ),
        (
            "no run is ever suspect",
            "        or attacks(run, policy.probes_required, policy.span_seconds, policy),",
            "        or False,",
        ),
        (
            "suspicion takes as long as a refusal",
            "or attacks(run, policy.probes_required, policy.span_seconds, policy),",
            "or attacks(run, policy.refusal_probes, policy.refusal_span_seconds, policy),",
        ),
        (
            "a chance that was broken off was none",
            "tried = session.tried or enough",
            "tried = enough",
        ),
        (
            "the shortest run is the best",
            "if len(run) >= len(session.best)",
            "if len(run) <= len(session.best) or not session.best",
        ),
        ("skip the quality gate", "or not quality.acceptable or", "or"),
        ("any space will do", "if candidates.space != policy.space:", "if False:"),
        ("any frame will do", "or probe.captured_at != at:", ":"),
        (
            "the threshold is not held",
            "near = best is not None and best.score >= policy.decision_threshold",
            "near = best is not None",
        ),
        (
            "the threshold must be passed, not met",
            "best.score >= policy.decision_threshold",
            "best.score > policy.decision_threshold",
        ),
        (
            "a score that is none passes",
            "best.score >= policy.decision_threshold",
            "not best.score < policy.decision_threshold",
        ),
        ("no margin", "clear = candidates.margin >= policy.margin", "clear = True"),
        (
            "a margin that is none passes",
            "clear = candidates.margin >= policy.margin",
            "clear = not candidates.margin < policy.margin",
        ),
        (
            "a thin margin is a stranger",
            "return Evidence(at, pad, subject, near and not clear, best, candidates.margin)",
            "return Evidence(at, pad, subject, False, best, candidates.margin)",
        ),
        (
            "a frame counts as often as it is shown",
            "if run and evidence.at <= run[-1].at:",
            "if run and evidence.at < run[-1].at:",
        ),
        (
            "frames from the past count",
            "if run and evidence.at <= run[-1].at:",
            "if run and evidence.at == run[-1].at:",
        ),
        (
            "evidence never grows old",
            "(*(e for e in run if evidence.at - e.at <= policy.window_seconds), evidence)",
            "(*run, evidence)",
        ),
        (
            "anybody's frames agree",
            "if subject is None or subject != made[-1][1]]",
            "if subject is None]",
        ),
        (
            "frames before the switch lend their life",
            "return run[others[-1] + 1 :] if others else run",
            "return run",
        ),
        (
            "what is not compared yet counts for whoever it will",
            "tuple(e for e in run if e.comparison is not Comparison.AWAITED)",
            "run",
        ),
        (
            "an answer about a frame before the break counts",
            "for e in session.run if e.comparison is Comparison.AWAITED",
            "for e in session.gathered if e.comparison is Comparison.AWAITED",
        ),
        (
            "an answer about another face counts",
            "ours = event.track == session.track",
            "ours = True",
        ),
        (
            "an answer counts for any frame",
            "if ours and e.at == event.captured_at",
            "if ours",
        ),
        (
            "what failed attack detection was compared",
            "kind = Comparison.AWAITED if passed else Comparison.WITHHELD",
            "kind = Comparison.AWAITED",
        ),
        (
            "an attack that names nobody speaks against nobody",
            "if e.subject == subject or e.comparison is Comparison.WITHHELD",
            "if e.subject == subject",
        ),
        (
            "frames of an attack count towards the number that name the person",
            "certain = tuple(e for e in agreeing if e.comparison is Comparison.MADE)",
            "certain = agreeing",
        ),
        (
            "an attack leaves no doubt behind a living face",
            "parts = [gathered, withheld(gathered), *named]",
            "parts = [gathered, *named]",
        ),
        ("one frame fewer", "return len(run) >= probes and", "return len(run) >= probes - 1 and"),
        ("no least span", " and run[-1].at - run[0].at >= seconds", ""),
        ("no least count", "len(run) >= probes and ", ""),
        ("suspects owe nothing", "if session.suspected:", "if False:"),
        (
            "life before an attack hides it",
            "for part in (run, agreeing_run(run))",
            "for part in (run,)",
        ),
        (
            "an attack that names nobody is none",
            "for part in (run, agreeing_run(run))",
            "for part in (agreeing_run(run),)",
        ),
        (
            "between attack and life all is attack",
            "_life(part) < policy.attack_threshold",
            "_life(part) < policy.pad_threshold",
        ),
        (
            "between attack and life all is life",
            "return _life(run) - owed / len(run) >= policy.pad_threshold",
            "return _life(run) - owed / len(run) >= policy.attack_threshold",
        ),
        (
            "life must be passed, not met",
            "return _life(run) - owed / len(run) >= policy.pad_threshold",
            "return _life(run) - owed / len(run) > policy.pad_threshold",
        ),
    ),
    *lies(
        "vision/attack",
        ("values", "access_near_misses"),
        ("no frames are alive", "if shares else 0.0", "if shares else 1.0"),
        ("a score that is none is alive", "else 0.0 for result", "else 1.0 for result"),
        (
            "a score beyond one counts",
            "min(result.score, 1.0) if _is_share(result.score)",
            "min(result.score, 9.0) if result.score >= 0",
        ),
        ("the liveliest frame decides", "sum(shares) / len(shares)", "max(shares)"),
    ),
    *lies(
        "access/lockout",
        ("lockout", "access_life"),
        ("doubt is forgotten at once", "return 0.0 if now", "return 0.0 if True or now"),
        ("doubt is never forgotten", "if now - self.doubted_at >= window_seconds", "if False"),
        (
            "a time that is none forgets the doubt",
            "0.0 if now - self.doubted_at >= window_seconds else self.doubt",
            "self.doubt if now - self.doubted_at < window_seconds else 0.0",
        ),
        ("a living face makes up for the doubt", "if not short > 0.0:", "if False:"),
        (
            "the last doubt replaces the one before",
            "self.owed(now, window_seconds) + short",
            "short",
        ),
        ("old refusals are remembered for ever", "if now - at < window_seconds", ""),
        (
            "a new refusal replaces the old ones",
            "(*self.since(now, window_seconds), now)",
            "(now,)",
        ),
        (
            "a jump of the clock forgets",
            "if now - at < window_seconds",
            "if 0 <= now - at < window_seconds",
        ),
    ),
]
