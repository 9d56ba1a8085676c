"""Picks the packages of extras out of the lock that holds them all: `extra_packages.py NAME,NAME`.

Prints their part of requirements-extras.lock, with hashes and with what they need in turn; the
first line says which extras they are. Resolves nothing and fetches nothing.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements-extras.lock"
NOT_CHOSEN_BY_NAME = {"dev", "doors"}
"""Those for working on Lintel, and all doors in one."""
HEAD = "# extras: "
WRONG_USE = 2


def project() -> dict[str, Any]:
    """The project's own table."""
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return table


def known() -> list[str]:
    """Every extra that may be chosen."""
    return sorted(project()["optional-dependencies"].keys() - NOT_CHOSEN_BY_NAME)


def asked(extra: str) -> set[str]:
    """The packages that an extra names, or an extra of ours that it names."""
    found = set()
    for requirement in project()["optional-dependencies"][extra]:
        name, *ours = re.findall(r"[A-Za-z0-9._-]+", requirement.partition("]")[0])
        if name == project()["name"]:
            found |= {package for each in ours for package in asked(each)}
        else:
            found.add(normalised(name))
    return found


def names(text: str) -> list[str]:
    """The extras that a text names, with commas or spaces between them.

    Raises:
        ValueError: one of them does not exist.
    """
    wanted = [word for word in re.split(r"[,\s]+", text.lower()) if word]
    unknown = [word for word in wanted if word not in known()]
    if unknown:
        raise ValueError(
            f"'{unknown[0]}' is neither a door nor an extra. These are: {', '.join(known())}."
        )
    return sorted(set(wanted))


def chosen(file: Path) -> list[str]:
    """What an earlier choice says, as far as it still exists; nothing where there was none."""
    if not file.exists():
        return []
    said = file.read_text(encoding="utf-8").partition("\n")[0].removeprefix(HEAD)
    return [name for name in said.split(",") if name in known()]


def normalised(requirement: str) -> str:
    """The name at the beginning of a requirement, as every index spells it."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    return re.sub(r"[-_.]+", "-", name[0]).lower() if name else ""


def pins(lock: str) -> dict[str, str]:
    """Each package's lines in a lock: version, hashes, and the comment that says who needs it.

    A package has several where its version depends on the Python.
    """
    found: dict[str, str] = {}
    for part in re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE):
        if name := normalised(part):
            found[name] = found.get(name, "") + part
    return found


def needed_by(pin: str) -> set[str]:
    """Who needs a package, as its comment in the lock says."""
    comment = re.findall(r"^ +# +(?:via)? *(\S.*)$", pin, re.MULTILINE)
    return {normalised(name) for name in comment}


def picked(lock: str, wanted: set[str]) -> str:
    """The part of a lock that these packages are, with all that they need."""
    every, found = pins(lock), set(wanted)
    while more := {name for name, pin in every.items() if needed_by(pin) & found} - found:
        found |= more
    return "".join(pin for name, pin in every.items() if name in found)


def main(text: str, earlier: str = "") -> int:
    """Print the packages of the extras that are named, and of those that were chosen earlier."""
    try:
        wanted = sorted({*names(text), *(chosen(Path(earlier)) if earlier else ())})
    except ValueError as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    packages = {package for name in wanted for package in asked(name)}
    print(HEAD + ",".join(wanted))
    print(picked(LOCK.read_text(encoding="utf-8"), packages), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
