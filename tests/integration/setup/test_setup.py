"""Setting up: only what is missing is installed, only what changed is done again."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
COREUTILS = ("bash", "cat", "dirname", "env", "grep", "tr")
Finished = subprocess.CompletedProcess[str]
Run = Callable[..., Finished]


class Machine:
    """A machine whose package manager and users are made up; its shell is real."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "apt.log"
        self.log.touch()
        for tool in COREUTILS:
            (folder / tool).symlink_to(str(shutil.which(tool)))
        self.has(uid=0, installed=())
        self.command("apt-get", f'echo "$@" >> "{self.log}"')
        self.command("npm", "true")
        self.command("python3", "true")

    def command(self, name: str, script: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def has(self, *, uid: int, installed: tuple[str, ...] | None, sudo: str = "exit 1") -> None:
        """`installed` None: every package that is asked for is there."""
        known = "*" if installed is None else "|".join((*installed, "nothing"))
        self.command("dpkg-query", f'case "$3" in {known}) echo "ii ";; *) exit 1;; esac')
        self.command("id", f"echo {uid}")
        self.command("sudo", sudo)

    def run(self, tool: str, *arguments: str, **environment: str) -> Finished:
        return subprocess.run(
            [ROOT / "tools" / tool, *arguments],
            env={"PATH": str(self.folder), **environment},
            check=False,
            capture_output=True,
            text=True,
        )

    def apt_calls(self) -> list[str]:
        return self.log.read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_nothing_is_installed_where_nothing_is_missing(machine: Machine) -> None:
    machine.has(uid=0, installed=None)
    assert machine.run("system-packages", "kiosk", "tests").returncode == 0
    assert machine.apt_calls() == []


def test_root_installs_what_is_missing_and_no_more(machine: Machine) -> None:
    machine.has(uid=0, installed=("libgl1", "libegl1"))
    assert machine.run("system-packages", "kiosk").returncode == 0
    update, install = machine.apt_calls()
    assert update.startswith("update")
    assert "libxcb-cursor0" in install.split()
    assert not {"libgl1", "libegl1", "xvfb", "npm"} & set(install.split())


def test_a_library_is_known_by_its_name_in_debian_13_too(machine: Machine) -> None:
    machine.has(uid=0, installed=("libglib2.0-0t64",))
    assert machine.run("system-packages", "kiosk").returncode == 0
    install = machine.apt_calls()[1].split()
    assert "libgl1" in install
    assert "libglib2.0-0" not in install


def test_the_libraries_of_a_purpose_are_listed_and_nothing_is_installed(machine: Machine) -> None:
    """What `tools/emulated-arm64` installs in another Debian."""
    finished = machine.run("system-packages", "--list", "kiosk")
    assert finished.returncode == 0
    assert {"libgl1", "libxcb-cursor0"} <= set(finished.stdout.split())
    assert "npm" not in finished.stdout.split()
    assert machine.apt_calls() == []


def test_the_suite_needs_more_than_the_kiosk(machine: Machine) -> None:
    assert machine.run("system-packages", "kiosk", "tests").returncode == 0
    assert {"libgl1", "xvfb", "strace"} <= set(machine.apt_calls()[1].split())


def test_sudo_without_a_password_will_do(machine: Machine) -> None:
    machine.has(uid=1000, installed=(), sudo='shift; [ "$1" = true ] || "$@"')
    assert machine.run("system-packages", "kiosk").returncode == 0
    assert len(machine.apt_calls()) == 2


def test_anybody_else_is_told_the_one_line_to_run(machine: Machine) -> None:
    machine.has(uid=1000, installed=())
    finished = machine.run("system-packages", "kiosk")
    assert finished.returncode == 1
    assert machine.apt_calls() == []
    [line] = [line for line in finished.stderr.splitlines() if "sudo apt-get install" in line]
    assert "libxcb-cursor0" in line


def test_an_apt_that_fails_is_named_and_stops_the_setup(machine: Machine) -> None:
    machine.command("apt-get", "exit 100")
    finished = machine.run("system-packages", "kiosk")
    assert finished.returncode != 0
    assert "apt could not install" in finished.stderr


def test_another_system_is_told_what_it_needs_and_goes_on(machine: Machine) -> None:
    (machine.folder / "apt-get").unlink()
    finished = machine.run("system-packages", "kiosk")
    assert finished.returncode == 0
    assert "libgl1" in finished.stderr


def test_a_missing_npm_is_installed(machine: Machine) -> None:
    (machine.folder / "npm").unlink()
    assert machine.run("system-packages", "kiosk").returncode == 0
    assert "npm" in machine.apt_calls()[1].split()


def test_a_missing_python_is_installed_with_what_makes_environments(machine: Machine) -> None:
    (machine.folder / "python3").unlink()
    assert machine.run("system-packages", "kiosk").returncode == 0
    assert {"python3", "python3-venv"} <= set(machine.apt_calls()[1].split())


def test_the_first_python_that_fits_is_found(machine: Machine) -> None:
    machine.command("python3", "exit 1")
    machine.command("python3.12", "exit 0")
    finished = machine.run("find-python")
    assert finished.stdout.strip() == str(machine.folder / "python3.12")


def test_a_python_that_does_not_fit_is_refused_by_name(machine: Machine) -> None:
    machine.command("python2", "exit 1")
    finished = machine.run("find-python", PYTHON="python2")
    assert finished.returncode == 1
    assert "python2" in finished.stderr
    assert finished.stdout == ""


# -- the stamps ----------------------------------------------------------------------------------

INPUTS = (
    "pyproject.toml",
    "requirements.lock",
    "requirements-extras.lock",
    "requirements-dev.lock",
    "tools/system-packages",
    "models/manifest.toml",
    "models/landmarks.py",
)
STAMPS = (
    "system",
    "packages",
    "kiosk",
    "extras",
    "weights",
    "compiled",
    "engines",
    "system-for-tests",
    "packages-for-tests",
    "weights-for-tests",
)


@pytest.fixture
def made(tmp_path: Path) -> Run:
    """A project that is set up, and what `make` would do in it."""
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in INPUTS:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
        os.utime(path, (1_000, 1_000))
    stamps = tmp_path / ".venv" / ".stamps"
    stamps.mkdir(parents=True)
    for name in STAMPS:
        (stamps / name).touch()
        os.utime(stamps / name, (2_000, 2_000))

    def make(*targets: str) -> Finished:
        return subprocess.run(
            ["make", "--dry-run", "--no-print-directory", *targets],  # noqa: S607 - from the path
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"]},
            check=True,
            capture_output=True,
            text=True,
        )

    return make


def test_a_second_demo_sets_nothing_up_again(made: Run) -> None:
    assert made("demo").stdout.split() == [".venv/bin/kiosk", "demo"]


def test_a_second_test_run_sets_nothing_up_again(made: Run) -> None:
    lines = made("test").stdout
    assert "pip" not in lines
    assert "install" not in lines
    assert "pytest" in lines


def test_the_long_tests_are_left_to_test_all_which_checks_everything(made: Run) -> None:
    quick, everything = made("test").stdout, made("test-all").stdout
    assert "ruff check" in quick
    assert '-m "not long"' in quick
    assert "-m long" not in quick
    assert everything.startswith(quick)
    assert "-m long" in everything


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ("requirements.lock", "--requirement requirements.lock"),
        ("requirements-extras.lock", "tools/extra_packages.py"),
        ("pyproject.toml", "--editable ."),
        ("models/manifest.toml", "models install standard"),
        ("tools/system-packages", "tools/system-packages kiosk"),
    ],
)
def test_what_changed_is_done_again_and_nothing_else(
    made: Run, tmp_path: Path, changed: str, again: str
) -> None:
    os.utime(tmp_path / changed, (3_000, 3_000))
    lines = made("setup").stdout
    assert again in lines
    others = {
        "--requirement requirements.lock",
        "--editable",
        "models install",
        "tools/extra_packages.py",
        "tools/system-packages",
    }
    assert not [other for other in others if other in lines and other not in again]


@pytest.mark.parametrize(
    "changed", ["models/manifest.toml", "models/landmarks.py", "requirements.lock"]
)
def test_the_engines_are_compared_again_with_other_weights_code_or_packages(
    made: Run, tmp_path: Path, changed: str
) -> None:
    """The proof of before is void; that they disagree does not stop the set-up."""
    os.utime(tmp_path / changed, (3_000, 3_000))
    *before, compared, _ = made("setup").stdout.splitlines()
    assert compared == ".venv/bin/kiosk models verify --engines"
    assert not [line for line in before if "verify" in line]
    assert "\t-$(BIN)/kiosk models verify --engines\n" in (tmp_path / "Makefile").read_text()


def test_weights_can_come_from_a_folder(made: Run, tmp_path: Path) -> None:
    os.utime(tmp_path / "models" / "manifest.toml", (3_000, 3_000))
    assert '--from "stick/weights"' in made("setup", "FROM=stick/weights").stdout


def test_changed_code_is_compiled_for_users_who_may_not_write_it(made: Run, tmp_path: Path) -> None:
    (tmp_path / "kiosk" / "app").mkdir(parents=True, exist_ok=True)
    (tmp_path / "kiosk" / "app" / "running.py").touch()
    assert "-m compileall -q kiosk models hardware config" in made("setup").stdout


def test_a_door_is_installed_whenever_it_is_asked_for(made: Run) -> None:
    lines = made("setup", "DOOR=modbus,mqtt").stdout
    assert 'tools/extra_packages.py "modbus,mqtt,"' in lines
    assert "--no-deps" in lines
    assert "--require-hashes" in lines
    assert "insightface" in made("setup", "EXTRA=insightface").stdout
    assert made("setup").stdout.strip() == "make: Nothing to be done for 'setup'."
