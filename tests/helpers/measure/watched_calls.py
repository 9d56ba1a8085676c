"""What a process asks of the kernel: the sockets that it opens, the files that it may write.

Under `strace`, every thread and child of it included. Only calls that matter are stopped at, so
the process runs at nearly its own speed.
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

STRACE = "strace"
CALLS = (
    "socket,connect,bind,sendto,open,openat,openat2,creat,truncate,rename,renameat,renameat2,"
    "link,linkat,symlink,symlinkat,mkdir,mkdirat,mknod,mknodat,memfd_create"
)
_WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TMPFILE|O_TRUNC|O_APPEND")
_FAILED = re.compile(r"\)\s+= -1 ")
_PATH = re.compile(r'(?:<([^>]*)>, )?"((?:[^"\\]|\\.)*)"')
"""A path, and the folder that it is relative to where the call names one."""

_CALL = re.compile(r"^(?:\d+\s+)?(\w+)\(")


def available() -> str:
    """The command's path; skips the test where processes cannot be watched here."""
    path = shutil.which(STRACE)
    if path is None:
        pytest.skip("strace is not installed: `tools/system-packages kiosk tests` brings it.")
    refusal = _refusal(path)
    if refusal:
        pytest.skip(f"strace may not trace here (ptrace is not permitted): {refusal}")
    return path


@functools.cache
def _refusal(path: str) -> str:
    tried = subprocess.run(
        [path, "-f", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False
    )
    return tried.stderr.strip() if tried.returncode else ""


def command(traced: Sequence[str], log: Path) -> Sequence[str]:
    """The same command, watched; what it asks for comes into the log."""
    return [
        available(),
        *("-f", "--seccomp-bpf", "-qq", "-s", "4096", "-y", "-o", str(log)),
        *("-e", f"trace={CALLS}", "-e", "signal=none"),
        *traced,
    ]


@dataclass(frozen=True)
class Calls:
    """The calls of a log, one a line, unfinished ones put together."""

    lines: Sequence[str]
    cwd: Path

    @classmethod
    def of(cls, logs: Iterable[Path], cwd: Path) -> Calls:
        whole = [line for log in logs for line in _whole(log.read_text().splitlines())]
        return cls(whole, cwd)

    @property
    def internet(self) -> list[str]:
        """Every call that has to do with an internet socket."""
        return [line for line in self.lines if "AF_INET" in line]

    @property
    def written(self) -> set[str]:
        """Every path that was opened for writing, made, or given a new name; refused ones not."""
        return {
            path
            for line in self.lines
            if not _FAILED.search(line) and _writes(line)
            for path in self._paths(line)
        }

    def _paths(self, line: str) -> Iterable[str]:
        for folder, name in _PATH.findall(line.partition(") = ")[0]):
            yield str(Path(folder or self.cwd) / name)


def _writes(line: str) -> bool:
    call = _CALL.match(line)
    name = call.group(1) if call else ""
    if name in {"socket", "connect", "bind", "sendto", "memfd_create", ""}:
        return False
    return not name.startswith("open") or _WRITING.search(line) is not None


def _whole(lines: Iterable[str]) -> Iterable[str]:
    """Join `call( <unfinished ...>` and `<... call resumed> )` of each thread."""
    waiting: dict[str, str] = {}
    for line in lines:
        thread = line.split(maxsplit=1)[0]
        if line.endswith("<unfinished ...>"):
            waiting[thread] = line.removesuffix("<unfinished ...>")
        elif "resumed>" in line and thread in waiting:
            yield waiting.pop(thread) + line.partition("resumed>")[2]
        else:
            yield line
    yield from waiting.values()
