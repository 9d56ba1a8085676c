"""Ways to break the deciding core, one small lie each. Every one must be found out by a test.

Each is a piece of the source as it stands and what it would say instead. A piece that no longer
stands there, or stands there twice, is an error: then the list has fallen behind the code.
"""

from __future__ import annotations

from dataclasses import dataclass

DECIDING = ("lockout", "access_people", "access_near_misses", "access_transitions")
PROVING = ("access_near_misses", "access_people", "lockout", "access_transitions")


@dataclass(frozen=True)
class Mutant:
    """One lie.

    Attributes:
        name: what the program would do.
        module: of `kiosk.domain`.
        old: the source as it stands.
        new: what it would say.
        tests: of `tests/unit/domain`, asked in this order until one fails.
    """

    name: str
    module: str
    old: str
    new: str
    tests: tuple[str, ...]


def lies(module: str, tests: tuple[str, ...], *pairs: tuple[str, str, str]) -> list[Mutant]:
    """Mutants of one module: (name, old, new) each."""
    return [Mutant(name, module, old, new, tests) for name, old, new in pairs]


MUTANTS = [
    *lies(
        "access",
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
            "a poor view breaks nothing",
            "return _show(replace(session, run=(), defect=defect))",
            "return _show(replace(session, defect=defect))",
        ),
        (
            "the door moves before the journal",
            "return _show(resolved, audit, ReleaseDoor(policy.release_seconds, at))",
            "return _show(resolved, ReleaseDoor(policy.release_seconds, at), audit)",
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
            "a lockout swallows the entry that led to it",
            "return _show(LockedOut(until=locked_until), audit)",
            "return _show(LockedOut(until=locked_until))",
        ),
        (
            "who leaves is not written down",
            "return Step(begun.state, (*audits, *begun.effects))",
            "return Step(begun.state, begun.effects)",
        ),
        (
            "passers-by are written down",
            "if session.seen_at - session.since < policy.span_seconds:",
            "if False:",
        ),
        (
            "an attack that steps aside is forgotten",
            "    begun = _begin(Idle(failures=failures), event, policy)",
            "    begun = _begin(Idle(failures=state.failures), event, policy)",
        ),
        (
            "no run is ever suspect",
            "session = replace(session, suspected=True)",
            "session = replace(session)",
        ),
        (
            "suspicion counts for nothing at the end",
            "return session.suspected or (compared and stayed)",
            "return compared and stayed",
        ),
        (
            "only suspicion counts at the end",
            "return session.suspected or (compared and stayed)",
            "return session.suspected",
        ),
        (
            "a long poor view counts as a refusal",
            "return session.suspected or (compared and stayed)",
            "return session.suspected or stayed",
        ),
        (
            "a glance counts as a refusal",
            "return session.suspected or (compared and stayed)",
            "return session.suspected or compared",
        ),
        (
            "comparisons of broken runs are forgotten",
            "compared=session.compared + 1",
            "compared=len(run)",
        ),
        (
            "attacks are not refused",
            "        return _refuse(Reason.PRESENTATION_ATTACK, session, at, policy)",
            "        return _show(session)",
        ),
        (
            "suspicion takes as long as a refusal",
            "if attacks(run, policy.probes_required, policy.span_seconds, policy):",
            "if attacks(run, policy.refusal_probes, policy.refusal_span_seconds, policy):",
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
            "return OutOfService(faults=faults, locked_until=until)",
            "return OutOfService(faults=faults)",
        ),
        (
            "a recovery ends the lockout",
            "rest = LockedOut(until=state.locked_until)",
            "rest = Idle()",
        ),
        (
            "a fault wipes the refusals out",
            "return OutOfService(faults=faults, failures=state.failures)",
            "return OutOfService(faults=faults)",
        ),
        (
            "a fault wipes the session's own refusal out",
            "return OutOfService(faults=faults, failures=failures, locked_until=locked_until)",
            "return OutOfService(faults=faults, failures=state.failures)",
        ),
        (
            "a recovery wipes the refusals out",
            "rest: State = Idle(failures=state.failures)",
            "rest: State = Idle()",
        ),
        (
            "the session that a fault cut short is not written down",
            "return Step(broken, (fault, Show(broken), *ended))",
            "return Step(broken, (fault, Show(broken)))",
        ),
        (
            "the screen waits for a broken journal",
            "return Step(broken, (fault, Show(broken), *ended))",
            "return Step(broken, (*ended, fault, Show(broken)))",
        ),
        (
            "a lockout ends at once",
            "return _show(Idle()) if event.at >= until else Step(state)",
            "return _show(Idle())",
        ),
        (
            "a lockout never ends",
            "return _show(Idle()) if event.at >= until else Step(state)",
            "return Step(state)",
        ),
        (
            "a time that is none ends a lockout",
            "return _show(Idle()) if event.at >= until else Step(state)",
            "return Step(state) if event.at < until else _show(Idle())",
        ),
        (
            "sessions never time out",
            "if event.at - since >= policy.session_timeout_seconds:",
            "if False:",
        ),
        (
            "a gap in time ends no session",
            "if event.at - seen_at >= policy.absence_seconds:",
            "if False:",
        ),
        (
            "one refusal too many",
            "locked = len(failures.at) >= policy.failures_allowed",
            "locked = len(failures.at) > policy.failures_allowed",
        ),
        (
            "a grant wipes the refusals out",
            "        seen_at=at,\n        failures=session.failures,",
            "        seen_at=at,",
        ),
        (
            "a refusal is not counted",
            "        seen_at=at,\n        failures=failures,",
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
        (
            "a result is cut short",
            "until=Instant(at + policy.granted_hold_seconds),",
            "until=at,",
        ),
        (
            "the release is stamped afresh",
            "ReleaseDoor(policy.release_seconds, at)",
            "ReleaseDoor(policy.release_seconds, Instant(at + 1.0))",
        ),
        (
            "the entry of a grant holds frames that it does not rest on",
            "evidence=agreeing_run(session.run) if granted else session.run,",
            "evidence=session.run,",
        ),
        (
            "the entry hides the suspicion",
            "suspected=session.suspected,",
            "suspected=False,",
        ),
    ),
    *lies(
        "evidence",
        PROVING,
        ("skip the attack detection", "and bona_fide(agreeing, policy)", ""),
        ("skip the quality gate", "or not quality.acceptable or", "or"),
        ("any space will do", "candidates.space != policy.space or", ""),
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
            "if evidence.subject != run[-1].subject]",
            "if evidence.subject is None]",
        ),
        (
            "frames before the switch lend their life",
            "return run[others[-1] + 1 :] if others else run",
            "return run",
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
            "return _life(run) >= policy.pad_threshold",
            "return _life(run) >= policy.attack_threshold",
        ),
        (
            "life must be passed, not met",
            "return _life(run) >= policy.pad_threshold",
            "return _life(run) > policy.pad_threshold",
        ),
    ),
    *lies(
        "attack",
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
        "lockout",
        ("lockout",),
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
    *lies(
        "policy",
        ("policy",),
        ("the gallery's size is no matter", "/ max(references, 1)", "/ 1"),
        ("no floor", "max(policy.floor, float(", "max(-1.0, float("),
        (
            "beyond the calibration is guessed",
            "if fmr < points[0].fmr * (1.0 - ROUNDING):",
            "if False:",
        ),
        (
            "the last point is out of reach",
            "if fmr < points[0].fmr * (1.0 - ROUNDING):",
            "if fmr <= points[0].fmr * (1.0 + ROUNDING):",
        ),
        (
            "scores that contradict are taken",
            "a.fmr < b.fmr and a.score > b.score",
            "a.fmr < b.fmr",
        ),
        (
            "rates that contradict are taken",
            "a.fmr < b.fmr and a.score > b.score",
            "a.score > b.score",
        ),
        ("unknown scores are taken", "and math.isfinite(point.score)", ""),
        ("rates that are none are taken", "0.0 < point.fmr < 1.0 and", ""),
        (
            "a target that is none is taken",
            "if not 0.0 < policy.target_fpir < 1.0:",
            "if policy.target_fpir >= 1.0 or policy.target_fpir <= 0.0:",
        ),
        ("scores follow the rate, not its logarithm", "[math.log(point.fmr) for", "[point.fmr for"),
    ),
    *lies(
        "comparison",
        ("comparison",),
        (
            "the second is the same person again",
            "others = np.where(self.owners == self.owners[int(scores.argmax())], -np.inf, scores)",
            "others = np.where(np.arange(len(scores)) == scores.argmax(), -np.inf, scores)",
        ),
        ("probes of any space", "if probe.space != self.space:", "if False:"),
        ("references of any space", "if reference.template.space != space:", "if False:"),
        ("a margin where there is no second", 'return float("inf")', "return 0.0"),
        (
            "the margin is the best score",
            "return self.candidates[0].score - self.candidates[1].score",
            "return self.candidates[0].score",
        ),
        ("the first of the gallery is the best", "row = int(scores.argmax())", "row = 0"),
        ("templates of any length", "if template.vector.size != dimensions:", "if False:"),
    ),
    *lies(
        "quality",
        ("quality",),
        (
            "turned left is straight",
            "abs(measures.yaw) <= bounds.max_yaw",
            "measures.yaw <= bounds.max_yaw",
        ),
        (
            "up and down are mixed up",
            "measures.pitch >= bounds.min_pitch",
            "-measures.pitch >= bounds.min_pitch",
        ),
        (
            "50 pixels are enough",
            "measures.size_px > bounds.min_size_px",
            "measures.size_px >= bounds.min_size_px",
        ),
        (
            "a sharpness of 15 is enough",
            "measures.sharpness > bounds.min_sharpness",
            "measures.sharpness >= bounds.min_sharpness",
        ),
        (
            "a brightness of 15 is enough",
            "measures.brightness > bounds.min_brightness",
            "measures.brightness >= bounds.min_brightness",
        ),
        (
            "blown out is bright",
            "        and measures.overexposed <= bounds.max_overexposed,",
            "        ,",
        ),
        ("closed eyes are open", "measures.eyes_closed <= bounds.max_eyes_closed", "True"),
        ("sunglasses are glasses", "measures.sunglasses <= bounds.max_sunglasses", "True"),
        (
            "a mask that was not measured is none",
            "measures.mask <= bounds.max_mask",
            "not measures.mask > bounds.max_mask",
        ),
        (
            "any defect will do first",
            "tuple(defect for defect in Defect if defect in broken)",
            "tuple(sorted(broken, key=lambda d: d.value))",
        ),
    ),
    *lies(
        "lane",
        ("lane",),
        (
            "the viewer is not mirrored",
            "return Defect.OFF_RIGHT if across < 0 else Defect.OFF_LEFT",
            "return Defect.OFF_LEFT if across < 0 else Defect.OFF_RIGHT",
        ),
        (
            "up is down",
            "return Defect.OFF_DOWN if down > 0 else Defect.OFF_UP",
            "return Defect.OFF_UP if down > 0 else Defect.OFF_DOWN",
        ),
        (
            "the lane is a box",
            "if across**2 + down**2 > 1.0:",
            "if max(abs(across), abs(down)) > 1.0:",
        ),
        ("bystanders are asked in", "if share < lane.notice_face:", "if False:"),
        ("who is too far counts", "if share < lane.min_face:", "if False:"),
        (
            "who is too close blocks nothing",
            "    return INSIDE\n",
            "    return INSIDE if share <= lane.max_face else BYSTANDER\n",
        ),
        (
            "the middle of the lane is the middle of the picture",
            "(x / width - lane.centre_x)",
            "(x / width - 0.5)",
        ),
    ),
    *lies(
        "tracking",
        ("tracking",),
        (
            "numbers are used again",
            "return Tracks(known, next_id), tuple(tracked)",
            "return Tracks(known, self.next_id), tuple(tracked)",
        ),
        ("two faces are one", "and track not in matched.values()", ""),
        ("no least overlap", "overlap >= least and ", ""),
        ("the first pair wins", "        reverse=True,\n", ""),
        ("who was long gone comes back", "if at - t.seen_at <= policy.max_gap_seconds", ""),
        (
            "who is missed once is forgotten",
            "known = tuple(t for t in fresh if t.id not in seen) + tuple(",
            "known = tuple(",
        ),
    ),
    *lies(
        "face",
        ("tracking",),
        (
            "boxes far apart overlap",
            "if across <= 0 or down <= 0:",
            "if across <= 0 and down <= 0:",
        ),
        (
            "what both boxes share counts twice",
            "return shared / (self.area + other.area - shared)",
            "return shared / (self.area + other.area)",
        ),
    ),
    *lies(
        "door",
        ("door_rules",),
        (
            "stale evidence releases",
            "if not 0.0 <= age <= rules.max_age_seconds:",
            "if not 0.0 <= age:",
        ),
        (
            "evidence from the future releases",
            "if not 0.0 <= age <= rules.max_age_seconds:",
            "if not age <= rules.max_age_seconds:",
        ),
        (
            "any time is allowed",
            "if not 0.0 < seconds <= rules.max_release_seconds:",
            "if not 0.0 < seconds:",
        ),
        (
            "a release never ends",
            "self.lock_until is not None and now < self.lock_until",
            "self.lock_until is not None",
        ),
        ("force goes unnoticed", "forced=not self.unlocked(now)", "forced=False"),
        (
            "a release forgives force",
            "return DoorReading(Instant(now + seconds), self.open_since, self.forced)",
            "return DoorReading(Instant(now + seconds), self.open_since)",
        ),
        ("held open goes unnoticed", "now - self.open_since >= rules.held_open_seconds", "False"),
        (
            "secure does not lock",
            "return DoorReading(None, self.open_since, self.forced)",
            "return self",
        ),
    ),
    *lies(
        "audit",
        ("audit_chain",),
        (
            "changed rows pass",
            "if entry.hash != _hash(entry.entry, entry.number, entry.previous):",
            "if False:",
        ),
        ("missing rows pass", "if entry.number != number:", "if False:"),
        ("rows need not follow each other", "if entry.previous != previous:", "if False:"),
        ("rows written in another way pass", "if sealed.line() != line:", "if False:"),
        ("the hash leaves the details out", "entry.event, dict(entry.details)]", "entry.event]"),
        (
            "the hash leaves the time out",
            "previous, entry.at_utc, entry.event",
            "previous, entry.event",
        ),
        (
            "infinity is written",
            "return None\n        case list",
            "return value\n        case list",
        ),
    ),
    *lies(
        "guidance",
        ("guidance",),
        (
            "nothing settles first",
            "settled = at - self.waiting_since >= SETTLE_SECONDS",
            "settled = True",
        ),
        ("nothing can be read", "read = at - self.since >= READ_SECONDS", "read = True"),
        (
            "results wait",
            "if view.tone in RESULTS or self.shown.tone in RESULTS:",
            "if self.shown.tone in RESULTS:",
        ),
        (
            "results linger",
            "if view.tone in RESULTS or self.shown.tone in RESULTS:",
            "if view.tone in RESULTS:",
        ),
        (
            "a wish taken back still waits",
            "return replace(self, shown=view, waiting=None)",
            "return replace(self, shown=view)",
        ),
        (
            "any wish waits for any other",
            "if self.waiting is None or self.waiting.prompt is not view.prompt:",
            "if self.waiting is None:",
        ),
        (
            "two people are told to hold still",
            "case Acquiring(crowded=True):",
            "case Acquiring(crowded=True, track=-1):",
        ),
        (
            "a refusal is a welcome",
            "return View(OF_REASON[reason], Tone.REFUSED)",
            "return View(OF_REASON[reason], Tone.GRANTED)",
        ),
        (
            "left and right are mixed up",
            "Defect.OFF_LEFT: Prompt.MOVE_RIGHT,",
            "Defect.OFF_LEFT: Prompt.MOVE_LEFT,",
        ),
    ),
    *lies(
        "enrolment",
        ("enrolment",),
        (
            "photographs enrol",
            "if mean_score(tuple(sample.pad for sample in kept)) < policy.pad_threshold:",
            "if False:",
        ),
        (
            "others lend their life",
            "sample.pad for sample in kept",
            "sample.pad for sample in samples",
        ),
        ("duplicates are merged", "if duplicate is not None:", "if False:"),
        ("only what is kept is looked up", "_duplicate(same, gallery", "_duplicate(kept, gallery"),
        (
            "two people enrol as one",
            "alike = scores[centre] >= threshold",
            "alike = scores[centre] >= -2.0",
        ),
        (
            "half is a majority",
            "if int(alike.sum()) * 2 <= len(samples):",
            "if int(alike.sum()) * 2 < len(samples):",
        ),
        (
            "the worst views are kept",
            "key=lambda sample: -sample.quality.measures.sharpness",
            "key=lambda sample: sample.quality.measures.sharpness",
        ),
        ("too few are enough", "if len(kept) < policy.min_references:", "if False:"),
        ("there are never too many", "ranked[: policy.max_references]", "ranked"),
        (
            "the gallery is asked with the strictness of one person",
            "policy.duplicate_threshold)",
            "policy.same_person_threshold)",
        ),
    ),
    *lies(
        "template",
        ("values",),
        ("any vector is a template", "if not abs(length - 1.0) <= UNIT_TOLERANCE:", "if False:"),
        (
            "a vector of no numbers is a template",
            "if not abs(length - 1.0) <= UNIT_TOLERANCE:",
            "if abs(length - 1.0) > UNIT_TOLERANCE:",
        ),
        ("a template shows its numbers", "<{self.vector.size} hidden numbers>", "<{self.vector}>"),
    ),
    *lies(
        "consent",
        ("values",),
        ("silence is consent", "if not self.text.strip():", "if False:"),
    ),
]
