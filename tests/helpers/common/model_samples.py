"""Small pinned files and packs for tests of installing."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from models.packs.manifest import Pack, PackFile
from models.packs.origins import Source


def noise(size: int, seed: int = 7) -> bytes:
    """Bytes that no compression makes smaller, the same ones at every run."""
    return random.Random(seed).randbytes(size)  # noqa: S311 - the same bytes at every run


def pin(data: bytes, *sources: Source, name: str = "weights.bin", role: str = "attack") -> PackFile:
    """The pin of these bytes in the pack `sample`."""
    digest = hashlib.sha256(data).hexdigest()
    return PackFile("sample", role, name, len(data), digest, "CC0-1.0", tuple(sources))


def pack_of(*files: PackFile, accept_first: bool = False, name: str = "sample") -> Pack:
    """A pack of these files."""
    return Pack(
        name=name,
        title="Sample weights",
        licence="CC0-1.0",
        commercial_use=True,
        notice="Made by a test.",
        files=files,
        accept_first=accept_first,
    )


def manifest_toml(data: bytes, sources: str, extra: str = "") -> str:
    """A manifest with one pack of one file, as text."""
    return f"""
schema = 1
[packs.sample]
title = "Sample weights"
licence = "CC0-1.0"
commercial_use = true
notice = "Made by a test."
{extra}
[[packs.sample.files]]
role = "attack"
name = "weights.bin"
bytes = {len(data)}
sha256 = "{hashlib.sha256(data).hexdigest()}"
licence = "CC0-1.0"
sources = [{sources}]
"""


@dataclass
class Recorder:
    """A progress that remembers."""

    lines: list[tuple[str, ...]] = field(default_factory=list)
    bytes_seen: list[int] = field(default_factory=list)

    def kept(self, file: PackFile) -> None:
        self.lines.append(("kept", file.name))

    def started(self, file: PackFile, source: str) -> None:
        self.lines.append(("started", file.name, source))

    def advanced(self, file: PackFile, done: int) -> None:
        assert done <= file.bytes
        self.bytes_seen.append(done)

    def failed(self, file: PackFile, source: str, reason: str) -> None:
        self.lines.append(("failed", file.name, source, reason))

    def finished(self, file: PackFile) -> None:
        self.lines.append(("finished", file.name))

    def waiting(self, directory: Path) -> None:
        self.lines.append(("waiting", str(directory)))

    @property
    def reasons(self) -> list[str]:
        """Why sources failed, in order."""
        return [line[3] for line in self.lines if line[0] == "failed"]


def tree(folder: Path) -> Mapping[str, bytes]:
    """Every file below a folder, hidden ones too, with what is in it."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
