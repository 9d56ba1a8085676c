"""The output of `kiosk evaluate recognition --frames`. The JSON keys are a stable interface."""

from __future__ import annotations

from typing import Any

from kiosk.cli.evaluate.recognition_report import GATED, NOT_GATED, told, unshown
from kiosk.measure.presentations import PresentationResult
from kiosk.measure.rates import CONFIDENCE

NOTES = (
    (
        "A person is a folder right below --images, a presentation a folder of frames. Its frames "
        "are taken in their order, so many for each mean; what is left over is not used."
    ),
    (
        "Every mean is compared with every other. Means of one recording resemble each other more "
        "than those of different days: give several presentations of each person."
    ),
    (
        "All pairs of the same means are not independent trials, so the true bounds of FMR and "
        "FNMR are wider than those given: the number of people counts, not that of pairs."
    ),
)


def notes(result: PresentationResult, *, gated: bool) -> list[str]:
    """The notes a reader needs, including which claims the counts do not support."""
    claims = [unshown(name, point) for name, point in result.points.items() if not point.shown]
    return [GATED if gated else NOT_GATED, *NOTES, *claims]


def as_json(result: PresentationResult, space: str, *, gated: bool) -> dict[str, Any]:
    """The result as JSON data for other programs."""
    points = result.points
    last = next(iter(points.values()))
    return {
        "frames": result.frames,
        "fnmr_at_fmr": {name: p.false_non_matches.value for name, p in points.items()},
        "fnmr_bounds": {name: list(p.false_non_matches.bounds) for name, p in points.items()},
        "thresholds": {name: p.threshold for name, p in points.items()},
        "fmr_shown": {name: p.shown for name, p in points.items()},
        "lowest_mated": result.lowest_mated,
        "highest_non_mated": result.highest_non_mated,
        "margin": result.margin,
        "failure_to_acquire_rate": result.failures.value,
        "failures_to_acquire": {why.value: n for why, n in result.reasons.items()},
        "counts": {
            "images": result.failures.trials,
            "failures_to_acquire": result.failures.errors,
            "people": result.people,
            "means": result.means,
            "presentations_too_short": result.too_short,
            "mated_comparisons": last.false_non_matches.trials,
            "non_mated_comparisons": last.false_matches.trials,
            "false_non_matches": {name: p.false_non_matches.errors for name, p in points.items()},
            "false_matches": {name: p.false_matches.errors for name, p in points.items()},
        },
        "confidence": CONFIDENCE,
        "space": space,
        "gated": gated,
        "notes": notes(result, gated=gated),
    }


def show(result: PresentationResult, space: str, *, gated: bool) -> None:
    """Print the result for people."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    title = f"Recognition by means of {result.frames}, {space}"
    table = Table(title=title, caption=f"Bounds at {CONFIDENCE:.0%} confidence")
    for column in ("measure", "value", "bounds", "errors", "score"):
        table.add_column(column, justify="left" if column == "measure" else "right")
    for name, point in result.points.items():
        table.add_row(
            f"FNMR at FMR {name}", *told(point.false_non_matches), f"{point.threshold:.3f}"
        )
    table.add_row("lowest mated score", "", "", "", f"{result.lowest_mated:.3f}")
    table.add_row("highest non-mated score", "", "", "", f"{result.highest_non_mated:.3f}")
    table.add_row("margin between them", "", "", "", f"{result.margin:.3f}")
    table.add_row("failure to acquire", *told(result.failures), "")
    console.print(table)
    print(f"{result.means} means of {result.people} people; {result.too_short} folders too short.")
    for note in notes(result, gated=gated):
        console.print(f"- {note}", highlight=False)
