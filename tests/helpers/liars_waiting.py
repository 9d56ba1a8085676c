"""Who stands there while a second factor is waited for."""

from __future__ import annotations

from liars import lies

MUTANTS = lies(
    "access/waiting",
    ("waiting", "second_factor"),
    (
        "an empty frame breaks no run",
        "alone = replace(watched, run=(), crowded=False)",
        "alone = watched",
    ),
    (
        "a second face breaks no run",
        "crowd = replace(watched, run=(), crowded=True, defect=None)",
        "crowd = replace(watched, crowded=True, defect=None)",
    ),
    (
        "a second face goes unsaid",
        "crowd = replace(watched, run=(), crowded=True, defect=None)",
        "crowd = replace(watched, run=())",
    ),
    (
        "a second face is always new",
        "since = event.at if state.crowded_since is None else state.crowded_since",
        "since = event.at",
    ),
    (
        "a second face that left is remembered",
        "return _looked_at(replace(state, crowded_since=None),",
        "return _looked_at(state,",
    ),
    (
        "a second face is remembered over an empty lane",
        "return replace(state, watched=alone, crowded_since=None)",
        "return replace(state, watched=alone)",
    ),
    (
        "frames of two tracks are one run",
        "watched = replace(watched, track=probe.track, run=())",
        "watched = replace(watched, track=probe.track)",
    ),
    (
        "a face that was hidden never comes back",
        "if probe.track == state.track or _names(evidence, state.person.subject):",
        "if probe.track == state.track:",
    ),
    (
        "any face is theirs",
        "if probe.track == state.track or _names(evidence, state.person.subject):",
        "if True:",
    ),
    (
        "their own face must be seen well to be there",
        "if probe.track == state.track or _names(evidence, state.person.subject):",
        "if _names(evidence, state.person.subject):",
    ),
    (
        "a poor view breaks no run",
        "return replace(state, watched=unseen(watched, probe))",
        "return state",
    ),
    (
        "frames of before the factor count after it",
        "if evidence is None or not _after(state.shown_at, event.at):",
        "if evidence is None:",
    ),
    ("the frame of the factor counts", "at > shown_at", "at >= shown_at"),
    (
        "a search of all tells the twin apart",
        "return Claim(state.person.subject, state.until) if state.person.verified else None",
        "return None",
    ),
    (
        "nobody has to stand out any more",
        "return Claim(state.person.subject, state.until) if state.person.verified else None",
        "return Claim(state.person.subject, state.until)",
    ),
    (
        "who was seen well is not remembered",
        "proven=state.proven or proven(state, watched, policy)",
        "proven=False",
    ),
    (
        "a second face is welcome",
        "if state.crowded_since is not None and at - state.crowded_since >= policy.span_seconds:",
        "if False:",
    ),
    (
        "a glimpse of a second face ends it",
        "at - state.crowded_since >= policy.span_seconds",
        "at - state.crowded_since >= 0.0",
    ),
    (
        "a picture is welcome",
        "if any(attacks(part, probes, seconds, policy) for part in (",
        "if all(False for part in (",
    ),
    (
        "a picture that moves is welcome",
        "for part in (watched.run, watched.gathered)",
        "for part in (watched.run,)",
    ),
    (
        "a picture behind a living face is welcome",
        "for part in (watched.run, watched.gathered)",
        "for part in (watched.gathered,)",
    ),
    (
        "another person is welcome",
        "if enough(_since_named(state.person.subject, watched.gathered), probes, seconds):",
        "if False:",
    ),
    (
        "another person is taken for granted at once",
        "if enough(_since_named(state.person.subject, watched.gathered), probes, seconds):",
        "if enough(_since_named(state.person.subject, watched.gathered), 1, 0.0):",
    ),
    (
        "who was there once is there for ever",
        "return gathered[named[-1] + 1 :] if named else gathered",
        "return () if named else gathered",
    ),
    (
        "a view that waits for its comparison is another person's",
        "tuple(e for e in gathered if e.comparison is Comparison.MADE)",
        "gathered",
    ),
    (
        "who looks away once is another",
        "return gathered[named[-1] + 1 :] if named else gathered",
        "return gathered",
    ),
    (
        "anybody's run completes it",
        "return _names(agreeing[-1] if agreeing else None, state.person.subject) and proves(",
        "return bool(agreeing) and proves(",
    ),
    (
        "any frame of theirs completes it",
        " and proves(\n        agreeing, watched, policy\n    )",
        "",
    ),
    ("nobody names anybody", "evidence.subject == subject\n\n\ndef _after", "True\n\n\ndef _after"),
)

MUTANTS += lies(
    "access/backoff",
    ("backoff",),
    ("a slip costs a wait", "if wrong < self.free:", "if wrong < self.free - 1:"),
    ("one guess more is free", "if wrong < self.free:", "if wrong <= self.free:"),
    ("waits stay as they are", "2.0**doublings", "1.0**doublings"),
    (
        "waits have no end",
        "return min(self.first_seconds * 2.0**doublings, self.longest_seconds)",
        "return self.first_seconds * 2.0**doublings",
    ),
    ("every guess doubles", "(wrong - self.free) // self.every,", "(wrong - self.free),"),
    ("every guess starts a wait", "and (wrong - self.free) % self.every == 0", ""),
    ("a slip starts a wait", "return wrong >= self.free and", "return"),
)
