"""A complete benchmark: every part in a process of its own, and whole kiosks for starts and memory.

The measured kiosks have homes of their own in a temporary folder.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from config.settings import load
from kiosk.bench import amounts as work
from kiosk.bench import homes
from kiosk.bench.amounts import Amounts
from kiosk.bench.children import MARKS, Children, environment_of
from kiosk.bench.doors import DOORS
from kiosk.bench.parts import PARTS, told
from kiosk.bench.person import Walker
from kiosk.bench.report import about_machine
from kiosk.wiring.vision import verified_weights

Say = Callable[[str], None]
"""Receives what is done next, for progress."""


def measure(
    home: Path, config: Path | None, person: Walker, amounts: Amounts, say: Say
) -> dict[str, Any]:
    """Measure everything, under the JSON keys that other programs read.

    Args:
        home: whose settings and models are measured; nothing in it is changed.
        config: a settings file instead of its own.
        person: who walks up.
        amounts: how much is measured.
        say: receives what is done next.

    Raises:
        LintelError: settings or models are unusable, or a measured kiosk failed.
    """
    about = about_machine()
    settings = load(home, config)
    loaded = verified_weights(settings, home)
    children = Children(
        options=homes.config_options(home, config),
        environment=environment_of(loaded.files["landmarks"].parent.parent),
    )
    with tempfile.TemporaryDirectory(prefix="lintel-bench-") as temporary:
        top = Path(temporary)
        say("enrolling the person")
        homes.enrol_person(settings, loaded, top / "few", person)
        parts = _parts(children, top / "few", person, amounts, say)
        source = _source(top / "shown", person)
        starts = _starts(children, top / "few", source, amounts, say)
        say(f"filling a gallery with {amounts.references:,} references")
        homes.fill(top / "many", loaded.pack, amounts.references)
        say("memory")
        summary = children.run(top / "many", source)
    memory = {"references": amounts.references, "peak_mb": summary["peak_rss_mb"]}
    return {**_together(parts), "start_seconds": starts, "memory": memory, **about}


def _parts(
    children: Children, home: Path, person: Walker, amounts: Amounts, say: Say
) -> dict[str, dict[str, Any]]:
    """Run every part in its own process, one after the other."""
    options = [*person.options, *work.options(amounts)]
    results: dict[str, dict[str, Any]] = {}
    for name in PARTS:
        say(name.replace("-", " with a ", 1).replace("-", " "))
        results[name] = children.part(name, home, *options)
    return results


def _starts(
    children: Children, home: Path, source: str, amounts: Amounts, say: Say
) -> dict[str, Any]:
    """Measure starts of a complete kiosk; the first has a cold disk cache and is not counted."""
    say("starts")
    began = [children.start(home, source) for _ in range(amounts.starts + 1)][1:]
    return {mark: told([reached[mark] for reached in began]) for mark in MARKS}


def _source(folder: Path, person: Walker) -> str:
    folder.mkdir()
    return person.start_source(folder)


def _together(parts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The results of the parts under the JSON keys that other programs read."""
    walks = parts["walks"]
    return {
        "stage_ms": parts["stages"]["stage_ms"],
        "processor_ms": parts["stages"]["processor_ms"],
        **parts["enrolling"],
        "frames_per_second": {
            "vision_alone": parts["stages"]["frames_per_second"],
            "without_window": parts["speed"]["frames_per_second"],
            "with_window": parts["speed-window"]["frames_per_second"],
            "shown": parts["speed-window"]["shown"],
            "camera": parts["speed-window"]["offered"],
        },
        "capture_to_release_ms": walks["capture_to_release_ms"],
        "first_face_to_release_seconds": walks["first_face_to_release_seconds"],
        "walks": {name: walks[name] for name in ("walks", "releases", "refusals")},
        "doors": {door: parts[f"preview-{door}-door"] for door in DOORS},
        **parts["search"],
    }
