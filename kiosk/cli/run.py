"""`kiosk run`: run the kiosk, with or without its window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_error
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, home_of
from kiosk.domain.audit import Value
from kiosk.domain.errors import (
    JournalTampered,
    JournalUnwritable,
    LintelError,
    OutOfServiceError,
)

if TYPE_CHECKING:
    from kiosk.app.output import StandardStreams
    from kiosk.store.open_home import OpenHome


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
    json: JsonOption = False,
) -> int:
    """Run the kiosk. A recording ends by itself, a camera at SIGTERM, SIGHUP or Ctrl-C."""
    from config.settings import load
    from hardware.camera import source as sources
    from kiosk.app.output import REPLAY_PATIENCE_SECONDS, StandardStreams
    from kiosk.app.reporter import Reporter
    from kiosk.app.running import Run
    from kiosk.app.signals import Signals
    from kiosk.diagnostics.anchor import kept_outside
    from kiosk.store.instance_lock import instance_lock
    from kiosk.store.open_home import OpenHome
    from kiosk.wiring.vision import verified_weights

    place = home_of(home)
    settings = load(place, config)
    camera = sources.parse(source or settings.camera.source)
    loaded = verified_weights(settings, place)
    replay = headless and not realtime and isinstance(camera, sources.Replay)
    output = StandardStreams(REPLAY_PATIENCE_SECONDS if replay else 0.0)
    with (
        OpenHome.open(place) as open_home,
        instance_lock(open_home.home),
        kept_outside(settings, open_home),
    ):
        open_home.note("started", {"source": str(camera), "pack": loaded.pack.name})
        reporter = Reporter(json=json)
        reporter.heard = lambda: not output.lost
        with Signals() as signals, _ended_noted(open_home, output) as leave:
            kiosk = Run(settings, loaded, open_home, camera, reporter, signals, leave)
            if not headless:
                kiosk.windowed()
            elif not replay:
                kiosk.live()
            else:
                kiosk.replay()
                output.require()
    return 0


@contextmanager
def _ended_noted(
    open_home: OpenHome, output: StandardStreams
) -> Iterator[Callable[[OutOfServiceError], None]]:
    """Record the end of a run in the journal, with the problem if it was not a regular end.

    The entry also counts the output lines that nobody read. The yielded function is for code that
    is about to end the process at once.
    """

    def note(event: str, details: dict[str, Value]) -> None:
        with suppress(JournalUnwritable, JournalTampered):
            open_home.note(event, details)

    def leave(error: OutOfServiceError) -> None:
        note("stopped", {"problem": error.problem, **output.losses})
        print_error(error)
        output.finish()

    output.tell(note)
    try:
        yield leave
    except LintelError as error:
        note("stopped", {"problem": error.problem, **output.losses})
        raise
    except Exception as error:
        note("stopped", {"problem": f"It ended by {type(error).__name__}.", **output.losses})
        raise
    finally:
        output.tell(None)
    open_home.note("stopped", output.losses)
