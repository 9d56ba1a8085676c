"""`kiosk bench`: measure how fast this machine runs as a kiosk, on complete kiosks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, known_home


def bench(
    source: Annotated[
        str | None,
        typer.Option(help="A recording of a person who walks up: images:DIR?fps=15 or file:PATH."),
    ] = None,
    enrol: Annotated[
        list[Path] | None,
        typer.Option(help="A photograph of who walks up, or a folder of them; may be repeated."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Only see that everything can be measured.")
    ] = False,
    large: Annotated[
        bool,
        typer.Option(
            "--large",
            help="Search among a million references too; takes a gigabyte. A larger fleet.",
        ),
    ] = False,
    part: Annotated[str | None, typer.Option(hidden=True)] = None,
    store: Annotated[
        str | None,
        typer.Option(help="Of the part fleet: folder:PATH, or s3://BUCKET/PREFIX?endpoint=URL."),
    ] = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Measure stages, frames a second, latencies, start-up, memory and search.

    Without --source a simulated camera shows a photograph of a person who walks up: that of
    --enrol, else a public-domain portrait. Nothing in the home is changed, and no picture is
    written.
    """
    from config.settings import load
    from kiosk.bench.amounts import amounts
    from kiosk.bench.complete import measure
    from kiosk.bench.parts import bench_of, part_of
    from kiosk.bench.person import person_of
    from kiosk.bench.report import show

    place, work = known_home(home), amounts(quick=quick, large=large)
    person = person_of(load(place, config), place, source, enrol or ())
    if part is not None:
        print_json(part_of(part)(bench_of(place, config, person, work, store)))
        return 0
    result = measure(place, config, person, work, _say)
    if json:
        print_json(result)
    else:
        show(result)
    return 0


def _say(what: str) -> None:
    """Print progress on standard error."""
    print(f"kiosk bench: {what} …", file=sys.stderr, flush=True)
