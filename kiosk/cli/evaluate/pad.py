"""`kiosk evaluate pad`: how well this kiosk tells attacks from people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, known_home
from kiosk.cli.evaluate.telling import telling


def pad(
    bona_fide: Annotated[
        list[Path], typer.Option(help="A folder of frames, a clip, or a folder of these.")
    ],
    attack: Annotated[list[str], typer.Option(help="SPECIES=PATH, with a path as above.")],
    fps: Annotated[
        float, typer.Option(min=1.0, max=240.0, help="Frames a second of folders of frames.")
    ] = 15.0,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """APCER of each species and BPCER, per presentation and per frame, at the set thresholds."""
    from config.settings import load
    from kiosk.bench.evaluation import attack_detection
    from kiosk.cli.evaluate import pad_report

    place = known_home(home)
    measured = attack_detection(load(place, config), place, bona_fide, attack, fps, telling())
    if json:
        print_json(pad_report.as_json(measured.result, measured.seen, measured.policy))
    else:
        pad_report.show(measured.result, measured.policy)
    return 0
