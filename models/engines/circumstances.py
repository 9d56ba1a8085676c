"""The circumstances of a comparison of engines: it holds for no others.

Processor, libraries, weights and code. A record made under others does not count, since each of
them changes what a network computes, or how long it takes.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from models.engines.installed import versions
from models.packs.manifest import Pack

CPU_INFO = Path("/proc/cpuinfo")
NAMES = ("model name", "Model", "CPU part", "Hardware")
"""Keys of `/proc/cpuinfo` that name the processor, on x86 and on ARM."""
FLAGS = ("flags", "Features")

Circumstances = Mapping[str, str]


def circumstances(pack: Pack) -> Circumstances:
    """Everything that a comparison of a pack's engines depends on, each as a short text."""
    return {
        "processor": processor(_cpu_info()),
        "libraries": ", ".join(f"{name} {version}" for name, version in versions().items()),
        "weights": _digest(file.sha256 for file in sorted(pack.files, key=lambda file: file.name)),
        "code": _digest(_sources()),
    }


def processor(cpu_info: str) -> str:
    """Name and instruction sets of a processor, the latter as a digest.

    Args:
        cpu_info: the text of `/proc/cpuinfo`; empty on other systems.
    """
    told = dict(reversed([_entry(line) for line in cpu_info.splitlines() if ":" in line]))
    name = ", ".join(told[key] for key in NAMES if key in told) or "unknown"
    flags = " ".join(sorted(word for key in FLAGS for word in told.get(key, "").split()))
    return f"{platform.machine()}, {name}, {_digest([flags])[:16]}"


def differing(recorded: Circumstances, now: Circumstances) -> str:
    """The circumstances that differ, as text; empty if there are none."""
    return " and ".join(key for key in now if recorded.get(key) != now[key])


def _entry(line: str) -> tuple[str, str]:
    key, _, value = line.partition(":")
    return key.strip(), value.strip()


def _cpu_info() -> str:
    try:
        return CPU_INFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _sources() -> Iterator[str]:
    """The source of this package, file by file: other code may compute something else."""
    for file in _files(resources.files("models")):
        yield file.name
        yield file.read_text(encoding="utf-8")


def _files(folder: Traversable) -> Iterator[Traversable]:
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        if each.is_dir():
            yield from _files(each)
        elif each.name.endswith(".py"):
            yield each


def _digest(texts: Iterator[str] | list[str]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()
