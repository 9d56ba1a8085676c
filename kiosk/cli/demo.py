"""`kiosk demo`: two portraits walk up to a door, and the real kiosk decides about each."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.domain.errors import OutOfServiceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiosk.app.demonstration import Demonstration, PlayedScene

OutOption = Annotated[Path, typer.Option(help="Where screenshots of each state are left.")]


def demo(out: OutOption = Path("out") / "demo") -> int:
    """Show who is let in and who is not: an enrolled portrait, another one, and what must not open.

    Nothing is staged: enrolment, decisions and the door are those of `kiosk run`; only the camera
    is simulated, from two public-domain photographs.
    """
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from kiosk.app.demonstration import Demonstration

    folder = _fresh(out)
    with tempfile.TemporaryDirectory(prefix="lintel-demo-") as home:
        demonstration = Demonstration(Path(home), folder)
        demonstration.enrol()
        acts = demonstration.run()
    _print(demonstration, acts)
    pictures = len(list(folder.glob("*.png")))
    print(f"{pictures} screenshots lie in {out}.")
    if not all(act.as_it_should for act in acts):
        raise OutOfServiceError(
            "The demonstration did not go as it should; see the table.",
            "Please report it with the output of `kiosk models verify`.",
        )
    return 0


def _fresh(out: Path) -> Path:
    """The output folder, without the pictures of an earlier demonstration."""
    out.mkdir(parents=True, exist_ok=True)
    for picture in out.glob("*.png"):
        picture.unlink()
    return out


def _print(demonstration: Demonstration, acts: Sequence[PlayedScene]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"Who came to the door ({demonstration.seconds:.0f} s)")
    for column in ("scene", "decided", "why", "the screen said", "door", "as it should"):
        table.add_column(column)
    for act in acts:
        table.add_row(
            act.scene,
            ", ".join(act.outcomes) or "nothing",
            ", ".join(act.reasons) or "-",
            " / ".join(act.sentences),
            "released" if act.releases else "shut",
            "yes" if act.as_it_should else "NO",
        )
    Console().print(table)
