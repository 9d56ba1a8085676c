"""Errors that nobody foresaw, wherever they happen: a sentence, a log, and no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryFile

import pytest
from kiosk_process import COMMAND, PATIENCE, Ended, environment, kiosk, start
from typer.main import get_command
from video_files import write_folder

from kiosk.cli import app
from kiosk.store.open_home import OpenHome

SECRET = "Grace Hopper 4071"
BROKEN = f"""
import sys
def broken(*_, **__):
    raise ZeroDivisionError("{SECRET}")
"""
IN_A_COMMAND = """
import kiosk.cli.people.listing as people
people.kept_home = broken
"""
AT_AN_IMPORT = """
import builtins
builtins.__import__, real = (
    lambda name, *rest, **more: broken() if name == "kiosk.cli" else real(name, *rest, **more)
), builtins.__import__
"""
IN_A_THREAD = """
import threading, kiosk.cli.people.listing as people
def kept_home(*_):
    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()
    from kiosk.domain.errors import BadInput
    raise BadInput("Said by the command.", "Go on.")
people.kept_home = kept_home
"""
IN_A_DESTRUCTOR = """
import kiosk.cli.people.listing as people
class Falls:
    __del__ = broken
def kept_home(*_):
    Falls()
    from kiosk.domain.errors import BadInput
    raise BadInput("Said by the command.", "Go on.")
people.kept_home = kept_home
"""
AT_THE_END = """
import atexit
atexit.register(broken)
"""
MAIN = """
from kiosk.__main__ import main
sys.argv = ["kiosk", *sys.argv[1:]]
main()
"""


def run(fault: str, *arguments: str | Path, **more: str) -> Ended:
    paths = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [sys.executable, "-c", BROKEN + fault + MAIN, *map(str, arguments)],
        env=environment(PYTHONPATH=paths, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    OpenHome.open(tmp_path / "home").close()
    return tmp_path / "home"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        pytest.param(IN_A_COMMAND, 5, id="in a command"),
        pytest.param(AT_AN_IMPORT, 5, id="at an import"),
        pytest.param(IN_A_THREAD, 2, id="in a thread"),
        pytest.param(IN_A_DESTRUCTOR, 2, id="in a destructor"),
        pytest.param(AT_THE_END, 0, id="at the end"),
    ],
)
def test_it_is_said_in_a_sentence_and_kept_in_the_home(home: Path, fault: str, code: int) -> None:
    ended = run(fault, "people", "list", KIOSK_HOME=str(home))
    assert ended.code == code, ended.err
    assert "Traceback" not in ended.err
    assert "An error that was not foreseen: ZeroDivisionError" in ended.err
    log = home / "errors.log"
    assert str(log) in ended.err
    assert log.stat().st_mode & 0o777 == 0o600
    kept = log.read_text(encoding="utf-8")
    assert "ZeroDivisionError" in kept
    assert "<string>:4 broken" in kept
    assert SECRET not in kept + ended.err + ended.out


def test_a_home_that_is_not_there_leaves_the_folder_for_temporary_files(tmp_path: Path) -> None:
    ended = run(IN_A_COMMAND, "people", "list", "--home", tmp_path / "none", TMPDIR=str(tmp_path))
    (log,) = tmp_path.glob("lintel-*-errors.log")
    assert str(log) in ended.err
    assert not (tmp_path / "none").exists()


def test_a_log_that_somebody_else_has_laid_there_is_not_followed(
    home: Path, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious", encoding="utf-8")
    (home / "errors.log").symlink_to(victim)
    spare = tmp_path / f"lintel-{os.getuid()}-errors.log"
    os.link(victim, spare)
    ended = run(IN_A_COMMAND, "people", "list", KIOSK_HOME=str(home), TMPDIR=str(tmp_path))
    assert ended.code == 5
    assert "could not be kept" in ended.err
    assert victim.read_text(encoding="utf-8") == "precious"


def test_a_log_does_not_grow_for_ever(home: Path) -> None:
    log = home / "errors.log"
    log.write_bytes(b"." * 300_000)
    run(IN_A_COMMAND, "people", "list", KIOSK_HOME=str(home))
    assert log.stat().st_size < 10_000


def commands() -> Iterator[tuple[str, object]]:
    def walk(name: str, command: object) -> Iterator[tuple[str, object]]:
        inner = getattr(command, "commands", None)
        if inner is None:
            yield name, command
        for each, below in (inner or {}).items():
            yield from walk(f"{name} {each}".strip(), below)

    return walk("", get_command(app))


def test_no_command_is_without_it() -> None:
    found = dict(commands())
    assert len(found) > 25
    for name, command in found.items():
        guarded = command.callback.__wrapped__.__code__  # type: ignore[attr-defined] # a command
        assert guarded.co_filename.endswith("common.py"), name


# -- output that nobody takes --------------------------------------------------------------------


def printed(*arguments: str | Path, stdout: int) -> Ended:
    with (
        Path(os.devnull).open(encoding="ascii") as given,
        os.fdopen(os.dup(stdout), "w") as out,
        TemporaryFile("w+") as err,
    ):
        code = start(COMMAND, arguments, None, None, (given, out, err)).wait(PATIENCE)
        err.seek(0)
        return Ended(code, "", err.read())


@pytest.mark.parametrize("command", [("audit", "tail"), ("people", "list", "--json"), ("doctor",)])
def test_a_command_whose_output_nobody_takes(home: Path, command: tuple[str, ...]) -> None:
    reading, gone = os.pipe()
    os.close(reading)
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        for stdout, why in ((gone, "Broken pipe"), (full, "No space left on device")):
            ended = printed(*command, "--home", home, stdout=stdout)
            ended.refused(4, "The output cannot be written", why)
    finally:
        os.close(gone)
        os.close(full)


# -- letters that a terminal lacks ---------------------------------------------------------------


TERMINALS: Sequence[dict[str, str]] = [
    {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "ascii:strict"},
    {"PYTHONIOENCODING": "latin-1"},
    {"PYTHONIOENCODING": "cp1252"},
]
TOLD: Sequence[tuple[tuple[str, ...], set[int]]] = [
    (("people", "list", "--home", "/nowhere/Zoë-Łukasz-王"), {2}),
    (("people", "show", "Łukasz\udcff", "--home", "HOME"), {2}),
    (("doctor", "--home", "HOME"), {0, 1, 4}),  # whatever this machine lacks
    (("--help",), {0}),
]


@pytest.mark.parametrize(
    ("terminal", "arguments", "codes"),
    [
        pytest.param(
            terminal,
            *told,
            marks=[] if terminal in TERMINALS[:1] else [pytest.mark.long],
            id=f"{told[0][0]} {told[0][1:2]} {terminal}",
        )
        for told in TOLD
        for terminal in TERMINALS
    ],
)
def test_names_beyond_the_terminals_letters(
    home: Path, terminal: dict[str, str], arguments: tuple[str, ...], codes: set[int]
) -> None:
    given = [str(home) if each == "HOME" else each for each in arguments]
    done = subprocess.run(
        [*COMMAND, *given],
        env=environment(**terminal),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert b"not foreseen" not in done.stderr, done.stderr
    assert done.returncode in codes, done.stderr


# -- whose home ----------------------------------------------------------------------------------


def nobodys(tmp_path: Path, **more: str) -> dict[str, str]:
    """The environment of a service's user who has no folder of their own."""
    kept = {name: each for name, each in environment().items() if not name.startswith("XDG_")}
    kept.pop("HOME", None)
    return kept | {"TMPDIR": str(tmp_path)} | more


@pytest.mark.parametrize("more", [{}, {"HOME": ""}, {"HOME": "here"}, {"XDG_DATA_HOME": "here"}])
@pytest.mark.skipif(os.getuid() != 0, reason="only root can be a user without a passwd entry")
def test_a_user_without_a_home(tmp_path: Path, more: dict[str, str]) -> None:
    done = subprocess.run(
        ["setpriv", "--reuid", "54321", "--clear-groups", *COMMAND, "people", "list"],  # noqa: S607 - from the path
        env=nobodys(tmp_path, **more),
        cwd="/",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    Ended(done.returncode, done.stdout, done.stderr).refused(2, "54321", "--home")


@pytest.mark.parametrize(
    "arguments",
    [
        ("people", "list", "--home", "~nobody-of-that-name/x"),
        ("init", "--home", "~nobody-of-that-name/x"),
        ("run", "--headless", "--source", "file:~nobody-of-that-name/x.mp4"),
        ("run", "--headless", "--source", "images:~nobody-of-that-name/x"),
        ("models", "install", "--into", "~nobody-of-that-name/x"),
        ("evaluate", "pad", "--bona-fide", "frames", "--attack", "print=~nobody-of-that-name/x"),
    ],
    ids=" ".join,
)
def test_the_folder_of_nobody(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    env = environment(KIOSK_HOME=str(tmp_path / "home"))
    write_folder(tmp_path / "frames", 1)
    ended = kiosk(*arguments, env=env, cwd=tmp_path)
    ended.refused(2, "~nobody-of-that-name")
    assert not list(tmp_path.glob("~*"))


def test_a_folder_of_weights_of_nobody(home: Path, tmp_path: Path) -> None:
    (home / "config.toml").write_text('[models]\ndirectory = "~nobody-of-that-name/x"\n')
    ended = kiosk("models", "verify", "--home", home, cwd=tmp_path)
    assert ended.code == 4, ended.err
    assert "Traceback" not in ended.err
    assert "not foreseen" not in ended.err
