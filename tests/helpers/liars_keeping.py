"""What follows from it and what stands round it: door, journal, screen, enrolment."""

from __future__ import annotations

from liars import lies

MUTANTS = [
    *lies(
        "door/hardware_spec",
        ("hardware_spec",),
        ("a maglock may be fail-secure", "if fail_mode not in POSSIBLE[lock]:", "if False:"),
        (
            "fire opens a fail-secure door",
            "if fire_input and fail_mode is FailMode.SECURE:",
            "if False:",
        ),
        (
            "a fail-safe door may not hear of fire",
            "if fire_input and fail_mode is FailMode.SECURE:",
            "if fire_input:",
        ),
    ),
    *lies(
        "door/protocol",
        ("protocol",),
        (
            "stale evidence releases",
            "if not 0.0 <= age <= self.max_age_seconds:",
            "if not 0.0 <= age:",
        ),
        (
            "evidence from the future releases",
            "if not 0.0 <= age <= self.max_age_seconds:",
            "if not age <= self.max_age_seconds:",
        ),
        (
            "any time is allowed",
            "if not 0.0 < order.seconds <= self.max_release_seconds:",
            "if not 0.0 < order.seconds:",
        ),
        (
            "no time is a time",
            "if not 0.0 < order.seconds <= self.max_release_seconds:",
            "if not 0.0 <= order.seconds <= self.max_release_seconds:",
        ),
        (
            "any push is allowed",
            "if not 0.0 <= order.push_seconds <= self.max_release_seconds:",
            "if not 0.0 <= order.push_seconds:",
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
        "prompts",
        ("prompts",),
        (
            "nothing settles first",
            "settled = at - self.waiting_since >= SETTLE_SECONDS",
            "settled = True",
        ),
        (
            "the ring stays full while a sentence is read",
            "replace(self.shown, progress=0.0)",
            "self.shown",
        ),
        ("nothing can be read", "read = at - self.since >= READ_SECONDS", "read = True"),
        (
            "results wait",
            "if view.at_once or self.shown.at_once:",
            "if self.shown.at_once:",
        ),
        (
            "results linger",
            "if view.at_once or self.shown.at_once:",
            "if view.at_once:",
        ),
        (
            "whoever shows a code waits for the answer",
            "return self.tone in RESULTS or self.asks is not None",
            "return self.tone in RESULTS",
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
            "return View(OF_REASON[reason], Tone.REFUSED, opens=opens)",
            "return View(OF_REASON[reason], Tone.GRANTED, opens=opens)",
        ),
        (
            "left and right are mixed up",
            "Defect.OFF_LEFT: Prompt.MOVE_RIGHT,",
            "Defect.OFF_LEFT: Prompt.MOVE_LEFT,",
        ),
    ),
    *lies(
        "people/enrolment",
        ("enrolment",),
        (
            "faces that fill their picture are taken",
            "if sample.surroundings >= LEAST_SURROUNDINGS]",
            "]",
        ),
        (
            "every tight picture is an attack",
            "known = sample.surroundings >= SURE_SURROUNDINGS",
            "known = True",
        ),
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
        "people/consent",
        ("values",),
        ("silence is consent", "if not self.text.strip():", "if False:"),
    ),
]
