"""The `kiosk` command as other programs meet it: a process, what it says, how it ends."""

from __future__ import annotations

import atexit
import functools
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Any, Self

from fork_server import Forked, ForkServer

MODULE = ("-m", "kiosk")
COMMAND = (sys.executable, *MODULE)
WATCHED = (sys.executable, str(Path(__file__).with_name("watched_kiosk.py")))
"""The same command with a door that tells what happens to it."""
STEERED = (sys.executable, str(Path(__file__).with_name("steered_kiosk.py")))
"""That one with a test's hand on its clock and its PIN pad."""

FORKED = {MODULE: "kiosk", WATCHED[1:]: WATCHED[1], STEERED[1:]: STEERED[1]}

PATIENCE = 240.0
HURRIED = -20
Said = dict[str, Any]
Started = Forked | subprocess.Popen[Any]


def environment(**more: str) -> dict[str, str]:
    """The tests' own, without what would steer a kiosk, or tell a library that nobody is watching.

    It is that of their start: OpenCV and our own program set variables as they are imported, which
    no kiosk inherits from whoever starts it.
    """
    begun = Path("/proc/self/environ").read_bytes().decode().split("\0")
    kept = {
        name: value
        for name, _, value in (each.partition("=") for each in begun if each)
        if name != "CI" and not name.startswith(("KIOSK_", "COV_", "PYTEST_"))
    }
    return kept | {"PYTHONSAFEPATH": "1", "QT_QPA_PLATFORM": "offscreen"} | more


PLAIN = environment()


def bare(**more: str) -> dict[str, str]:
    """The same for the Python of another environment, which sees nothing of this one."""
    return {name: value for name, value in environment(**more).items() if name != "PYTHONPATH"}


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[Said]:
        """Every line of output, as JSON."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def said(self) -> Said:
        """Its output, which is one JSON object on one line."""
        assert self.out.count("\n") == 1, self.out
        said: Said = json.loads(self.out)
        return said

    def of(self, event: str) -> list[Said]:
        return [said for said in self.events if said["event"] == event]

    def refused(self, code: int, *named: str) -> None:
        """Assert that it said in its own words what was wrong and what to do, and no more."""
        assert self.code == code, (self.code, self.err)
        assert "Traceback" not in self.err
        problem, remedy = self.err.strip().splitlines()[-2:]
        assert problem.startswith("kiosk: "), self.err
        assert remedy.startswith("       "), self.err
        assert remedy.rstrip().endswith((".", "`")), remedy
        for name in named:
            assert name in self.err, (name, self.err)


def hurry(child: Started) -> None:
    """Let a kiosk in real time have the processor first, where we may.

    Ahead of the other tests too: a person before a camera does not wait for a busy machine.
    """
    with suppress(PermissionError, ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, child.pid, HURRIED)


def kiosk(
    *arguments: str | Path,
    command: Sequence[str] = COMMAND,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    typed: str = "",
    patience: float = PATIENCE,
) -> Ended:
    """Run a command to its end.

    Args:
        arguments: of the command.
        command: which.
        env: its whole environment.
        cwd: its working directory.
        typed: its standard input.
        patience: seconds that it may take.
    """
    with TemporaryFile("w+") as given, TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        given.write(typed)
        given.seek(0)
        child = start(command, arguments, env, cwd, (given, out, err))
        try:
            code = child.wait(patience)
        finally:
            child.kill()
            child.wait()
        out.seek(0)
        err.seek(0)
        return Ended(code, out.read(), err.read())


def start(
    command: Sequence[str],
    arguments: Sequence[str | Path],
    env: Mapping[str, str] | None,
    cwd: Path | None,
    standard: Sequence[IO[str]],
) -> Started:
    """Start a command; those above in a fork of their Python, which has imported the kiosk already.

    Args:
        command: which.
        arguments: of the command.
        env: its whole environment.
        cwd: its working directory.
        standard: its standard input, output and error.
    """
    env, words = dict(env or environment()), [*map(str, arguments)]
    python, *what = command
    program = FORKED.get(tuple(what))
    if program and (server := _server(python)).stands_for(env):
        return server.start(program, words, env, cwd, [file.fileno() for file in standard])
    given, out, err = standard
    return subprocess.Popen(
        [*command, *words], stdin=given, stdout=out, stderr=err, env=env, cwd=cwd
    )


def _pipe() -> tuple[IO[str], IO[str]]:
    """The end to read from, and the one to write to."""
    read, write = os.pipe()
    return os.fdopen(read, encoding="utf-8"), os.fdopen(write, "w", encoding="utf-8")


@functools.cache
def _server(python: str) -> ForkServer:
    server = ForkServer(PLAIN if python == sys.executable else bare(), python)
    atexit.register(server.close)
    return server


class Running:
    """A kiosk that runs until it is told to end, or ends by itself. Killed when the context ends.

    Args:
        arguments: of the command.
        command: which.
        env: its whole environment.
        cwd: its working directory.
        largest_file: no file may grow beyond so many bytes: a disk that is full.
    """

    def __init__(
        self,
        *arguments: str | Path,
        command: Sequence[str] = COMMAND,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        largest_file: int | None = None,
    ) -> None:
        self._changed = threading.Condition()
        self._lines: list[str] = []
        self._at: list[float] = []
        self._errors: list[str] = []
        self._handed_out = 0
        self._silent = False
        (out, said), (err, told) = _pipe(), _pipe()
        with Path(os.devnull).open(encoding="ascii") as nothing, said, told:
            self._child = start(command, arguments, env, cwd, (nothing, said, told))
        hurry(self._child)
        self._pipes = (out, err)
        if largest_file is not None:
            self.fill_disk(largest_file)
        self._readers = [
            threading.Thread(target=self._read, args=(out, self._lines)),
            threading.Thread(target=self._read, args=(err, self._errors)),
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._child.poll() is None:
            self._child.kill()
        self.ended()

    def wait_for(self, event: str, timeout: float = PATIENCE, **values: object) -> Said:
        """The next event of that name, and with these values, among those not handed out yet."""
        found: list[Said] = []

        def heard() -> bool:
            while self._handed_out < len(self._lines):
                said = json.loads(self._lines[self._handed_out])
                self._handed_out += 1
                if said["event"] == event and values.items() <= said.items():
                    found.append(said)
                    return True
            return self._silent

        with self._changed:
            in_time = self._changed.wait_for(heard, timeout)
        assert found, (event, values, "ended" if in_time else "no", self._lines, self._errors)
        return found[0]

    @property
    def heard(self) -> list[Said]:
        """Every event so far, handed out or not."""
        with self._changed:
            return [json.loads(line) for line in self._lines]

    @property
    def heard_at(self) -> list[tuple[float, Said]]:
        """The same, with the monotonic seconds at which each was heard."""
        with self._changed:
            pairs = zip(self._at, self._lines, strict=True)
            return [(at, json.loads(line)) for at, line in pairs]

    def fill_disk(self, largest_file: int = 0) -> None:
        """From now on no file grows beyond so many bytes."""
        limits = (largest_file, largest_file)
        resource.prlimit(self._child.pid, resource.RLIMIT_FSIZE, limits)

    def send(self, number: int = signal.SIGTERM) -> None:
        self._child.send_signal(number)

    def end(self, number: int = signal.SIGTERM, timeout: float = 20.0) -> Ended:
        """Tell it to end, and wait until it has."""
        self.send(number)
        return self.ended(timeout)

    def ended(self, timeout: float = PATIENCE) -> Ended:
        """Wait for its end."""
        code = self._child.wait(timeout)
        for reader in self._readers:
            reader.join(timeout)
        for pipe in self._pipes:
            pipe.close()
        return Ended(code, "".join(self._lines), "".join(self._errors))

    def cpu_seconds(self) -> float:
        """Processor time that it has used so far, all threads."""
        text = Path(f"/proc/{self._child.pid}/stat").read_text(encoding="ascii")
        user, system = text.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def cpu_over(self, seconds: float) -> float:
        """Processor time that it uses from now on for so long."""
        before = self.cpu_seconds()
        time.sleep(seconds)
        return self.cpu_seconds() - before

    def _read(self, pipe: IO[str], lines: list[str]) -> None:
        for line in pipe:
            with self._changed:
                if lines is self._lines:
                    self._at.append(time.monotonic())
                lines.append(line)
                self._changed.notify_all()
        with self._changed:
            self._silent = lines is self._lines or self._silent
            self._changed.notify_all()
