"""Lists in CSV files: pairs, in the manner of LFW's, and images that have a wrong name."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk.domain.errors import BadInput

COLUMNS = ("a", "b", "mated")
FORM = "The first line is a,b,mated; a and b are paths below --images, mated is 1 or 0."
LEFT_OUT_COLUMNS = ("image", "reason")
LEFT_OUT_FORM = "The first line is image,reason; image is a path below --images."


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
    with _rows(path, "--pairs", COLUMNS, FORM) as rows:
        pairs = tuple(_pair(path, rows.line_num, row, known) for row in rows)
    if not pairs:
        raise BadInput(f"{path} lists no pairs.", FORM)
    return pairs


def read_left_out(path: Path, images: Iterable[Path]) -> frozenset[Path]:
    """The images that a file lists as not of the person whose name they have.

    A list may be of a whole data set, and the images a part of it: those that are not there are
    passed over, unless none is.

    Args:
        path: the CSV file.
        images: every available image, as paths below the folder of images.

    Raises:
        BadInput: gives the file, the line and the problem.
    """
    with _rows(path, "--left-out", LEFT_OUT_COLUMNS, LEFT_OUT_FORM) as rows:
        listed = frozenset(_left_out(path, rows.line_num, row) for row in rows)
    left_out = listed.intersection(images)
    if not left_out:
        raise BadInput(f"{path} lists none of the images.", LEFT_OUT_FORM)
    return left_out


@contextmanager
def _rows(
    path: Path, option: str, columns: Iterable[str], form: str
) -> Iterator[csv.DictReader[str]]:
    """The rows of a CSV file with these columns.

    Raises:
        BadInput: it cannot be read, is no CSV file, or lacks a column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            _refuse_columns(path, rows.fieldnames or (), columns, form)
            yield rows
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.", f"Check {option}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path} is not a CSV file in UTF-8.", form) from error


def _refuse_columns(path: Path, found: Iterable[str], columns: Iterable[str], form: str) -> None:
    missing = [column for column in columns if column not in found]
    if missing:
        raise BadInput(f"{path} has no column {' and no column '.join(missing)}.", form)


def _left_out(path: Path, line: int, row: Mapping[str, str | None]) -> Path:
    image, reason = ((row[column] or "").strip() for column in LEFT_OUT_COLUMNS)
    if not image or not reason:
        raise BadInput(f"{path}, line {line}: an image or its reason is missing.", LEFT_OUT_FORM)
    return Path(image)


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
