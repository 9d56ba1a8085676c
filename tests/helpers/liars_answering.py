"""What is answered about somebody who was recognised, and what that makes of them."""

from __future__ import annotations

from liars import lies

ASKING = ("second_factor", "waiting")

MUTANTS = [
    *lies(
        "access/answering",
        ASKING,
        (
            "a refusal of the rules is a grant",
            "return refused(state, event.reason, event.at, policy, event.opens)",
            "return released(state, Released(event.at), policy)",
        ),
        (
            "whoever owes a factor is let in",
            "return request(state, event.factor, event.at, policy)",
            "return released(state, Released(event.at), policy)",
        ),
        (
            "an answer about one is an answer about all",
            "    if event.person != state.person:\n        return Step(state)\n",
            "",
        ),
        (
            "a release of another is a grant",
            (
                "if by is not None and "
                "(not isinstance(state, Admitting) or by.person != state.person):"
            ),
            "if by is not None and not isinstance(state, Admitting):",
        ),
        (
            "a release lets in whoever is asked",
            (
                "if by is not None and "
                "(not isinstance(state, Admitting) or by.person != state.person):"
            ),
            ("if by is not None and isinstance(state, Admitting) and by.person != state.person:"),
        ),
        (
            "an operator's release takes the grant's place",
            "if by is None and isinstance(state, Resolved) and state.reason is Reason.MATCHED:",
            "if False:",
        ),
        (
            "an operator's release leaves the asking without an end",
            "return shown(step, Audit(decided(state.person, Reason.FACTOR_MISSING)))",
            "return shown(step)",
        ),
        (
            "a grant is cut short",
            "hold = policy.granted_hold_seconds",
            "hold = 0.0",
        ),
        (
            "a wrong code is a right one",
            "if event.reason is Reason.FACTOR_SHOWN:",
            "if event.reason in {Reason.FACTOR_SHOWN, Reason.FACTOR_WRONG}:",
        ),
        (
            "an operator cannot deny who was let in",
            "if isinstance(state, Resolved) and state.reason is not Reason.MATCHED:",
            "if isinstance(state, Resolved):",
        ),
        (
            "an operator denies who was refused",
            "if isinstance(state, Resolved) and state.reason is not Reason.MATCHED:",
            "if False:",
        ),
        (
            "any factor will do",
            "if not (event.serves(state.factor) and state.hears(event.at)):",
            "if not state.hears(event.at):",
        ),
        (
            "a factor is heard at any time",
            "if not (event.serves(state.factor) and state.hears(event.at)):",
            "if not event.serves(state.factor):",
        ),
        (
            "a PIN is a badge",
            "(ReadBadge(event),) if event.factor is Factor.BADGE else ()",
            "(ReadBadge(event),)",
        ),
        (
            "a badge lets in during a lockdown",
            "if policy.hold is Hold.LOCKED_DOWN:",
            "if False:",
        ),
        (
            "a badge without a face is not written down",
            "return admitting(person, None, state.failures, Audit(person))",
            "return admitting(person, None, state.failures)",
        ),
        (
            "a badge completes a face while an operator holds",
            "return Step(state) if isinstance(state, Acquiring) else _held(state, event, policy)",
            "return _held(state, event, policy)",
        ),
        (
            "a badge is a face's while an operator holds",
            "    if policy.hold is not None:\n",
            "    if False:\n",
        ),
        (
            "a claim lasts for ever",
            "return claim if claim is not None and at <= claim.until else None",
            "return claim",
        ),
        (
            "evidence of before the badge counts",
            "return shown(replace(state, run=(), claim=claimed))",
            "return shown(replace(state, claim=claimed))",
        ),
    ),
    *lies(
        "access/closing",
        ASKING,
        (
            "an answer forgets the refusals",
            "        seen_at=at,\n        failures=state.failures,",
            "        seen_at=at,",
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
        (
            "the screen comes before the journal",
            "return Step(state, (*audit, Show(state)))",
            "return Step(state, (Show(state), *audit))",
        ),
    ),
    *lies(
        "access/events",
        ASKING,
        (
            "a badge does not serve where one is to be verified by",
            "return self.factor is asked or (self.factor in BY_BADGE and asked in BY_BADGE)",
            "return self.factor is asked",
        ),
        ("what is presented is printed", "text: str = field(repr=False)", "text: str"),
    ),
    *lies(
        "access/states",
        ASKING,
        (
            "what was typed before the asking counts",
            "self.since <= at <= self.until",
            "at <= self.until",
        ),
        (
            "what was typed after the asking counts",
            "self.since <= at <= self.until",
            "self.since <= at",
        ),
        (
            "what was shown is shown again",
            "return self.shown_at is None and self.since",
            "return self.since",
        ),
    ),
    *lies(
        "access/grant",
        ("grant", "second_factor"),
        (
            "a badge is a PIN",
            "return factor is self.factor",
            "return self.factor is not factor.NONE",
        ),
        (
            "a PIN is as good as a badge",
            "return self.verified or self.factor in BY_BADGE",
            "return self.verified or self.factor is not factor.NONE",
        ),
        (
            "a badge before the face is forgotten",
            "return self.verified or self.factor in BY_BADGE",
            "return self.factor in BY_BADGE",
        ),
        ("every badge has a face", "return not self.evidence", "return False"),
    ),
    *lies(
        "access/effects",
        ("grant", "waiting"),
        (
            "what was seen instead is what they were recognised by",
            "evidence=person.evidence if evidence is None else evidence,",
            "evidence=person.evidence,",
        ),
        (
            "every refusal is a grant",
            "return self.reason is Reason.MATCHED",
            "return self.subject is not None",
        ),
    ),
]
