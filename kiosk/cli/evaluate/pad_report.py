"""The output of `kiosk evaluate pad`. The JSON keys are a stable interface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.vision.attack import PadResult, mean_score
from kiosk.measure.attacks import AttackResult, Seen, Tally, result_of
from kiosk.measure.rates import CONFIDENCE, Rate, between, percent
from kiosk.measure.watching import PadVerdict

NOTES = (
    (
        "A person's first attempt at the door decides BPCER; what came of trying again is told "
        "apart. An attack counts as passed if any attempt does. Where an attempt ends, the next "
        "begins at once."
    ),
    (
        "A presentation without any acceptable face is a non-response: in neither APCER nor "
        "BPCER, but told apart; BPCER is told a second time with them."
    ),
    (
        "An undecided presentation (never enough evidence) was not let in: an error where it is "
        "a person, none where it is an attack."
    ),
    "Per frame, only frames with an acceptable face are classified.",
)

Tallies = Mapping[str, Tally]


def as_json(result: AttackResult, seen: Sequence[Seen], policy: AccessPolicy) -> dict[str, Any]:
    """The result as JSON data for other programs."""
    return {
        "presentation": _presentation(result.bona_fide, result.species),
        "frame": _frame(result.bona_fide, result.species),
        "confidence": CONFIDENCE,
        "operating_point": operating_point(policy),
        "presentations": [_one(entry) for entry in seen],
        "claims": claims(result),
        "notes": list(NOTES),
    }


def _presentation(bona_fide: Tally, species: Tallies) -> dict[str, Any]:
    return {
        "bpcer": bona_fide.failed.value,
        "bpcer_bounds": list(bona_fide.failed.bounds),
        "bpcer_with_non_responses": bona_fide.not_let_in.value,
        "bpcer_with_non_responses_bounds": list(bona_fide.not_let_in.bounds),
        "passed_at_a_later_attempt": {
            "of_those_refused": bona_fide.retried.value,
            "passed": bona_fide.retried.errors,
            "refused_at_first": bona_fide.retried.trials,
        },
        "bpnrr": bona_fide.no_response.value,
        "apcer": {name: tally.passed.value for name, tally in species.items()},
        "apcer_bounds": {name: list(tally.passed.bounds) for name, tally in species.items()},
        "apnrr": {name: tally.no_response.value for name, tally in species.items()},
        "counts": {
            "bona_fide": _verdicts(bona_fide),
            "attack": {name: _verdicts(tally) for name, tally in species.items()},
        },
    }


def _frame(bona_fide: Tally, species: Tallies) -> dict[str, Any]:
    return {
        "bpcer": bona_fide.frames_failed.value,
        "bpcer_bounds": list(bona_fide.frames_failed.bounds),
        "apcer": {name: tally.frames_passed.value for name, tally in species.items()},
        "apcer_bounds": {name: list(t.frames_passed.bounds) for name, t in species.items()},
        "counts": {
            "bona_fide": _frames(bona_fide),
            "attack": {name: _frames(tally) for name, tally in species.items()},
        },
    }


def _verdicts(tally: Tally) -> dict[str, int]:
    taken = {
        f"taken_for_{v.value}": tally.verdicts[v] for v in (PadVerdict.BONA_FIDE, PadVerdict.ATTACK)
    }
    rest = {v.value: tally.verdicts[v] for v in (PadVerdict.UNDECIDED, PadVerdict.NO_RESPONSE)}
    return {"presentations": tally.presentations, **taken, **rest}


def _frames(tally: Tally) -> dict[str, int]:
    passed = tally.frames_passed
    return {"frames": tally.frames, "classified": passed.trials, "passed": passed.errors}


def operating_point(policy: AccessPolicy) -> dict[str, float]:
    """The parameters of the access policy that was used."""
    return {
        "pad_threshold": policy.pad_threshold,
        "attack_threshold": policy.attack_threshold,
        "probes_required": policy.probes_required,
        "span_seconds": policy.span_seconds,
        "window_seconds": policy.window_seconds,
    }


def _one(entry: Seen) -> dict[str, Any]:
    presentation, watched = entry
    scores = tuple(PadResult(score, "") for score in watched.scores)
    return {
        "path": str(presentation.path),
        "species": presentation.species,
        "verdict": result_of(presentation.species, watched).value,
        "attempts": [attempt.value for attempt in watched.attempts],
        "frames": watched.frames,
        "classified": len(scores),
        "mean_score": mean_score(scores) if scores else None,
    }


def claims(result: AttackResult) -> dict[str, Any]:
    """The statement, in words, that the number of presentations supports."""
    return {
        "bpcer": result.bona_fide.failed.claim(),
        "apcer": {name: tally.passed.claim() for name, tally in result.species.items()},
    }


def show(result: AttackResult, policy: AccessPolicy) -> None:
    """Print the result for people."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    point = ", ".join(f"{name} {value:g}" for name, value in operating_point(policy).items())
    table = Table(title="Presentation attack detection", caption=f"Operating point: {point}")
    for column in ("measure", "presentations", "bounds", "no response", "frames"):
        table.add_column(column, justify="left" if column == "measure" else "right")
    person = result.bona_fide
    table.add_row(*_row("BPCER", person.failed, person.no_response, person.frames_failed))
    for name, tally in result.species.items():
        row = _row(f"APCER {name}", tally.passed, tally.no_response, tally.frames_passed)
        table.add_row(*row)
    console.print(table)
    said = claims(result)
    lines = [f"BPCER: {said['bpcer']}"]
    lines += [f"APCER {name}: {claim}" for name, claim in said["apcer"].items()]
    again = person.retried
    retried = f"Of {again.trials} people not let in at first, {again.errors} were at a later try."
    with_all = f"With non-responses BPCER is {percent(person.not_let_in.value)}."
    for line in (*lines, retried, with_all, *NOTES):
        console.print(f"- {line}", highlight=False)


def _row(name: str, rate: Rate, silent: Rate, frames: Rate) -> tuple[str, ...]:
    return name, _told(rate), between(*rate.bounds), _told(silent), _told(frames)


def _told(rate: Rate) -> str:
    return f"{percent(rate.value)} ({rate.errors:,} of {rate.trials:,})"
