"""The record of a comparison, beside the weights. Whoever may write there can forge it.

It decides nothing but which of two engines is used, and only one that is installed. Whatever cannot
be read is no record.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TypeVar

from models.engines.circumstances import Circumstances
from models.packs.manifest import Pack

NAME = "engines.json"
SCHEMA = 1
Value = TypeVar("Value")
MOST_BYTES = 64_000
_FILE_MODE = 0o644  # as the weights: the service's user reads what an administrator compared


@dataclass(frozen=True, slots=True)
class EngineRecord:
    """The result of a comparison.

    Attributes:
        circumstances: under which it was made.
        equal: true if the engines agreed within the bounds.
        disagreements: what they disagree on, if they do; as ends of a sentence.
        milliseconds: of processor time a frame, by engine.
        made_on: the day, as YYYY-MM-DD.
    """

    circumstances: Circumstances
    equal: bool
    disagreements: tuple[str, ...]
    milliseconds: Mapping[str, float]
    made_on: str


def record_path(pack: Pack, directory: Path) -> Path:
    """Where the record of a pack lies."""
    return directory / pack.name / NAME


def write_record(record: EngineRecord, path: Path) -> None:
    """Write the record; it appears complete, or not at all.

    Raises:
        OSError: it cannot be written.
    """
    text = json.dumps({"schema": SCHEMA, **asdict(record)}, indent=2) + "\n"
    with NamedTemporaryFile("w", dir=path.parent, prefix=f".{NAME}.", delete=False) as file:
        partial = Path(file.name)
        try:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), _FILE_MODE)
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise


def read_record(path: Path) -> EngineRecord | None:
    """The record; None if there is none, or if it is not as it should be."""
    try:
        with path.open("rb") as file:
            held = file.read(MOST_BYTES + 1)
        return _parsed(json.loads(held)) if len(held) <= MOST_BYTES else None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def _parsed(told: Mapping[str, object]) -> EngineRecord:
    """Raises: KeyError, TypeError or ValueError: it is no record."""
    if told["schema"] != SCHEMA or not isinstance(told["equal"], bool):
        raise ValueError
    return EngineRecord(
        _mapping(told["circumstances"], str),
        told["equal"],
        tuple(_each(told["disagreements"])),
        {name: _positive(value) for name, value in _mapping(told["milliseconds"], float).items()},
        *_each([told["made_on"]]),
    )


def _mapping(told: object, kind: type[Value]) -> dict[str, Value]:
    if not isinstance(told, dict) or not all(isinstance(value, kind) for value in told.values()):
        raise TypeError
    return told


def _each(told: object) -> list[str]:
    if not isinstance(told, list) or not all(isinstance(text, str) for text in told):
        raise TypeError
    return told


def _positive(value: float) -> float:
    if not (math.isfinite(value) and value > 0):
        raise ValueError
    return value
