"""The lock files, read: what each pins, and what of it applies to a machine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Environment, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]
LOCKS = ("requirements.lock", "requirements-extras.lock", "requirements-dev.lock")
PYTHONS = ("3.11", "3.12", "3.13")
MACHINES = ("x86_64", "aarch64")


@dataclass(frozen=True, slots=True)
class Pin:
    """One pinned package.

    Attributes:
        requirement: name, version and marker.
        hashes: of the files that may be installed, as `sha256:…`.
    """

    requirement: Requirement
    hashes: tuple[str, ...]

    @property
    def name(self) -> str:
        """The normalised name."""
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        """The version, or whatever else stands where it should."""
        return str(self.requirement.specifier).removeprefix("==")

    def applies(self, environment: Mapping[str, str]) -> bool:
        """True if this package is installed in an environment."""
        marker = self.requirement.marker
        return marker is None or marker.evaluate(dict(environment))


def pins(lock: str) -> list[Pin]:
    """Every pin of a lock file, in its order."""
    parts = re.split(r"^(?=\w)", (ROOT / lock).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [
        Pin(
            Requirement(part.partition("\n")[0].removesuffix("\\").strip()),
            tuple(re.findall(r"^ +--hash=(\S+)", part, re.MULTILINE)),
        )
        for part in parts
        if re.match(r"\w", part)
    ]


def on(python: str, machine: str) -> dict[str, str]:
    """The environment for markers: a Python on a Linux machine."""
    here: Environment = default_environment()
    return {
        **here,  # type: ignore[dict-item] # all are text
        "python_version": python,
        "python_full_version": f"{python}.1",
        "platform_machine": machine,
    }


def applying(lock: str, python: str, machine: str) -> dict[str, Pin]:
    """What a lock installs on a Python of a machine, by name."""
    environment = on(python, machine)
    return {pin.name: pin for pin in pins(lock) if pin.applies(environment)}
