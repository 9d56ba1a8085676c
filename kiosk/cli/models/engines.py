"""`kiosk models verify --engines`: whether both engines see the same, and which one is faster."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.app.console import print_json
from kiosk.domain.errors import OutOfServiceError

if TYPE_CHECKING:
    from kiosk.bench.engines import EngineReport
    from models.engines.choice import EngineChoice
    from models.packs.manifest import Pack


def verify_engines(
    home: Path, config: Path | None, pack: Pack, directory: Path, *, json: bool
) -> int:
    """Compare the engines, keep the record, and print it; exit code 4 if they disagree."""
    from kiosk.bench.engines import engine_report
    from kiosk.wiring.rollout.settings import settings_of
    from models.engines.choice import chosen
    from models.engines.record import record_path, write_record

    settings = settings_of(home, config)
    report = engine_report(settings, home, pack, directory)
    try:
        write_record(report.record, record_path(pack, directory))
        problem = ""
    except OSError as error:
        problem = f"The result could not be kept in {directory}: {error.strerror}."
    choice = chosen("auto", pack, directory)
    if json:
        print_json({**_report(report, choice), "problem": problem or None})
    else:
        _print_table(report, choice)
    if problem:
        print(f"kiosk: {problem}", file=sys.stderr)
    fine = report.record.equal and not problem
    return 0 if fine else OutOfServiceError.exit_code


def _report(report: EngineReport, choice: EngineChoice) -> Mapping[str, object]:
    record = asdict(report.record)
    differences = {
        bound.name: {"found": found, "allowed": bound.most, "unit": bound.unit}
        for bound, found in report.rows
    }
    made = report.differences
    return {
        **record,
        "compared": made is not None,
        "frames": made.frames if made else 0,
        "faces": made.faces if made else 0,
        "differences": differences,
        "auto": choice.engine,
        "why": choice.why,
    }


def _print_table(report: EngineReport, choice: EngineChoice) -> None:
    from rich.console import Console
    from rich.table import Column, Table

    made = report.differences
    if made is None:
        print(
            "Only LiteRT is installed: there is nothing to compare it with, so its values for the "
            "portraits were compared with pinned ones."
        )
    else:
        numbers = (Column(name, justify="right") for name in ("difference", "allowed"))
        table = Table("", *numbers, "unit")
        for bound, found in report.rows:
            told = "none compared" if found is None else f"{found:.2g}"
            table.add_row(bound.name, told, f"{bound.most:g}", bound.unit)
        Console().print(table)
        print(f"{made.frames} frames, {made.faces} faces. Processor time of a frame with one face:")
        for engine, spent in report.record.milliseconds.items():
            print(f"  {engine:10}{spent:6.1f} ms")
    for text in report.record.disagreements:
        print(f"Disagreement: {text}.")
    if report.record.equal:
        print("The engines are equal here." if made else "All values are as pinned.")
    print(f'models.engine = "auto" runs {choice.engine}: {choice.why}.')
