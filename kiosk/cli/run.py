"""`kiosk run`: run the kiosk, with or without its window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_error
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, home_of
from kiosk.domain.errors import LintelError

if TYPE_CHECKING:
    from kiosk.wiring.rollout.settings import SettingsStart


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
    from hardware.camera import source as sources
    from kiosk.app.whole_run import Mode, mode_of, run_kiosk
    from kiosk.wiring.rollout.settings import SettingsStart

    place = home_of(home)
    start = SettingsStart(place, config)
    camera = sources.parse(source or start.settings.camera.source)
    mode = mode_of(camera, headless=headless, realtime=realtime)
    if mode is not Mode.REPLAY:
        start.begin()
    with _begun_anew(start):
        run_kiosk(place, start, camera, mode, json=json, speech_log=speech_log)
    return 0


@contextmanager
def _begun_anew(start: SettingsStart) -> Iterator[None]:
    """A run after which the kiosk begins anew, if it ended for settings of its fleet."""
    from kiosk.app.age import begin_anew

    try:
        yield
    except LintelError as error:
        if not start.tries:
            raise
        print_error(error)  # with settings that it tried: it goes back to those before
        start.again = True
    if start.again:
        start.give_back()
        begin_anew()
    start.put_off()
