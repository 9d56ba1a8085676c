"""`kiosk evaluate recognition`: how well this kiosk recognises people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, known_home
from kiosk.cli.evaluate.telling import tell, telling
from kiosk.cli.passed_over import listed


def recognition(
    pairs: Annotated[Path, typer.Option(help="A CSV file with the columns a, b and mated.")],
    images: Annotated[Path, typer.Option(help="Holds a folder of images for each person.")],
    gated: Annotated[
        bool,
        typer.Option(
            "--gated",
            help="Apply the kiosk's quality gate: what it refuses is a failure to acquire.",
        ),
    ] = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Accuracy over ten folds of the listed pairs; FNMR over all pairs of images."""
    from config.settings import load
    from kiosk.bench import evaluation
    from kiosk.cli.evaluate import recognition_report

    place = known_home(home)
    settings = load(place, config)
    measured = evaluation.recognition(settings, place, pairs, images, telling(), gated=gated)
    failures = measured.failures.items()
    tell(listed("no template of", ((str(p), why.value.replace("_", " ")) for p, why in failures)))
    if json:
        print_json(recognition_report.as_json(measured.result, measured.space, gated=gated))
    else:
        recognition_report.show(measured.result, measured.space, gated=gated)
    return 0
