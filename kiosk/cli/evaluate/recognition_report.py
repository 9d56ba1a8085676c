"""The output of `kiosk evaluate recognition`. The JSON keys are a stable interface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kiosk.measure.comparisons import ErrorPoint
from kiosk.measure.rates import CONFIDENCE, Rate, between, percent
from kiosk.measure.recognition import RecognitionResult

if TYPE_CHECKING:
    from rich.table import Table

    from kiosk.bench.evaluation import Recognition

GATED = "The quality gate was applied; what it refused counts as a failure to acquire."
NOT_GATED = (
    "The quality gate was not applied: these are photographs, not views at a door (--gated does)."
)
CALIBRATED = (
    "The pack's scores are those of its calibration, which far more comparisons support than a "
    "threshold that is found in these images (kiosk models list)."
)
NOTES = (
    (
        "Of several faces in an image the one in the middle was taken, not the largest: it is "
        "the one whom the image is of. A person is the folder that an image lies in."
    ),
    (
        "Failures to acquire are no comparisons and are in neither FMR nor FNMR. In the listed "
        "pairs they count as non-matches: an error where the pair is mated, right where it is "
        "not."
    ),
    (
        "All pairs of the same images are not independent trials, so the true bounds of FMR and "
        "FNMR are wider than those given: the number of people counts, not that of pairs."
    ),
)


def notes(result: RecognitionResult, *, gated: bool) -> list[str]:
    """The notes a reader needs, including which claims the counts do not support."""
    claims = [unshown(name, point) for name, point in result.points.items() if not point.shown]
    calibrated = [CALIBRATED] if result.calibrated else []
    return [GATED if gated else NOT_GATED, *NOTES, *calibrated, *claims]


def unshown(name: str, point: ErrorPoint) -> str:
    """The sentence about a rate that so few comparisons cannot show."""
    return (
        f"{point.false_matches.trials:,} non-mated comparisons cannot show a false match rate of "
        f"{name}: that takes {3 * point.one_in:,} (rule of three). Its row is an estimate."
    )


def as_json(measured: Recognition, *, gated: bool) -> dict[str, Any]:
    """The result as JSON data for other programs."""
    result, corrected = measured.result, measured.corrected
    return {
        **_rates(result),
        "left_out": sorted(map(str, measured.left_out)),
        "without_left_out": _rates(corrected) if corrected else None,
        "confidence": CONFIDENCE,
        "space": measured.space,
        "gated": gated,
        "notes": notes(result, gated=gated),
    }


def _rates(result: RecognitionResult) -> dict[str, Any]:
    points, low_high = result.points, result.listed.wrong.bounds
    return {
        "accuracy": result.listed.accuracy,
        "accuracy_bounds": [1.0 - low_high[1], 1.0 - low_high[0]],
        "accuracy_folds": list(result.listed.folds),
        "accuracy_thresholds": list(result.listed.thresholds),
        "fnmr_at_fmr": {name: p.false_non_matches.value for name, p in points.items()},
        "fnmr_bounds": {name: list(p.false_non_matches.bounds) for name, p in points.items()},
        "thresholds": {name: p.threshold for name, p in points.items()},
        "fmr_shown": {name: p.shown for name, p in points.items()},
        "at_calibrated_scores": {name: _both(p) for name, p in result.calibrated.items()},
        "failure_to_acquire_rate": result.failures.value,
        "failure_to_acquire_bounds": list(result.failures.bounds),
        "failures_to_acquire": {why.value: n for why, n in result.reasons.items()},
        "counts": _counts(result),
    }


def _both(point: ErrorPoint) -> dict[str, Any]:
    return {
        "score": point.threshold,
        "fmr": point.false_matches.value,
        "fmr_bounds": list(point.false_matches.bounds),
        "false_matches": point.false_matches.errors,
        "fnmr": point.false_non_matches.value,
        "fnmr_bounds": list(point.false_non_matches.bounds),
        "false_non_matches": point.false_non_matches.errors,
    }


def _counts(result: RecognitionResult) -> dict[str, Any]:
    points = result.points
    last = next(iter(points.values()))
    return {
        "images": result.failures.trials,
        "people": result.people,
        "failures_to_acquire": result.failures.errors,
        "pairs": result.pairs,
        "pairs_wrong": result.listed.wrong.errors,
        "pairs_not_compared": result.pairs_not_compared,
        "mated_comparisons": last.false_non_matches.trials,
        "non_mated_comparisons": last.false_matches.trials,
        "false_non_matches": {name: p.false_non_matches.errors for name, p in points.items()},
        "false_matches": {name: p.false_matches.errors for name, p in points.items()},
    }


def show(measured: Recognition, *, gated: bool) -> None:
    """Print the result for people."""
    from rich.console import Console

    console = Console()
    console.print(_table(measured.result, f"Recognition, {measured.space}"))
    if measured.corrected:
        title = f"The same, {len(measured.left_out)} with a wrong name left out"
        console.print(_table(measured.corrected, title))
    for note in notes(measured.result, gated=gated):
        console.print(f"- {note}", highlight=False)


def _table(result: RecognitionResult, title: str) -> Table:
    from rich.table import Table

    listed = result.listed
    table = Table(title=title, caption=f"Bounds at {CONFIDENCE:.0%} confidence")
    for column in ("measure", "value", "bounds", "errors", "score"):
        table.add_column(column, justify="left" if column == "measure" else "right")
    low, high = listed.wrong.bounds
    wrong = f"{listed.wrong.errors:,} of {result.pairs:,}"
    scores = f"{min(listed.thresholds):.3f} to {max(listed.thresholds):.3f}"
    table.add_row(
        "accuracy, ten folds", percent(listed.accuracy), between(1 - high, 1 - low), wrong, scores
    )
    for name, point in result.points.items():
        table.add_row(
            f"FNMR at FMR {name}", *told(point.false_non_matches), f"{point.threshold:.4f}"
        )
    for name, point in result.calibrated.items():
        score = f"{point.threshold:.4f}"
        table.add_row(f"FNMR at the pack's score for {name}", *told(point.false_non_matches), score)
        table.add_row(f"FMR at the pack's score for {name}", *told(point.false_matches), score)
    table.add_row("failure to acquire", *told(result.failures), "")
    return table


def told(rate: Rate) -> tuple[str, str, str]:
    """A rate's cells: value, bounds and errors."""
    return percent(rate.value), between(*rate.bounds), f"{rate.errors:,} of {rate.trials:,}"
