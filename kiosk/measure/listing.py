"""The list of pairs: a CSV file with the columns a, b and mated, in the manner of LFW's pairs."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kiosk.domain.errors import BadInput

COLUMNS = ("a", "b", "mated")
FORM = "The first line is a,b,mated; a and b are paths below --images, mated is 1 or 0."


@dataclass(frozen=True, slots=True)
class Pair:
    """Two images to compare.

    Attributes:
        a: one image, as a path below the folder of images.
        b: the other.
        mated: True if both are of one person.
    """

    a: Path
    b: Path
    mated: bool


def read_pairs(path: Path, images: Iterable[Path]) -> tuple[Pair, ...]:
    """The pairs that a file lists.

    Args:
        path: the CSV file.
        images: every available image, as paths below the folder of images.

    Raises:
        BadInput: gives the file, the line and the problem.
    """
    known = frozenset(images)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            _refuse_columns(path, rows.fieldnames or ())
            pairs = tuple(_pair(path, rows.line_num, row, known) for row in rows)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.", "Check --pairs.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path} is not a CSV file in UTF-8.", FORM) from error
    if not pairs:
        raise BadInput(f"{path} lists no pairs.", FORM)
    return pairs


def _refuse_columns(path: Path, found: Iterable[str]) -> None:
    missing = [column for column in COLUMNS if column not in found]
    if missing:
        raise BadInput(f"{path} has no column {' and no column '.join(missing)}.", FORM)


def _pair(path: Path, line: int, row: Mapping[str, str | None], known: frozenset[Path]) -> Pair:
    a, b, mated = ((row[column] or "").strip() for column in COLUMNS)
    if mated not in {"0", "1"}:
        raise BadInput(f"{path}, line {line}: mated is neither 1 nor 0.", FORM)
    for image in (a, b):
        if Path(image) not in known:
            raise BadInput(
                f"{path}, line {line}: there is no image '{image}' in the folder of images.", FORM
            )
    return Pair(Path(a), Path(b), mated == "1")
