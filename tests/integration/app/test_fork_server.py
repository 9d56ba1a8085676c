"""A command in a fork is like one in a new process: how it begins, what it says, how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryFile

import pytest
from fork_server import Forked, ForkServer
from kiosk_process import COMMAND, PLAIN, Ended, bare, kiosk, start

NEW = [*COMMAND]
"""The same words, as no fork takes them."""
PROGRAM = """
import atexit, os, signal, sys, threading
atexit.register(print, "at the end")
threading.Thread(target=lambda: (threading.main_thread().join(), print("of a thread"))).start()
print(sys.argv, __name__, os.getcwd(), sys.stdin.read(), sorted(os.environ.items()))
print(sorted(os.listdir("/proc/self/fd")))
print(sys.stdout.isatty(), sys.stdout.line_buffering, sys.stdout.encoding, sys.stdout.errors)
print(sys.path, sys.flags, os.nice(0), os.umask(0))
print([signal.getsignal(number) for number in (1, 2, 13, 15)])
print("to people", file=sys.stderr)
os.remove("here")
sys.exit(int(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with closing(ForkServer(PLAIN)) as server:
        yield server


def forked(
    server: ForkServer, script: Path, words: Sequence[str], env: Mapping[str, str]
) -> tuple[int, str, str]:
    with TemporaryFile("w+") as given, TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        given.write("typed")
        given.seek(0)
        standard = [given.fileno(), out.fileno(), err.fileno()]
        code = server.start(str(script), words, env, script.parent, standard).wait(60.0)
        out.seek(0)
        err.seek(0)
        return code, out.read(), err.read()


def begun(script: Path, words: Sequence[str], env: Mapping[str, str]) -> tuple[int, str, str]:
    """The same by a new process."""
    command = [sys.executable, script, *words]
    done = subprocess.run(
        command,
        input="typed",
        capture_output=True,
        text=True,
        env=env,
        cwd=script.parent,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("code", ["0", "3"])
def test_a_program_cannot_tell_how_it_was_begun(
    server: ForkServer, tmp_path: Path, code: str
) -> None:
    script = tmp_path / "script.py"
    script.write_text(PROGRAM, encoding="utf-8")
    env = {**PLAIN, "KIOSK_A": "ä"}
    del env["PATH"]
    said = []
    for begin in (lambda *how: forked(server, *how), begun):
        (tmp_path / "here").touch()
        said.append(begin(script, [code, "a b"], env))
    assert said[0] == said[1]
    assert said[0][0] == int(code)
    assert "KIOSK_A" not in os.environ
    assert not (tmp_path / "here").exists()


def test_a_fork_sees_the_packages_of_its_own_environment(tmp_path: Path, runtime: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import sys, kiosk.cli\nprint(sys.prefix)\nimport pytest\n", encoding="utf-8")
    with closing(ForkServer(bare(), str(runtime))) as server:
        code, out, err = forked(server, script, (), bare())
    assert (code, out) == (1, f"{runtime.parents[1]}\n")
    assert "No module named 'pytest'" in err


@pytest.mark.parametrize(
    "words", [("--help",), ("run", "--nothing"), ("people", "list", "--home", "/nowhere")]
)
def test_the_command_says_the_same(words: tuple[str, ...]) -> None:
    assert kiosk(*words) == Ended(*vars(kiosk(*words, command=["env", *NEW])).values())


def waiting(server: ForkServer, tmp_path: Path) -> Forked:
    script = tmp_path / "waits.py"
    script.write_text(
        "import time\nprint('here', flush=True)\ntime.sleep(60.0)\n", encoding="utf-8"
    )
    read, write = os.pipe()
    with os.fdopen(read) as said, os.fdopen(write) as out, Path(os.devnull).open() as nothing:
        files = [nothing.fileno(), out.fileno(), out.fileno()]
        child = server.start(str(script), (), PLAIN, None, files)
        assert said.readline() == "here\n"
    return child


def test_it_is_waited_for_and_killed(server: ForkServer, tmp_path: Path) -> None:
    first, second = waiting(server, tmp_path), waiting(server, tmp_path)
    assert first.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        first.wait(0.01)
    first.send_signal(signal.SIGTERM)
    assert first.wait(60.0) == first.poll() == -signal.SIGTERM
    assert second.poll() is None
    second.kill()
    assert second.wait(60.0) == -signal.SIGKILL
    second.kill()


def test_a_command_is_forked_whatever_was_imported_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenCV and our own program set variables as they are imported."""
    monkeypatch.setenv("LD_LIBRARY_PATH", "/nowhere")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    with TemporaryFile("w+") as nothing:
        child = start(COMMAND, ["--help"], None, None, [nothing] * 3)
    assert isinstance(child, Forked)
    assert child.wait(60.0) == 0


def test_what_an_interpreter_reads_as_it_begins_takes_a_new_one(server: ForkServer) -> None:
    assert server.stands_for({**PLAIN, "KIOSK_HOME": "/nowhere"})
    assert not server.stands_for({**PLAIN, "PYTHONUTF8": "0"})
    assert not server.stands_for({name: PLAIN[name] for name in PLAIN if name != "PATH"})
