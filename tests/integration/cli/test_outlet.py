"""Lines on their way to somebody who may not take them: nobody waits, and all of them count."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from chosen import few_first

from kiosk.app import outlet as outlets
from kiosk.app.outlet import Outlet
from kiosk.domain.audit import AuditEntry
from kiosk.journal.sentences import sentence

PATIENCE = 30.0


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    MADE.clear()
    yield reading, writing
    with suppress(OSError):
        os.close(reading)
    for outlet in MADE:  # nobody reads any more: its thread ends, and writes into no later pipe
        outlet.finish(PATIENCE)
    with suppress(OSError):
        os.close(writing)


MADE: list[Outlet] = []


def made(descriptor: int, encoding: str = "utf-8") -> Outlet:
    MADE.append(Outlet(descriptor, "standard output", encoding))
    return MADE[-1]


def fill(descriptor: int) -> int:
    """Leave no room in a pipe; how many bytes that took."""
    os.set_blocking(descriptor, False)
    filled = 0
    try:
        while True:
            filled += os.write(descriptor, b"." * 4096)
    except BlockingIOError:
        os.set_blocking(descriptor, True)
    return filled


def wait_for(so: Callable[[], bool]) -> None:
    waiting = threading.Event()
    for _ in range(int(PATIENCE / 0.01)):
        if so():
            return
        waiting.wait(0.01)
    raise AssertionError("it never came")


def test_lines_arrive_whole_and_in_their_order(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    outlet = made(writing)
    print("one", 1, file=outlet, flush=True)
    outlet.write("two\nthr")
    outlet.write("ee\n")
    outlet.finish(PATIENCE)
    assert os.read(reading, 1000) == b"one 1\ntwo\nthree\n"
    assert (outlet.lost, outlet.missing, outlet.trouble) == (0, 0, None)


def test_letters_that_the_terminal_lacks(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    outlet = made(writing, "ascii")
    print("Zoë \udcff", file=outlet)
    outlet.finish(PATIENCE)
    assert os.read(reading, 1000) == b"Zo\\xeb \\udcff\n"


def test_a_full_disk() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    outlet = made(full)
    try:
        print("lost", file=outlet, flush=True)
        print("lost too", file=outlet, flush=True)
        outlet.finish(PATIENCE)
        assert outlet.lost == 2
        assert outlet.problem == "No space left on device"
    finally:
        os.close(full)


def test_a_reader_that_went_away(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.close(reading)
    outlet = made(writing)
    print("lost", file=outlet, flush=True)
    outlet.finish(PATIENCE)
    assert (outlet.lost, outlet.problem) == (1, "Broken pipe")


def test_a_reader_that_is_stuck_holds_nobody_up_and_hears_on_when_it_reads_again(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlets, "MOST_LINES", 10)
    reading, writing = pipe
    filled = fill(writing)
    outlet = made(writing)
    for number in range(30):
        print(number, file=outlet, flush=True)
    assert outlet.trouble == "nobody reads it"
    assert outlet.lost in {19, 20}  # one may be on its way out
    while filled:
        filled -= len(os.read(reading, filled))
    outlet.settle(PATIENCE)
    print("heard", file=outlet)
    outlet.finish(PATIENCE)
    assert os.read(reading, 1000).endswith(b"heard\n")
    assert outlet.trouble is None


def test_long_lines_that_nobody_takes_do_not_fill_the_memory(pipe: tuple[int, int]) -> None:
    fill(pipe[1])
    outlet = made(pipe[1])
    for _ in range(100):
        print("." * 60_000, file=outlet)
    assert outlet.lost > 70
    assert sum(map(len, outlet._lines)) < 2 * outlets.MOST_WAITING_BYTES


def test_one_line_that_nobody_takes_is_noticed(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlets, "STUCK_SECONDS", 0.05)
    fill(pipe[1])
    outlet = made(pipe[1])
    print("stuck", file=outlet)
    wait_for(lambda: outlet.trouble == "nobody reads it")
    outlet.finish(0.0)
    assert outlet.missing == 1


def test_a_file_that_is_not_to_be_waited_for(pipe: tuple[int, int]) -> None:
    """As a parent may have opened it: a full pipe is no loss then either."""
    reading, writing = pipe
    filled = fill(writing)
    os.set_blocking(writing, False)
    outlet = made(writing)
    print("late", file=outlet)
    while filled:
        filled -= len(os.read(reading, filled))
    outlet.finish(PATIENCE)
    assert os.read(reading, 1000) == b"late\n"
    assert outlet.lost == 0


def test_whoever_may_wait_for_room_loses_nothing(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replay, whose output is all that it is for."""
    monkeypatch.setattr(outlets, "MOST_LINES", 1)
    reading, writing = pipe
    filled = fill(writing)
    outlet = made(writing)
    outlet.patience_seconds = PATIENCE
    saying = threading.Thread(target=lambda: [print(n, file=outlet) for n in range(50)])
    saying.start()
    while filled:
        filled -= len(os.read(reading, filled))
    said = b""
    while said.count(b"\n") < 50:
        said += os.read(reading, 1000)
    saying.join(PATIENCE)
    outlet.finish(PATIENCE)
    assert said.split() == [str(number).encode() for number in range(50)]
    assert outlet.lost == 0


LIBRARY = """
import ctypes, os, sys
from kiosk.app.output import StandardStreams
output = StandardStreams()
library = ctypes.CDLL(None)
for _ in range(int(sys.argv[1])):
    library.write(2, b"a library speaks\\n", 17)
print("and so does Python", file=sys.stderr)
print("to both", flush=True)
"""


def run(script: str, *arguments: str, **how: object) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        text=True, env=env, timeout=PATIENCE, check=False, **how,  # type: ignore[call-overload] # any
    )  # fmt: skip


def test_what_libraries_write_past_python_takes_the_same_way() -> None:
    done = run(LIBRARY, "1", capture_output=True)
    assert done.returncode == 0
    assert sorted(done.stderr.splitlines()) == ["a library speaks", "and so does Python"]
    assert done.stdout == "to both\n"


def test_a_library_is_not_held_up_either(pipe: tuple[int, int]) -> None:
    """A million lines, into a pipe that nobody reads: the process still ends by itself."""
    fill(pipe[1])
    done = run(LIBRARY, "100000", stderr=pipe[1], stdout=subprocess.PIPE)
    assert done.returncode == 0
    assert done.stdout == "to both\n"


CLOSED = """
import os, sys
for number in map(int, sys.argv[2:]):
    os.close(number)
os.execv(sys.executable, [sys.executable, "-m", "kiosk", "init", "--home", sys.argv[1]])
"""


@pytest.mark.parametrize("closed", few_first([["0", "1", "2"], ["2"], ["0"], ["1"]], 2))
def test_closed_streams_do_not_become_files_of_the_home(tmp_path: Path, closed: list[str]) -> None:
    """Else a message would go into whatever was opened next: the journal, for one."""
    home = tmp_path / "home"
    done = run(CLOSED, str(home), *closed, capture_output=True)
    assert done.returncode == 0, done.stderr
    for file in home.iterdir():
        assert b"home" not in file.read_bytes()[:200] or file.name.endswith(".db"), file
    verified = run(CLOSED.replace('"init"', '"audit", "verify"'), str(home), capture_output=True)
    assert verified.returncode == 0, verified.stderr


def test_a_secret_is_not_waited_for_on_a_closed_input(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert run(CLOSED, str(home), capture_output=True).returncode == 0
    done = run(CLOSED.replace('"init"', '"admin", "pin"'), str(home), "0", capture_output=True)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("kiosk: ")


def test_the_journal_says_it_in_words() -> None:
    broken = {"stream": "standard output", "works": False, "problem": "Broken pipe"}
    assert "standard output cannot be written: Broken pipe" in said("output", **broken)
    again = {"stream": "standard error", "works": True, "lost_lines": 7}
    assert "7 lines are lost" in said("output", **again)
    assert said("stopped", lost_lines=3) == "The kiosk stopped. 3 lines of its output were lost."


def said(event: str, **details: str | int | bool) -> str:
    return sentence(AuditEntry("2026-05-04T10:00:00+00:00", event, details))
