"""`kiosk run`: run the kiosk, with or without its window."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, home_of


def run(
    home: HomeOption = None,
    config: ConfigOption = None,
    source: Annotated[
        str | None,
        typer.Option(
            help="device:N, device:/dev/v4l/by-id/…, file:PATH, images:DIR?fps=15, rtsps://… "
            "or https://…; "
            "otherwise camera.source of the settings."
        ),
    ] = None,
    headless: Annotated[bool, typer.Option("--headless", help="No window.")] = False,
    realtime: Annotated[
        bool, typer.Option("--realtime", help="Play a recording as a camera would.")
    ] = False,
    speech_log: Annotated[
        Path | None,
        typer.Option(help="Of a replay: a file for what a listener would hear, line by line."),
    ] = None,
    json: JsonOption = False,
) -> int:
    """Run the kiosk. A recording ends by itself, a camera at SIGTERM, SIGHUP or Ctrl-C."""
    from config.settings import load
    from hardware.camera import source as sources
    from kiosk.app.whole_run import mode_of, run_kiosk

    place = home_of(home)
    settings = load(place, config)
    camera = sources.parse(source or settings.camera.source)
    mode = mode_of(camera, headless=headless, realtime=realtime)
    run_kiosk(place, settings, camera, mode, json=json, speech_log=speech_log)
    return 0
