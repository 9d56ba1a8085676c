"""`kiosk evaluate recognition`: how well this kiosk recognises people."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, known_home
from kiosk.cli.evaluate.telling import tell, telling
from kiosk.cli.passed_over import listed
from kiosk.domain.errors import BadInput

if TYPE_CHECKING:
    from kiosk.measure.acquisition import Failure


def recognition(
    images: Annotated[
        Path,
        typer.Option(
            help="Holds a folder of images for each person; with --frames also one that holds "
            "folders of frames."
        ),
    ],
    pairs: Annotated[
        Path | None, typer.Option(help="A CSV file with the columns a, b and mated.")
    ] = None,
    left_out: Annotated[
        Path | None,
        typer.Option(
            help="With --pairs: a CSV file with the columns image and reason, of images with a "
            "wrong name. The rates are told with and without them."
        ),
    ] = None,
    frames: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=100,
            help="Compare as at the door, instead of --pairs: means of so many frames of a folder.",
        ),
    ] = None,
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
    """Accuracy over ten folds of the listed pairs; FNMR over all pairs of images, or of means."""
    from config.settings import load
    from kiosk.bench import evaluation
    from kiosk.cli.evaluate import presentations_report, recognition_report

    place = known_home(home)
    settings = load(place, config)
    if frames is None and pairs is not None:
        lists = evaluation.Lists(pairs, left_out)
        single = evaluation.recognition(settings, place, lists, images, telling(), gated=gated)
        _tell_failures(single.failures)
        told = recognition_report.as_json(single, gated=gated)
        show = partial(recognition_report.show, single, gated=gated)
    elif frames is not None and pairs is None and left_out is None:
        means = evaluation.presentations(settings, place, frames, images, telling(), gated=gated)
        _tell_failures(means.failures)
        told = presentations_report.as_json(means.result, means.space, gated=gated)
        show = partial(presentations_report.show, means.result, means.space, gated=gated)
    else:
        raise BadInput(
            "What is to be compared is not clear.",
            "Give either --pairs FILE, for single images, or --frames NUMBER, for means; "
            "--left-out only with --pairs.",
        )
    if json:
        print_json(told)
    else:
        show()
    return 0


def _tell_failures(failures: Mapping[Path, Failure]) -> None:
    reasons = ((str(path), why.value.replace("_", " ")) for path, why in failures.items())
    tell(listed("no template of", reasons))
