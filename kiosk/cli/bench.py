"""`kiosk bench`: measure how fast this machine runs as a kiosk, on complete kiosks."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, known_home

if TYPE_CHECKING:
    from kiosk.bench.amounts import Amounts
    from kiosk.bench.children import Children
    from kiosk.bench.person import Walker


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
    part: Annotated[str | None, typer.Option(hidden=True)] = None,
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
    from kiosk.bench import report as bench_report
    from kiosk.bench.amounts import FULL, QUICK
    from kiosk.bench.parts import PARTS, bench_of
    from kiosk.bench.person import person_of
    from kiosk.domain.errors import BadInput

    place, amounts = known_home(home), QUICK if quick else FULL
    person = person_of(load(place, config), place, source, enrol or ())
    if part is not None:
        if part not in PARTS:
            raise BadInput(f"There is no part '{part}'.", f"Parts are {', '.join(PARTS)}.")
        print_json(PARTS[part](bench_of(place, config, person, amounts)))
        return 0
    result = _measure(place, config, person, amounts, quick=quick)
    if json:
        print_json(result)
    else:
        bench_report.show(result)
    return 0


def _measure(
    place: Path, config: Path | None, person: Walker, amounts: Amounts, *, quick: bool
) -> dict[str, Any]:
    """Run every measurement, with separate kiosks in a temporary folder."""
    from config.settings import load
    from kiosk.bench import homes as bench_homes
    from kiosk.bench.children import Children, environment_of
    from kiosk.bench.report import about_machine
    from kiosk.wiring.vision import verified_weights

    about = about_machine()
    settings = load(place, config)
    loaded = verified_weights(settings, place)
    with tempfile.TemporaryDirectory(prefix="lintel-bench-") as temporary:
        top = Path(temporary)
        _say("enrolling the person")
        bench_homes.enrol_person(settings, loaded, top / "few", person)
        children = Children(
            options=bench_homes.config_options(place, config),
            environment=environment_of(loaded.files["landmarks"].parent.parent),
        )
        parts = _parts(children, top / "few", person, quick=quick)
        source = _source(top / "shown", person)
        starts = _starts(children, top / "few", source, amounts)
        _say(f"filling a gallery with {amounts.references:,} references")
        bench_homes.fill(top / "many", loaded.pack, amounts.references)
        _say("memory")
        summary = children.run(top / "many", source)
    memory = {"references": amounts.references, "peak_mb": summary["peak_rss_mb"]}
    return {**_together(parts), "start_seconds": starts, "memory": memory, **about}


def _parts(
    children: Children, home: Path, person: Walker, *, quick: bool
) -> dict[str, dict[str, Any]]:
    """Run every part in its own process, one after the other."""
    from kiosk.bench.parts import PARTS

    options = [option for image in person.photographs for option in ("--enrol", str(image))]
    options += ["--source", person.source] if person.source else []
    options += ["--quick"] if quick else []
    told: dict[str, dict[str, Any]] = {}
    for name in PARTS:
        _say(name.replace("-", " with a ", 1).replace("-", " "))
        told[name] = children.part(name, home, *options)
    return told


def _starts(children: Children, home: Path, source: str, amounts: Amounts) -> dict[str, Any]:
    """Measure starts of a complete kiosk; the first has a cold disk cache and is not counted."""
    from kiosk.bench.children import MARKS
    from kiosk.bench.parts import told

    _say("starts")
    began = [children.start(home, source) for _ in range(amounts.starts + 1)][1:]
    return {mark: told([reached[mark] for reached in began]) for mark in MARKS}


def _source(folder: Path, person: Walker) -> str:
    folder.mkdir()
    return person.start_source(folder)


def _together(parts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The results of the parts under the JSON keys that other programs read."""
    from kiosk.bench.doors import DOORS

    walks = parts["walks"]
    return {
        "stage_ms": parts["stages"]["stage_ms"],
        "frames_per_second": {
            "vision_alone": parts["stages"]["frames_per_second"],
            "without_window": parts["speed"]["frames_per_second"],
            "with_window": parts["speed-window"]["frames_per_second"],
            "camera": parts["speed-window"]["offered"],
        },
        "capture_to_release_ms": walks["capture_to_release_ms"],
        "first_face_to_release_seconds": walks["first_face_to_release_seconds"],
        "walks": {name: walks[name] for name in ("walks", "releases", "refusals")},
        "doors": {door: parts[f"preview-{door}-door"] for door in DOORS},
        "search_ms": parts["search"]["search_ms"],
    }


def _say(what: str) -> None:
    """Print progress on standard error."""
    print(f"kiosk bench: {what} …", file=sys.stderr, flush=True)
