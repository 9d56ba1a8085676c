"""`kiosk run`: the kiosk itself, with its window or without."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, home_of
from kiosk.domain.errors import JournalUnwritable, LintelError

if TYPE_CHECKING:
    from kiosk.store.cabinet import Cabinet


def run(
    home: HomeOption = None,
    config: ConfigOption = None,
    source: Annotated[
        str | None,
        typer.Option(
            help="device:N, file:PATH, images:DIR?fps=15, rtsp://… or http://…; "
            "otherwise camera.source of the settings."
        ),
    ] = None,
    headless: Annotated[bool, typer.Option("--headless", help="No window.")] = False,
    realtime: Annotated[
        bool, typer.Option("--realtime", help="Play a recording as a camera would.")
    ] = False,
    json: JsonOption = False,
) -> int:
    """Run the kiosk. A recording ends by itself, a camera at SIGTERM, SIGHUP or Ctrl-C."""
    from config.settings import load
    from hardware.camera import source as sources
    from kiosk.cli.reporter import Reporter
    from kiosk.cli.running import Run
    from kiosk.cli.signals import Signals
    from kiosk.store.cabinet import Cabinet
    from kiosk.store.keeping import keeping
    from kiosk.wiring import weights

    place = home_of(home)
    settings = load(place, config)
    camera = sources.parse(source or settings.camera.source)
    loaded = weights(settings, place)
    with Cabinet.open(place) as cabinet, keeping(cabinet.home):
        cabinet.note("started", {"source": str(camera), "pack": loaded.pack.name})
        with Signals() as signals, _stopping_noted(cabinet):
            kiosk = Run(settings, loaded, cabinet, camera, Reporter(json=json), signals)
            if not headless:
                kiosk.windowed()
            elif realtime or not isinstance(camera, sources.Replay):
                kiosk.live()
            else:
                kiosk.replay()
    return 0


@contextmanager
def _stopping_noted(cabinet: Cabinet) -> Iterator[None]:
    """However a run ends in order, the journal says so, and why if it was not to end."""
    try:
        yield
    except LintelError as error:
        with suppress(JournalUnwritable):
            cabinet.note("stopped", {"problem": error.problem})
        raise
    cabinet.note("stopped", {})
