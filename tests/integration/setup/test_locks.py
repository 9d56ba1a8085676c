"""The locks are whole: pinned, hashed, of one mind, and installed without being resolved."""

from __future__ import annotations

import itertools
import os
import platform
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from importlib import metadata
from pathlib import Path

import pytest
from locks import LOCKS, MACHINES, PYTHONS, Pin, applying, on, pins
from makefile_says import install_locked
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tiny_packages import write_wheel

ROOT = Path(__file__).resolve().parents[3]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
EXTRAS = {
    "requirements.lock": (),
    "requirements-extras.lock": ("doors", "gpio-pi", "insightface"),
    "requirements-dev.lock": ("dev",),
}
ON_EACH = pytest.mark.parametrize(("python", "machine"), [*itertools.product(PYTHONS, MACHINES)])


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_is_pinned_and_hashed(lock: str) -> None:
    assert pins(lock)
    for pin in pins(lock):
        assert re.fullmatch(r"==[\w.+!]+", str(pin.requirement.specifier)), pin
        assert pin.hashes, pin
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in pin.hashes), pin


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_says_nothing_of_where_packages_come_from(lock: str) -> None:
    lines = (ROOT / lock).read_text().splitlines()
    assert [line for line in lines if line.startswith("-") or "://" in line or " @ " in line] == []


@ON_EACH
@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_each_package_once_on_a_machine(lock: str, python: str, machine: str) -> None:
    """Two pins of one name have markers that exclude each other."""
    installed = [pin.name for pin in pins(lock) if pin.applies(on(python, machine))]
    assert sorted(set(installed)) == sorted(installed)


@ON_EACH
def test_the_locks_agree(python: str, machine: str) -> None:
    """What two of them pin, they pin alike; and every other one holds what a kiosk runs."""
    run, *others = (applying(lock, python, machine) for lock in LOCKS)
    for lock, other in itertools.combinations((run, *others), 2):
        for name in lock.keys() & other.keys():
            assert (lock[name].version, lock[name].hashes) == (
                other[name].version,
                other[name].hashes,
            )
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


def on_machine(asked: Iterable[str], environment: Mapping[str, str]) -> Iterator[Requirement]:
    """The requirements that hold in an environment."""
    for requirement in map(Requirement, asked):
        if requirement.marker is None or requirement.marker.evaluate(dict(environment)):
            yield requirement


@ON_EACH
@pytest.mark.parametrize(
    ("lock", "extra"),
    [
        ("requirements.lock", ""),
        ("requirements-dev.lock", "dev"),
        *(("requirements-extras.lock", name) for name in ("doors", "gpio-pi", "insightface")),
    ],
)
def test_a_lock_fulfils_what_the_project_asks_for(
    lock: str, extra: str, python: str, machine: str
) -> None:
    asked = PROJECT["dependencies"] + PYPROJECT["build-system"]["requires"]
    asked += extras(extra)
    pinned = applying(lock, python, machine)
    for requirement in on_machine(asked, on(python, machine)):
        version = pinned[canonicalize_name(requirement.name)].version
        assert requirement.specifier.contains(version), str(requirement)


@pytest.mark.parametrize("lock", LOCKS)
def test_mediapipe_is_installed_where_it_has_a_wheel(lock: str) -> None:
    """And only there, with all that nothing else needs: an aarch64 board does not carry it."""
    reference, board = (applying(lock, "3.11", machine) for machine in ("x86_64", "aarch64"))
    assert "mediapipe" in reference
    assert reference.keys() - board.keys() == {"absl-py", "mediapipe", "sounddevice"}
    assert board.keys() <= reference.keys()


# -- nothing is missing, so that nothing has to be resolved ---------------------------------------


def holes(pins: Mapping[str, Pin], asked: list[str], environment: Mapping[str, str]) -> set[str]:
    """What somebody needs and no pin fulfils, starting from all pins and from what is asked for.

    What a package needs is looked up where it is installed.
    """
    todo = [*on_machine(asked, environment), *(Requirement(name) for name in pins)]
    seen, missing = set[str](), set[str]()
    while todo:
        requirement = todo.pop()
        pin = pins.get(canonicalize_name(requirement.name))
        if pin is None or not requirement.specifier.contains(pin.version):
            missing.add(str(requirement))
        if pin is not None and str(requirement) not in seen:
            seen.add(str(requirement))
            todo += needs(pin, requirement.extras, environment)
    return missing


def needs(pin: Pin, extras: set[str], environment: Mapping[str, str]) -> Iterator[Requirement]:
    """What an installed package needs in an environment, with these extras of it.

    Nothing where another version than the pinned one is installed, or none: what that one needs is
    asked of the index, in `test_aarch64.py`.
    """
    try:
        found = metadata.distribution(pin.name)
    except metadata.PackageNotFoundError:
        return
    if found.version == pin.version:
        for extra in ("", *extras):
            yield from on_machine(found.requires or (), {**environment, "extra": extra})


@ON_EACH
@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_everything_that_its_packages_need(
    lock: str, python: str, machine: str
) -> None:
    asked = [*PROJECT["dependencies"], *(each for name in EXTRAS[lock] for each in extras(name))]
    assert holes(applying(lock, python, machine), asked, on(python, machine)) == set()


@pytest.mark.parametrize("missing", ["pytest", "httpcore", "coverage", "certifi"])
def test_a_hole_in_a_lock_is_found(missing: str) -> None:
    """Asked for by the project, by a package, with an extra, and by what that needs in turn."""
    pinned = applying("requirements-dev.lock", "3.11", platform.machine())
    del pinned[missing]
    found = holes(pinned, extras("dev"), on("3.11", platform.machine()))
    assert any(hole.startswith(missing) for hole in found)


def test_a_pin_that_is_too_old_is_a_hole() -> None:
    pinned = applying("requirements-dev.lock", "3.11", platform.machine())
    pinned["coverage"] = Pin(Requirement("coverage==7.0"), ())
    assert holes(pinned, extras("dev"), on("3.11", platform.machine()))


def test_all_packages_of_the_dev_lock_are_looked_up() -> None:
    """Where one is not installed, what it needs could not be known."""
    here = f"3.{sys.version_info.minor}"
    for name in applying("requirements-dev.lock", here, platform.machine()):
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
