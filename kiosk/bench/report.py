"""The output of `kiosk bench` for people, and the description of the machine."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kiosk.bench.children import has_display

BUSY = 0.5
"""The load per processor above which other work slows down a measurement."""

NOTES = (
    (
        "A whole kiosk cannot look at more frames a second than its camera offers; where it looks "
        "at fewer, the newest frame wins and what is left over is dropped."
    ),
    (
        "Processor time is that of the whole process, with a runtime's own threads. A walk-up is "
        "counted from the first frame with a face in the lane until somebody is recognised."
    ),
    "Vision alone is one thread without a camera; the camera's own work is never counted.",
    "Walks are played in real time before a whole kiosk with its window.",
    (
        "The preview is counted while no result covers it. A slow door takes 0.4 s for an answer, "
        "a dead one gives none; neither is the door of the settings, which is never spoken to."
    ),
    (
        "Starts are of `kiosk run` with its window, from the start of its process: until the "
        "first frame was on the screen, and until the loaded models had looked at a frame."
    ),
)

ENROLLING = {
    "door": "at the door, in turn with enrolments",
    "notice": "while the notice is read",
    "pictures": "while pictures are taken",
    "my_data": "of who asks for their data",
}
FRAMES = {"walk_up": "of a walk-up", "deciding": "that decides"}

Numbers = Mapping[str, Any]


def about_machine() -> dict[str, Any]:
    """The description of the machine, and the notes a reader needs."""
    cpus, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    machine = {
        "processor": _processor(),
        "cpus": cpus,
        "load": round(load, 2),
        "python": platform.python_version(),
        "system": platform.platform(),
    }
    return {"machine": machine, "window": _window(), "notes": _notes(cpus, load)}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _window() -> str:
    return "on a display" if has_display() else os.environ.get("QT_QPA_PLATFORM") or "offscreen"


def _notes(cpus: int, load: float) -> list[str]:
    notes = list(NOTES)
    if not has_display():
        notes.append("There is no display: the window was drawn offscreen, by the processor.")
    if load > BUSY * cpus:
        notes.append(f"The machine was busy (load {load:.1f}): the numbers are too bad.")
    return notes


def show(result: Numbers) -> None:
    """Print the result for people."""
    from rich.console import Console
    from rich.table import Table

    machine, console = result["machine"], Console()
    title = f"{machine['processor']}, {machine['cpus']} processors"
    table = Table(title=title, caption=f"Window: {result['window']}")
    table.add_column("measure")
    for column in ("median", "95th percentile", "measured"):
        table.add_column(column, justify="right")
    for row in _rows(result):
        table.add_row(*row)
    console.print(table)
    for note in result["notes"]:
        console.print(f"- {note}", highlight=False)


def _rows(result: Numbers) -> Iterator[tuple[str, str, str, str]]:
    for stage, told in result["stage_ms"].items():
        yield _row(f"stage {stage.replace('_', ' ')}", told, "ms")
    for frames, told in result["processor_ms"].items():
        mean = None if told is None else told["mean"]
        yield f"processor, a frame {FRAMES[frames]}, mean", _number(mean, "ms"), "", ""
        yield _row(f"processor, a frame {FRAMES[frames]}", told, "ms")
    for stage, told in result["enrolling_ms"].items():
        mean = None if told is None else told["mean"]
        yield f"processor, a frame {ENROLLING[stage]}, mean", _number(mean, "ms"), "", ""
        yield _row(f"processor, a frame {ENROLLING[stage]}", told, "ms")
    yield _row("capture to release", result["capture_to_release_ms"], "ms")
    yield _row("first face in the lane to release", result["first_face_to_release_seconds"], "s")
    yield _row("start to first preview", result["start_seconds"]["preview"], "s")
    yield _row("start to ready to decide", result["start_seconds"]["ready"], "s")
    for size, told in result["search_ms"].items():
        how = "by an index" if size in result["search_each_ms"] else "each compared"
        yield _row(f"search among {int(size):,}, one thread, {how}", told, "ms")
    for size, told in result["search_each_ms"].items():
        yield _row(f"search among {int(size):,}, one thread, each compared", told, "ms")
    for how, rate in result["frames_per_second"].items():
        yield f"frames a second, {how.replace('_', ' ')}", _number(rate, ""), "", ""
    for door, told in result["doors"].items():
        for what in ("preview", "vision"):
            yield f"{what}, frames a second, {door} door", _number(told[what], ""), "", ""
    memory, walks = result["memory"], result["walks"]
    many = f"peak memory with {memory['references']:,} references"
    yield many, _number(memory["peak_mb"], "MB"), "", ""
    yield "walks that were let in", f"{walks['releases']} of {walks['walks']}", "", ""


def _row(name: str, told: Numbers | None, unit: str) -> tuple[str, str, str, str]:
    if told is None:
        return name, "unknown", "", "0"
    return name, _number(told["median"], unit), _number(told["p95"], unit), f"{told['count']:,}"


def _number(value: float | None, unit: str) -> str:
    return "unknown" if value is None else f"{value:.3g} {unit}".strip()
