"""The locks are whole: pinned, hashed, of one mind, and installed without being resolved."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib import metadata
from pathlib import Path

import pytest
from makefile_says import install_locked
from packaging.markers import Environment, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tiny_packages import write_wheel

ROOT = Path(__file__).resolve().parents[3]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
LOCKS = ("requirements.lock", "requirements-extras.lock", "requirements-dev.lock")
EXTRAS = {
    "requirements.lock": (),
    "requirements-extras.lock": ("doors", "gpio-pi", "insightface"),
    "requirements-dev.lock": ("dev",),
}
PYTHONS = ("3.11", "3.12", "3.13")


def locked(name: str) -> dict[str, list[str]]:
    """Package and marker -> version and hashes, as the lock file lists them."""
    pins: dict[str, list[str]] = {}
    for line in (ROOT / name).read_text().splitlines():
        if line and not line.startswith((" ", "#")):
            requirement = Requirement(line.removesuffix("\\").strip())
            entry = pins.setdefault(canonicalize_name(requirement.name), [])
            entry.append(str(requirement.specifier))
        elif "--hash=" in line:
            entry.append(line.strip().removesuffix("\\").strip())
    return pins


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_is_pinned_and_hashed(lock: str) -> None:
    pins = locked(lock)
    assert pins
    for name, (version, *hashes) in pins.items():
        assert re.fullmatch(r"==[\w.+!]+", version), name
        assert hashes, name
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", each) for each in hashes), name


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_says_nothing_of_where_packages_come_from(lock: str) -> None:
    lines = (ROOT / lock).read_text().splitlines()
    assert [line for line in lines if line.startswith("-") or "://" in line or " @ " in line] == []


def test_the_locks_agree() -> None:
    """What two of them pin, they pin alike; and every other one holds what a kiosk runs."""
    run, *others = (locked(lock) for lock in LOCKS)
    for lock, other in itertools.combinations((run, *others), 2):
        assert {name: lock[name] for name in lock.keys() & other.keys()} == {
            name: other[name] for name in lock.keys() & other.keys()
        }
    assert all(run.keys() <= other.keys() for other in others)


def extras(name: str) -> list[str]:
    """What an extra asks for, with the extras of our own that it names."""
    found = []
    for asked in PROJECT["optional-dependencies"].get(name, []):
        requirement = Requirement(asked)
        ours = requirement.name == PROJECT["name"]
        found += (
            [each for extra in requirement.extras for each in extras(extra)] if ours else [asked]
        )
    return found


@pytest.mark.parametrize(
    ("lock", "extra"),
    [
        ("requirements.lock", ""),
        ("requirements-dev.lock", "dev"),
        *(("requirements-extras.lock", name) for name in ("doors", "gpio-pi", "insightface")),
    ],
)
def test_a_lock_fulfils_what_the_project_asks_for(lock: str, extra: str) -> None:
    asked = PROJECT["dependencies"] + PYPROJECT["build-system"]["requires"]
    asked += extras(extra)
    pins = locked(lock)
    for requirement in map(Requirement, asked):
        version = pins[canonicalize_name(requirement.name)][0].removeprefix("==")
        assert requirement.specifier.contains(version), str(requirement)


# -- nothing is missing, so that nothing has to be resolved ---------------------------------------

Pins = Mapping[str, Requirement]


def applying(lock: str, python: str) -> Pins:
    """What a lock installs on a Python, by name."""
    lines = (ROOT / lock).read_text().splitlines()
    pins = [Requirement(line.removesuffix("\\").strip()) for line in lines if re.match(r"\w", line)]
    at = on(python)
    return {canonicalize_name(p.name): p for p in pins if p.marker is None or p.marker.evaluate(at)}


def on(python: str) -> dict[str, str]:
    here: Environment = default_environment()
    return {**here, "python_version": python, "python_full_version": f"{python}.1"}  # type: ignore[dict-item] # all are text


def holes(pins: Pins, asked: list[str], python: str) -> set[str]:
    """What somebody needs and no pin fulfils, starting from all pins and from what is asked for.

    What a package needs is looked up where it is installed.
    """
    todo = [*map(Requirement, asked), *(Requirement(name) for name in pins)]
    seen, missing = set[str](), set[str]()
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        pin = pins.get(name)
        if pin is None or not requirement.specifier.contains(str(pin.specifier).removeprefix("==")):
            missing.add(str(requirement))
        if str(requirement) not in seen:
            seen.add(str(requirement))
            todo += needs(name, requirement.extras, python)
    return missing


def needs(name: str, extras: set[str], python: str) -> Iterator[Requirement]:
    """What an installed package needs on a Python, with these extras of it."""
    try:
        asked = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return
    for requirement in map(Requirement, asked):
        for extra in ("", *extras):
            if requirement.marker is None or requirement.marker.evaluate(
                {**on(python), "extra": extra}
            ):
                yield requirement


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_everything_that_its_packages_need(lock: str, python: str) -> None:
    asked = [*PROJECT["dependencies"], *(each for name in EXTRAS[lock] for each in extras(name))]
    assert holes(applying(lock, python), asked, python) == set()


@pytest.mark.parametrize("missing", ["pytest", "httpcore", "coverage", "certifi"])
def test_a_hole_in_a_lock_is_found(missing: str) -> None:
    """Asked for by the project, by a package, with an extra, and by what that needs in turn."""
    lock = "requirements-dev.lock"
    pins = {name: pin for name, pin in applying(lock, "3.11").items() if name != missing}
    assert any(hole.startswith(missing) for hole in holes(pins, extras("dev"), "3.11"))


def test_a_pin_that_is_too_old_is_a_hole() -> None:
    pins = {**applying("requirements-dev.lock", "3.11"), "coverage": Requirement("coverage==7.0")}
    assert holes(pins, extras("dev"), "3.11")


def test_all_packages_of_the_dev_lock_are_looked_up() -> None:
    """Where one is not installed, what it needs could not be known."""
    here = f"3.{sys.version_info.minor}"
    for name in applying("requirements-dev.lock", here):
        metadata.distribution(name)


# -- as the oldest pip installs them --------------------------------------------------------------


def pinned(wheel: Path) -> str:
    """A line of a lock."""
    name, version, *_ = wheel.name.split("-")
    return f"{name}=={version} --hash=sha256:{sha256(wheel.read_bytes()).hexdigest()}\n"


def test_a_pin_with_an_extra_that_is_not_the_newest_is_installed(tmp_path: Path) -> None:
    """With the pip of this environment: the one that came with its Python.

    pip 23.0 and 23.2 took the newest release of `asked[more]`, and refused it for want of a hash.
    """
    index = tmp_path / "index"
    index.mkdir()
    wanted = [
        write_wheel(index, "asker", "1.0", {"asker.py": b""}, ["asked[more]>=1"]),
        write_wheel(index, "asked", "1.0", {"asked.py": b"old = 1"}, ['other; extra == "more"']),
        write_wheel(index, "other", "1.0", {"other.py": b""}),
    ]
    write_wheel(index, "asked", "2.0", {"asked.py": b"old = 0"}, ['other; extra == "more"'])
    lock = tmp_path / "sample.lock"
    lock.write_text("".join(map(pinned, wanted)))
    install = (sys.executable, "-m", "pip", "install", "--target", tmp_path / "there")
    done = subprocess.run(
        [*install, *install_locked(), lock],
        env={
            "PATH": os.environ["PATH"],
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(index),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "there" / "asked.py").read_text() == "old = 1"
