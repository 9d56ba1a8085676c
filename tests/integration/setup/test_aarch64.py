"""Each pin of the locks has a wheel for aarch64 boards, as the package index lists them.

Nothing is installed and no wheel is fetched: names, tags and hashes of the files are asked of
whatever index this machine's uv asks.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest
from locks import LOCKS, PYTHONS, ROOT, Pin, applying
from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

GLIBCS = {36: "Debian 12", 41: "Debian 13"}
"""Minor versions of glibc, and who brings them."""
FIRST_MANYLINUX = 17
"""The oldest glibc that wheels for aarch64 are made for."""
ASKED_BY_RESOLVER = (36, 40)
"""Those that uv knows by name; what has a wheel for 2.40 has one for 2.41."""


class Wheel(NamedTuple):
    """A file of the index: its name says which machines it is for."""

    file: str
    sha256: str

    @property
    def package(self) -> tuple[str, str]:
        """Normalised name and version."""
        name, version, *_ = parse_wheel_filename(self.file)
        return canonicalize_name(name), str(version)

    def fits(self, tags: set[Tag]) -> bool:
        """True if an installer on a machine of these tags takes it."""
        return bool(parse_wheel_filename(self.file)[3] & tags)


def tags_of(python: str, glibc: int) -> set[Tag]:
    """The tags that pip accepts on aarch64 with a Python and a glibc 2.x."""
    versions = range(glibc, FIRST_MANYLINUX - 1, -1)
    platforms = [*(f"manylinux_2_{each}_aarch64" for each in versions), "manylinux2014_aarch64"]
    major, minor = map(int, python.split("."))
    return {
        *cpython_tags((major, minor), platforms=platforms, abis=[f"cp{major}{minor}"]),
        *compatible_tags((major, minor), f"cp{major}{minor}", platforms),
    }


def without_wheel(pins: Iterable[Pin], wheels: Iterable[Wheel], tags: set[Tag]) -> list[str]:
    """The pins for which there is no wheel that fits and whose hash stands in the lock."""
    listed = {pin.name: [w for w in wheels if w.package == (pin.name, pin.version)] for pin in pins}
    return [
        str(pin.requirement)
        for pin in pins
        if not any(w.fits(tags) and f"sha256:{w.sha256}" in pin.hashes for w in listed[pin.name])
    ]


# -- what the judgement is worth -----------------------------------------------------------------

SAMPLE = Pin(Requirement("some-thing==1.0"), ("sha256:aa",))


@pytest.mark.parametrize(
    "file",
    [
        "some_thing-1.0-py3-none-any.whl",
        "some_thing-1.0-cp311-cp311-manylinux_2_36_aarch64.whl",
        "some_thing-1.0-cp38-abi3-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
        "Some_Thing-1.0-1-py3-none-manylinux_2_28_aarch64.whl",
    ],
)
def test_a_wheel_that_pip_would_take(file: str) -> None:
    assert without_wheel([SAMPLE], [Wheel(file, "aa")], tags_of("3.11", 36)) == []


@pytest.mark.parametrize(
    ("file", "sha256"),
    [
        ("some_thing-1.0-cp311-cp311-manylinux_2_39_aarch64.whl", "aa"),  # a newer glibc
        ("some_thing-1.0-cp312-cp312-manylinux_2_28_aarch64.whl", "aa"),  # another Python
        ("some_thing-1.0-cp312-abi3-manylinux_2_28_aarch64.whl", "aa"),  # a newer Python
        ("some_thing-1.0-cp311-cp311-manylinux_2_28_x86_64.whl", "aa"),  # another machine
        ("some_thing-1.0-cp311-cp311-macosx_11_0_arm64.whl", "aa"),
        ("some_thing-1.1-py3-none-any.whl", "aa"),  # another version
        ("other-1.0-py3-none-any.whl", "aa"),  # another package
        ("some_thing-1.0-py3-none-any.whl", "bb"),  # a file that the lock does not know
    ],
)
def test_a_wheel_that_pip_would_not_take(file: str, sha256: str) -> None:
    missing = without_wheel([SAMPLE], [Wheel(file, sha256)], tags_of("3.11", 36))
    assert missing == ["some-thing==1.0"]


# -- the locks -----------------------------------------------------------------------------------


Asks = Callable[..., subprocess.CompletedProcess[str]]


def ask(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `uv pip`."""
    command = (sys.executable, "-P", "-m", "uv", "pip", *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def uv(tmp_path_factory: pytest.TempPathFactory) -> Asks:
    """`ask`, on a machine that reaches a package index; elsewhere the test is skipped."""
    sample = tmp_path_factory.mktemp("index") / "sample.in"
    sample.write_text("setuptools\n")
    answer = ask("compile", "--no-deps", "--no-cache", sample)
    if answer.returncode:
        pytest.skip(f"no package index can be reached: {answer.stderr.strip().splitlines()[-1:]}")
    return ask


@pytest.fixture(scope="module", params=LOCKS)
def listed(
    uv: Asks, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, list[Wheel]]:
    """A lock, and every wheel that the index has of what it pins."""
    file = tmp_path_factory.mktemp("listed") / "pylock.toml"
    options = ("--quiet", "--universal", "--python-version", PYTHONS[0], "--no-deps")
    only = ("--only-binary", ":all:", "--format", "pylock.toml")
    done = uv("compile", *options, *only, "--output-file", file, ROOT / request.param)
    assert done.returncode == 0, done.stderr
    packages = tomllib.loads(file.read_text(encoding="utf-8"))["packages"]
    return request.param, [
        Wheel(wheel.get("name") or Path(wheel["url"]).name, wheel["hashes"]["sha256"])
        for package in packages
        for wheel in package.get("wheels", ())
    ]


@pytest.mark.long
@pytest.mark.parametrize(("python", "glibc"), [*product(PYTHONS, GLIBCS)])
def test_each_pin_has_a_wheel_for_a_board(
    listed: tuple[str, list[Wheel]], python: str, glibc: int
) -> None:
    lock, wheels = listed
    pins = applying(lock, python, "aarch64").values()
    assert pins
    assert without_wheel(pins, wheels, tags_of(python, glibc)) == []


@pytest.mark.long
def test_what_a_board_cannot_have_is_found(listed: tuple[str, list[Wheel]]) -> None:
    """The pins of a PC are the counter-example: MediaPipe for aarch64, and Qt for Debian 12."""
    lock, wheels = listed
    pins = applying(lock, "3.11", "x86_64").values()
    missing = {each.partition("==")[0] for each in without_wheel(pins, wheels, tags_of("3.11", 36))}
    assert missing == {"mediapipe", "pyqt6", "pyqt6-qt6"}


@pytest.mark.long
@pytest.mark.parametrize(("lock", "python", "glibc"), [*product(LOCKS, PYTHONS, ASKED_BY_RESOLVER)])
def test_a_resolver_needs_nothing_beyond_the_lock(
    uv: Asks, tmp_path: Path, lock: str, python: str, glibc: int
) -> None:
    """What each package needs on a board is pinned too, in a version that it accepts."""
    target = ("--python-platform", f"aarch64-manylinux_2_{glibc}", "--python-version", python)
    options = ("--dry-run", "--quiet", "--target", tmp_path, "--only-binary", ":all:")
    done = uv("install", *options, *target, "--require-hashes", "--requirement", ROOT / lock)
    assert done.returncode == 0, done.stderr
