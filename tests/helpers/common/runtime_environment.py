"""The environment that `make demo` makes: what requirements.lock holds, pip, and nothing beside it.

Its files are links to those that are installed here, which the two locks have in common: nothing is
fetched, and it is there within a second or two.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]
LOCK = ROOT / "requirements.lock"


def pins(lock: str) -> Iterator[Requirement]:
    """What a lock pins, as far as it applies to this Python and machine."""
    for line in lock.splitlines():
        if line and not line.startswith((" ", "#")):
            requirement = Requirement(line.removesuffix("\\").strip())
            if requirement.marker is None or requirement.marker.evaluate():
                yield requirement


def names(lock: str) -> set[str]:
    """Everything that is installed where a lock is, by its normalised name."""
    return {canonicalize_name(pin.name) for pin in pins(lock)} | {"pip"}


def installed(python: Path) -> set[str]:
    """What an environment holds, by normalised names."""
    code = "from importlib.metadata import distributions as all; print(*(d.name for d in all()))"
    # No test's path and no folder of the caller's may add to what it sees.
    done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True)
    return {canonicalize_name(name) for name in done.stdout.split()}


def make(folder: Path, packages: Iterable[str] | None = None) -> Path:
    """An environment in a folder that does not exist yet.

    Args:
        folder: where.
        packages: normalised names of what it holds; all of the lock if not given.

    Returns:
        Its Python.
    """
    venv.EnvBuilder(with_pip=False, symlinks=True).create(folder)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    place = folder / "lib" / version / "site-packages"
    link(names(LOCK.read_text("utf-8")) if packages is None else packages, place)
    (place / "kiosk.pth").write_text(f"{ROOT}\n", encoding="utf-8")  # as `--editable` does
    (folder / "share").mkdir(exist_ok=True)
    (folder / "share" / "lintel").symlink_to(Path(sys.prefix) / "share" / "lintel")
    return python_of(folder)


def python_of(folder: Path) -> Path:
    """The Python of an environment, which may have been moved since it was made."""
    return folder / "bin" / "python"


def picked(extras: str) -> str:
    """The lock of what `make setup DOOR=…` installs on top."""
    tool = [sys.executable, "-P", ROOT / "tools" / "extra_packages.py", extras]
    return subprocess.run(tool, capture_output=True, text=True, check=True).stdout


def link(packages: Iterable[str], folder: Path) -> None:
    """Put installed packages into a folder."""
    for name in sorted(packages):
        _link(metadata.distribution(name), folder)


def _link(distribution: metadata.Distribution, packages: Path) -> None:
    """Every file of it that lies among the packages; commands belong to their own environment."""
    for file in distribution.files or ():
        target = Path(os.path.normpath(packages / file))
        source = Path(str(distribution.locate_file(file)))
        if target.is_relative_to(packages) and source.exists() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(source.resolve())
