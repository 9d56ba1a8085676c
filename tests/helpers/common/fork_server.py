"""A Python that has imported the kiosk once and forks for each command that tests start.

The imports take most of a short command's processor time. A forked command is a process of its own
in all else: arguments, environment, folder, descriptors, signals, and the end of an interpreter,
where only what was imported before is not looked through for garbage. That a fresh Python can
import what each command needs, and ends well, is tested without it, in test_every_command.py.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

IMPORTED = (
    "kiosk.cli",
    "kiosk.app.running",
    "kiosk.enrolment.from_photographs",
    "kiosk.fleet.keys.trial",
    "kiosk.wiring.fleet",
    "kiosk.wiring.kiosk",
    "models.loading",
    "rich.live",
    "rich.table",
)
COMMANDS = "kiosk.cli"
"""Each module in it is imported too."""
LATE = (
    "COLUMNS",
    "DISPLAY",
    "KIOSK_",
    "LINTEL_TEST_",
    "QT_QPA_PLATFORM",
    "TMPDIR",
    "WAYLAND_DISPLAY",
    "XDG_",
)
"""Beginnings of the variables that nothing reads before a command begins."""
OF_AN_INTERPRETER = "LC_CTYPE"
"""Python sets it as it begins, where no locale is named."""
LARGEST = 1 << 18
DESCRIPTORS = 4
"""Of a request: standard input, output and error, and the socket for the answers."""


class Forked:
    """A process that the server forked; as `subprocess.Popen`, as far as tests need it."""

    def __init__(self, answers: socket.socket) -> None:
        self._answers = answers
        self.pid = self._answer()
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._answers], [], [], 0.0)[0]:
            self._end()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, or the negative number of the signal that ended it."""
        if self.returncode is None:
            if not select.select([self._answers], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0.0)
            self._end()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(9)

    def _end(self) -> None:
        self.returncode = os.waitstatus_to_exitcode(self._answer())
        self._answers.close()

    def _answer(self) -> int:
        said = self._answers.recv(LARGEST)
        assert said, "the fork server is dead"
        return int(said)


class ForkServer:
    """The server, as those who start commands see it.

    Args:
        environment: of all that it forks, but for variables that are read late.
        python: which Python it is; that of the tests, if not given.
    """

    def __init__(self, environment: Mapping[str, str], python: str = sys.executable) -> None:
        self._environment = dict(environment)
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            # Streams that begin on a pipe go on without a position, whatever a fork gets.
            self._process = subprocess.Popen(
                [python, __file__, str(theirs.fileno())],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
            )

    def stands_for(self, environment: Mapping[str, str]) -> bool:
        """Whether a fork is like a new process here, and in this environment."""
        differ = {name for name, _ in environment.items() ^ self._environment.items()}
        return all(name.startswith(LATE) for name in differ)

    def start(
        self,
        program: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: Path | None,
        descriptors: Sequence[int],
    ) -> Forked:
        """Fork for a command.

        Args:
            program: a module of ours, or the path of a script.
            arguments: of it.
            environment: its whole environment.
            folder: its working directory; ours, if not given.
            descriptors: its standard input, output and error.
        """
        urgency = (os.sched_getscheduler(0), os.sched_getparam(0).sched_priority)
        request = json.dumps((program, arguments, environment, str(folder or Path.cwd()), urgency))
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            given = [*descriptors, theirs.fileno()]
            socket.send_fds(self._requests, [request.encode()], given)
        return Forked(ours)

    def close(self) -> None:
        self._requests.close()
        self._process.communicate()


# -- the server's own process ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Command:
    program: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: str
    urgency: tuple[int, int]

    def begin(self, descriptors: Sequence[int]) -> None:
        """Make this process the command's own, as urgent as whoever begins it."""
        policy, priority = self.urgency
        os.sched_setscheduler(0, policy, os.sched_param(priority))
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
            os.close(descriptor)
        for name in {*os.environ} - {*self.environment, OF_AN_INTERPRETER}:
            del os.environ[name]
        os.environ.update(self.environment)
        os.chdir(self.folder)
        sys.argv = [self.program, *self.arguments]

    def run(self) -> None:
        if self.program.endswith(".py"):
            runpy.run_path(self.program, run_name="__main__")
        else:
            runpy.run_module(self.program, run_name="__main__", alter_sys=True)


class _Forks:
    """Those that run, each with the socket over which its end is told."""

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._running: dict[int, tuple[int, socket.socket]] = {}

    def serve(self) -> _Command | None:
        """Fork for each request; a fork returns its command, and the server nothing at the end."""
        while True:
            ready, _, _ = select.select([self._requests, *self._running], [], [])
            for watched in [each for each in ready if each is not self._requests]:
                self._tell_end(watched)
            if self._requests in ready:
                said, descriptors, _, _ = socket.recv_fds(self._requests, LARGEST, DESCRIPTORS)
                if not said:
                    return None
                if self._is_fork(descriptors.pop()):
                    command = _Command(*json.loads(said))
                    command.begin(descriptors)
                    return command
                for descriptor in descriptors:
                    os.close(descriptor)

    def _is_fork(self, answers: int) -> bool:
        answer = socket.socket(fileno=answers)
        pid = os.fork()
        if not pid:
            for each in (self._requests, answer, *(told for _, told in self._running.values())):
                each.close()
            for watched in self._running:
                os.close(watched)
            return True
        self._running[os.pidfd_open(pid)] = pid, answer
        with suppress(OSError):
            answer.send(str(pid).encode())
        return False

    def _tell_end(self, watched: int) -> None:
        pid, answer = self._running.pop(watched)
        os.close(watched)
        status = os.waitpid(pid, 0)[1]
        with answer, suppress(OSError):  # nobody may wait for it any more
            answer.send(str(status).encode())


def _import_all() -> None:
    """Import what commands need, and build what the first reading of settings would."""
    for name in IMPORTED:
        importlib.import_module(name)
    commands = importlib.import_module(COMMANDS)
    for module in pkgutil.walk_packages(commands.__path__, f"{COMMANDS}."):
        importlib.import_module(module.name)
    importlib.import_module("config.settings").Settings.model_rebuild()


def main(descriptor: int) -> None:
    """Serve, or be one of those that were forked."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as kiosk.__main__ does before numpy is imported
    _import_all()
    # A fork would have none of them, and perhaps a lock that one of them held.
    assert len([*Path("/proc/self/task").iterdir()]) == 1, "there are threads"
    gc.collect()
    gc.freeze()  # looked through at the end of each fork, all of it would be copied
    if command := _Forks(socket.socket(fileno=descriptor)).serve():
        command.run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
