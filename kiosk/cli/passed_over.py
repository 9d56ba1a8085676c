"""The files in a folder that a command skipped: each by its name, with the reason.

The list stays readable for a folder of ten thousand files: the first few of each reason are named,
the rest counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

NAMED = 10
"""The maximum number of files named per reason for people; programs get all of them."""

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
    """The reason why a file was skipped, judged by its name; the file is not opened."""
    if path.name.startswith("."):
        return HIDDEN
    if path.is_dir():
        return FOLDER
    if not path.is_file():
        return NO_FILE
    return _BY_ENDING.get(path.suffix.lower(), UNKNOWN)


def listed(verb: str, reasons: Iterable[tuple[str, str]]) -> Iterator[str]:
    """One line per file, and one line for the files beyond the first few of a reason.

    Args:
        verb: the first word of each line, such as "refused".
        reasons: name and reason of each file; a reason may repeat the file's name.
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
    """The lines about skipped files."""
    return listed("passed over", ((str(path), why(path)) for path in paths))


def shown(name: str) -> str:
    """A file's name safe for a terminal: line feeds, escapes and undecodable bytes are escaped."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in name
    )
