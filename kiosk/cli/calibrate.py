"""`kiosk calibrate`: the scores of a site's people with each other, and a stricter threshold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, known_home
from kiosk.cli.evaluate.telling import tell, telling
from kiosk.cli.passed_over import listed
from kiosk.measure.rates import CONFIDENCE, between, percent

if TYPE_CHECKING:
    from rich.table import Table

    from kiosk.bench.calibration import SiteCalibration
    from kiosk.measure.site import SitePoint

MOST_ALIKE = 10
MOST_SHIFT = 0.3
"""The largest `match.site_shift`."""

NOTES = (
    (
        "A person is a folder right below the one that was given, with all folders in it. Two "
        "folders of one person make this site look worse than it is."
    ),
    (
        "Comparisons that share a person are not independent, so the true bounds are wider than "
        "those given; a rate counts as shown by the number of pairs of people (rule of three)."
    ),
    (
        "The model pack's threshold is never lowered: few people cannot prove that a rate is "
        "lower than was measured on many."
    ),
    "No picture and no template was kept.",
)


def calibrate(
    bona_fide: Annotated[
        list[Path],
        typer.Option(
            "--bona-fide",
            help="Holds a folder of images for each person, taken by this kiosk's camera if you "
            "can. May be given several times.",
        ),
    ],
    gated: Annotated[
        bool, typer.Option("--gated", help="Leave out what the kiosk's quality gate refuses.")
    ] = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Measure how alike a site's people are, and propose match.site_shift; never a looser one."""
    from kiosk.bench.calibration import site_calibration
    from kiosk.wiring.rollout.settings import settings_of

    place = known_home(home)
    settings = settings_of(place, config)
    measured = site_calibration(settings, place, bona_fide, telling(), gated=gated)
    failures = measured.failures.items()
    tell(listed("no template of", ((str(p), why.value.replace("_", " ")) for p, why in failures)))
    if json:
        print_json(_as_json(measured))
    else:
        _show(measured, settings.match.site_shift)
    return 0


def _as_json(measured: SiteCalibration) -> dict[str, Any]:
    scores = measured.scores
    return {
        "space": measured.space,
        "people": scores.people,
        "pairs_of_people": scores.pairs,
        "probes": scores.probes,
        "points": [_point(point) for point in scores.points],
        "highest": scores.highest,
        "histogram": [{"score_from": at, "comparisons": n} for at, n in scores.histogram.items()],
        "alike": [[str(one), str(other), score] for one, other, score in scores.alike],
        "references": measured.references,
        "threshold_shipped": measured.shipped,
        "threshold_proposed": measured.threshold,
        "site_shift": round(scores.shift, 3),
        "confidence": CONFIDENCE,
        "notes": list(NOTES),
    }


def _point(point: SitePoint) -> dict[str, Any]:
    return {
        "fmr": point.fmr,
        "score_shipped": point.shipped,
        "reached": point.reached.errors,
        "comparisons": point.reached.trials,
        "rate": point.reached.value,
        "bounds": list(point.reached.bounds),
        "score_here": point.score,
    }


def _show(measured: SiteCalibration, now: float) -> None:
    from rich.console import Console

    console, scores = Console(), measured.scores
    console.print(_table(measured))
    console.print(_histogram(measured))
    print(f"Highest score of two people: {scores.highest:.3f}.")
    for one, other, score in scores.alike[:MOST_ALIKE]:
        print(f"Like one person ({score:.3f}): {one} and {other}. See whether they are.")
    for note in NOTES:
        print(f"- {note}")
    print(_proposal(measured, now))


def _table(measured: SiteCalibration) -> Table:
    from rich.table import Table

    scores = measured.scores
    title = f"{scores.people} people, {scores.pairs:,} pairs of them, {measured.space}"
    table = Table(title=title, caption=f"Bounds at {CONFIDENCE:.0%} confidence")
    for column in ("FMR", "shipped score", "rate here", "bounds", "reached", "score here"):
        table.add_column(column, justify="right")
    for point in scores.points:
        rate = point.reached
        table.add_row(
            f"{point.fmr:.0e}",
            f"{point.shipped:.3f}",
            percent(rate.value),
            between(*rate.bounds),
            f"{rate.errors:,} of {rate.trials:,}",
            "too few people" if point.score is None else f"{point.score:.3f}",
        )
    return table


def _histogram(measured: SiteCalibration) -> Table:
    from rich.table import Table

    table = Table("score from", title="Scores of two people")
    table.add_column("comparisons", justify="right")
    for at, count in measured.scores.histogram.items():
        table.add_row(f"{at:.2f}", f"{count:,}")
    return table


def _proposal(measured: SiteCalibration, now: float) -> str:
    """What to set, in words."""
    shift, people = measured.scores.shift, f"{measured.references:,} reference(s)"
    if shift > MOST_SHIFT:
        return (
            f"This site's scores are {shift:.3f} higher than the calibration's, more than people "
            "are alike: look for folders of one person, and for folders with several people."
        )
    if not shift:
        return (
            f"Proposed: nothing to set. For {people} the threshold is {measured.shipped:.3f}; "
            f"this site's scores give no reason to raise it. match.site_shift is {now:g}."
        )
    return (
        f"Proposed: match.site_shift = {shift:.3f} (now {now:g}). For {people} that raises the "
        f"threshold from {measured.shipped:.3f} to {measured.threshold:.3f}."
    )
