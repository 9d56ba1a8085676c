"""The choice of the engine: what the settings ask for, what is installed, and what was proven."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kiosk.domain.errors import ModelError
from kiosk.domain.remedies import NextStep, Remedy
from models.engines.circumstances import circumstances, differing
from models.engines.installed import lacking
from models.engines.record import EngineRecord, read_record, record_path
from models.packs.manifest import Engine, Pack

Wanted = Literal["auto", "reference", "litert"]
"""The setting ``models.engine``."""

COMPARE = Remedy("Compare the engines on this machine.", NextStep.COMPARE_ENGINES)


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """The engine that runs.

    Attributes:
        engine: its name.
        why: the reason, as the end of a sentence.
        doubt: what is wrong with the engines here, as a sentence's end; empty if nothing is.
        remedy: against the doubt, or to have the faster engine proven; may be empty.
    """

    engine: Engine
    why: str
    doubt: str = ""
    remedy: str = ""


def chosen(wanted: Wanted, pack: Pack, directory: Path) -> EngineChoice:
    """The engine for a pack.

    Args:
        wanted: the setting.
        pack: the whole pack, of no engine yet.
        directory: the folder whose subfolders are packs; the record lies there.

    Raises:
        ModelError: the setting names an engine that is not installed, or none is.
    """
    there = {engine: not lacking(pack, engine) for engine in ("reference", "litert")}
    if wanted != "auto":
        return _as_asked(wanted, pack, directory)
    if not there["reference"] and there["litert"]:
        return _only_litert(pack, directory)
    if not there["litert"]:
        _refuse_absent(pack, "reference")
        return EngineChoice("reference", "LiteRT is not installed")
    return _proven(pack, directory)


def _as_asked(engine: Engine, pack: Pack, directory: Path) -> EngineChoice:
    """The engine that the setting names; a known disagreement is told."""
    _refuse_absent(pack, engine)
    record = valid_record(pack, directory)
    wrong = engine == "litert" and record is not None and not record.equal
    doubt = _told(record) if wrong and record is not None else ""
    return EngineChoice(engine, "models.engine says so", doubt, COMPARE if doubt else "")


def _only_litert(pack: Pack, directory: Path) -> EngineChoice:
    """LiteRT where there is no reference engine: its values were checked against pinned ones."""
    why = "the reference engine is not installed"
    record = valid_record(pack, directory)
    if record is None:
        return EngineChoice("litert", why, "", COMPARE)
    if not record.equal:
        return EngineChoice("litert", why, _told(record), COMPARE)
    return EngineChoice("litert", f"{why}; its values are those pinned, as of {record.made_on}")


def _proven(pack: Pack, directory: Path) -> EngineChoice:
    """The faster of two installed engines, if they were proven equal under these circumstances."""
    record = read_record(record_path(pack, directory))
    if record is None:
        return EngineChoice("reference", "the engines were not compared here", "", COMPARE)
    changed = differing(record.circumstances, circumstances(pack))
    if changed:
        why = f"the engines were compared with another {changed}"
        return EngineChoice("reference", why, "", COMPARE)
    if not record.equal:
        return EngineChoice("reference", "the engines disagree", _told(record), COMPARE)
    spent, other = record.milliseconds.get("litert"), record.milliseconds.get("reference")
    if spent is None or other is None:
        return EngineChoice("reference", "the engines were not compared here", "", COMPARE)
    proven = f"proven equal on {record.made_on}"
    if spent < other:
        return EngineChoice("litert", f"{proven}, at {spent / other:.2f} of the reference's time")
    return EngineChoice("reference", f"{proven}, and no slower than LiteRT")


def valid_record(pack: Pack, directory: Path) -> EngineRecord | None:
    """The record of a pack's comparison under these circumstances; None if there is none."""
    record = read_record(record_path(pack, directory))
    if record is None or differing(record.circumstances, circumstances(pack)):
        return None
    return record


def _told(record: EngineRecord) -> str:
    return f"the engines disagree: {'; '.join(record.disagreements)}"


def _refuse_absent(pack: Pack, engine: Engine) -> None:
    modules = lacking(pack, engine)
    if modules:
        raise ModelError(
            f"The engine {engine} needs {' and '.join(modules)}, not installed on this machine.",
            "Set models.engine to auto, or install Lintel again with all its packages.",
        )
