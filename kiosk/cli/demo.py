"""`kiosk demo`: portraits walk up to the doors of real kiosks, alone and in a fleet."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import JsonOption
from kiosk.domain.errors import OutOfServiceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiosk.app.demonstration.door import PlayedScene
    from kiosk.app.demonstration.fleet import FleetStep

OutOption = Annotated[Path, typer.Option(help="Where screenshots of each state are left.")]
CLOSED = "the window was closed before"


def demo(out: OutOption = Path("out") / "demo", json: JsonOption = False) -> int:
    """Show who is let in and who is not at one door; then the same person at two kiosks of a fleet.

    Nothing is staged: enrolment, decisions, doors, sync and store are those of `kiosk run` and
    `kiosk fleet`; only the camera is simulated, from two public-domain photographs.
    """
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder = _fresh(out)
    shown = _shown(folder, say=not json)
    pictures = len(list(folder.glob("*.png")))
    if json:
        print_json({**_said(shown), "pictures": pictures})
    else:
        print(f"{pictures} screenshots lie in {out}.")
    if not shown.as_it_should:
        raise OutOfServiceError(
            "The demonstration did not go as it should; see what was expected and what was seen.",
            "Please report it with the output of `kiosk models verify`.",
        )
    return 0


@dataclass
class _Shown:
    """What both parts have shown, and how long they took; no steps where the second was skipped."""

    scenes: list[PlayedScene]
    door_seconds: float
    steps: list[FleetStep]
    fleet_seconds: float

    @property
    def as_it_should(self) -> bool:
        scenes = all(each.as_it_should for each in self.scenes)
        return scenes and bool(self.steps) and all(each.as_it_should for each in self.steps)


def _shown(pictures: Path, *, say: bool) -> _Shown:
    """Play both parts; nothing of their kiosks is left."""
    from kiosk.app.demonstration.door import DoorDemonstration
    from kiosk.app.demonstration.fleet import FleetDemonstration
    from kiosk.app.demonstration.people import demo_people

    with tempfile.TemporaryDirectory(prefix="lintel-demo-") as kept:
        people = demo_people(Path(kept))
        door = DoorDemonstration(Path(kept), pictures, people)
        door.enrol()
        shown = _Shown(door.run(), door.seconds, [], 0.0)
    if say:
        _print_scenes(shown)
    if not door.over:
        if say:
            print(f"The second part, a fleet, was skipped: {CLOSED} the first part had ended.")
        return shown
    with tempfile.TemporaryDirectory(prefix="lintel-demo-") as kept:
        fleet = FleetDemonstration(Path(kept), pictures, people)
        shown.steps, shown.fleet_seconds = fleet.run(), fleet.seconds
    if say:
        _print_steps(shown)
    return shown


def _fresh(out: Path) -> Path:
    """The output folder, without the pictures of an earlier demonstration."""
    out.mkdir(parents=True, exist_ok=True)
    for picture in out.glob("*.png"):
        picture.unlink()
    return out


# -- what is said of it --------------------------------------------------------------------------


def _said(shown: _Shown) -> dict[str, Any]:
    """What was shown, for programs."""
    scenes = [
        {
            "scene": each.scene,
            "expected": "released" if each.may_enter else "shut",
            "seen": "released" if each.releases else "shut",
            "decided": each.outcomes,
            "why": each.reasons,
            "screen": each.sentences,
            "as_it_should": each.as_it_should,
        }
        for each in shown.scenes
    ]
    steps = [
        {
            "step": each.step,
            "where": each.where,
            "expected": each.expected,
            "seen": each.seen,
            "seconds": None if each.took is None else round(each.took, 1),
            "screen": each.sentences,
            "as_it_should": each.as_it_should,
        }
        for each in shown.steps
    ]
    return {
        "door": {"seconds": round(shown.door_seconds, 1), "scenes": scenes},
        "fleet": {"seconds": round(shown.fleet_seconds, 1), "steps": steps},
        "skipped": [] if shown.steps else [f"fleet: {CLOSED}"],
        "as_it_should": shown.as_it_should,
    }


def _print_scenes(shown: _Shown) -> None:
    rows = [
        (
            act.scene,
            ", ".join(act.outcomes) or "nothing",
            ", ".join(act.reasons) or "-",
            " / ".join(act.sentences),
            "released" if act.releases else "shut",
            "yes" if act.as_it_should else "NO",
        )
        for act in shown.scenes
    ]
    columns = ("scene", "decided", "why", "the screen said", "door", "as it should")
    _print_table(f"Who came to the door ({shown.door_seconds:.0f} s)", columns, rows)


def _print_steps(shown: _Shown) -> None:
    rows = [
        (
            each.where,
            each.step,
            each.expected,
            (", ".join(each.seen) or "nothing")
            + ("" if each.took is None else f" (after {each.took:.1f} s)"),
            each.sentences[-1] if each.sentences else "-",
            "yes" if each.as_it_should else "NO",
        )
        for each in shown.steps
    ]
    columns = ("where", "step", "expected", "seen", "the screen said", "as it should")
    title = f"One person, two kiosks of a fleet ({shown.fleet_seconds:.0f} s)"
    _print_table(title, columns, rows)


def _print_table(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title)
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
