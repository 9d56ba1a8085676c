"""What a folder holds and a command did not take: each file by its name, with the reason.

A folder of ten thousand stays readable: of each reason the first few are named, the rest counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

NAMED = 10
"""So many of one reason stand in a list for people; programs get all of them."""

FOLDER = "a folder within the folder; name it by itself to have it looked into"
HIDDEN = "hidden: its name begins with a dot"
NO_FILE = "no file that can be opened"
UNKNOWN = "its ending is not one of a picture"
_WORDS = {
    "HEIC pictures are not read; save it as JPEG": (".heic", ".heif", ".hif"),
    "AVIF pictures are not read; save it as JPEG": (".avif", ".avifs"),
    "JPEG XL pictures are not read; save it as JPEG": (".jxl",),
    "raw pictures are not read; save it as JPEG": (".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf"),
    "moving pictures are not read; save one picture as JPEG": (".gif", ".apng"),
    "a film is no photograph": (".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mpg", ".mpeg"),
}
_BY_ENDING = {ending: words for words, endings in _WORDS.items() for ending in endings}


def why(path: Path) -> str:
    """Why a file of a folder was not taken, told by its name; it is not opened."""
    if path.name.startswith("."):
        return HIDDEN
    if path.is_dir():
        return FOLDER
    if not path.is_file():
        return NO_FILE
    return _BY_ENDING.get(path.suffix.lower(), UNKNOWN)


def listed(verb: str, reasons: Iterable[tuple[str, str]]) -> Iterator[str]:
    """A line for each, and one for those beyond the first few of a reason.

    Args:
        verb: what became of them.
        reasons: name and reason of each; a reason may name the file once more.
    """
    by_reason: dict[str, list[str]] = {}
    for name, reason in reasons:
        same = reason.replace(name, "it")
        by_reason.setdefault(same, []).append(f"{verb} {shown(name)}: {shown(reason)}")
    for same, lines in by_reason.items():
        yield from lines[:NAMED]
        if len(lines) > NAMED:
            yield f"{verb} {len(lines) - NAMED:,} more, of {len(lines):,}: {same}"


def passed_over(paths: Sequence[Path]) -> Iterator[str]:
    """The lines about files that were not taken."""
    return listed("passed over", ((str(path), why(path)) for path in paths))


def shown(name: str) -> str:
    """A file's name as a terminal may have it: no line feed, no escape, no byte that is no text."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in name
    )
