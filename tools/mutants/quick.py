"""The quick way to face a mutant: everything is imported and collected once, then forked.

Whatever changes in the body of a function changes its code alone. A child of this process puts the
changed code into the function, wherever that is held, and runs the tests that reached it, the
quickest first.
"""

from __future__ import annotations

import ast
import gc
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType, FunctionType
from typing import Any

import forks
import pytest
from changes import Change, apply
from coverage import Coverage
from forks import FOUND, PASSED

LEAST_SECONDS, TIMES = 2, 20
"""A changed program may take longer, but not so many times as long."""


@dataclass
class Reached:
    """What each test took, and which lines of the domain it reached.

    Attributes:
        failed: name of the test that failed without any change; empty if all passed.
        files: by file of the domain and by line the numbers of the tests that reached it.
        names: of the tests' own files, by number of the test.
        took: seconds of each.
    """

    failed: str = ""
    files: dict[str, dict[int, list[int]]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    took: list[float] = field(default_factory=list)

    def tests(self, file: str, first: int, last: int) -> list[int]:
        """Numbers of the tests that reached any of these lines, the quickest first."""
        lines = self.files.get(file, {})
        found = {test for line, some in lines.items() if first <= line <= last for test in some}
        return sorted(found, key=self.took.__getitem__)

    def patience(self, number: int) -> int:
        """Seconds of the processor after which this test counts as hanging."""
        return round(LEAST_SECONDS + TIMES * self.took[number])


class Failed:
    """A plugin that knows whether a test failed."""

    def __init__(self) -> None:
        self.name = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember the first."""
        if report.failed and not self.name:
            self.name = report.nodeid


class SessionRuns:
    """Runs single tests of a session, as often as is asked.

    Args:
        session: with everything collected.
    """

    def __init__(self, session: pytest.Session) -> None:
        self._failed = Failed()
        session.config.pluginmanager.register(self._failed)
        self.items = session.items

    def failing(self, numbers: Sequence[int], patience: Callable[[int], int] | None = None) -> str:
        """The first of these tests that fails; empty if none does.

        Args:
            numbers: of the tests.
            patience: for each, after how many seconds of the processor this process is ended.
        """
        for number, following in zip(numbers, [*numbers[1:], None], strict=True):
            item, after = self.items[number], None if following is None else self.items[following]
            if patience is not None:
                forks.limit(patience(number))
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if self._failed.name:
                break
        return self._failed.name

    def reached(self, folder: str) -> Reached:
        """Run them all, and look at what each reaches."""
        watch = Coverage(data_file=None, config_file=False, include=[f"{folder}/*"])
        watch.start()
        took: list[float] = []
        for number in range(len(self.items)):
            watch.switch_context(str(number))
            began = time.perf_counter()
            if self.failing([number]):
                break
            took.append(time.perf_counter() - began)
        watch.stop()
        names = [str(item.path) for item in self.items]
        return Reached(self._failed.name, _by_line(watch), names, took)


def _by_line(watch: Coverage) -> dict[str, dict[int, list[int]]]:
    data = watch.get_data()
    return {
        file: {
            line: [int(name) for name in names if name]
            for line, names in data.contexts_by_lineno(file).items()
        }
        for file in data.measured_files()
    }


# -- a changed function --------------------------------------------------------------------------

Key = tuple[str, str, int]


def functions() -> dict[Key, list[FunctionType]]:
    """Every function that there is, by file, name and first line of its code."""
    found: dict[Key, list[FunctionType]] = defaultdict(list)
    for each in gc.get_objects():
        if isinstance(each, FunctionType):
            found[key_of(each.__code__)].append(each)
    return found


def key_of(code: CodeType) -> Key:
    """What tells a function's code from others."""
    return code.co_filename, code.co_name, code.co_firstlineno


def put(change: Change, file: str, tree: ast.Module, there: Mapping[Key, Any]) -> bool:
    """Change the function in this process; whether that could be done."""
    if change.owner is None:
        return False
    key = (file, *change.owner)
    code = _code(compile(apply(tree, change), file, "exec"), key)
    try:
        for function in there.get(key, ()):
            function.__code__ = code
    except ValueError:  # another number of free variables
        return False
    return key in there


def _code(whole: CodeType, key: Key) -> CodeType:
    todo = [whole]
    while todo:
        code = todo.pop()
        if key_of(code) == key:
            return code
        todo += [each for each in code.co_consts if isinstance(each, CodeType)]
    raise LookupError(key)


# -- all of them ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """A file of the domain and what is to be changed in it."""

    file: str
    source: str
    changes: Sequence[Change]


class Takeover:
    """A plugin that faces the changes once everything is collected, in place of running the tests.

    Attributes:
        codes: for each task a code for each change.
        reached: by which tests.
    """

    def __init__(self, folder: str, tasks: Sequence[Task], at_once: int) -> None:
        self._folder = folder
        self._tasks = tasks
        self._at_once = at_once
        self.reached = Reached()
        self.codes: list[list[int]] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Face them all; nothing of it changes this process."""
        runs = SessionRuns(session)
        self.reached = forks.told(lambda: runs.reached(self._folder))
        if not self.reached.failed:
            there = functions()
            gc.collect()
            gc.freeze()
            for task in self._tasks:
                self.codes.append(self._face(runs, task, there))
        return True

    def _face(self, runs: SessionRuns, task: Task, there: Mapping[Key, Any]) -> list[int]:
        tree = ast.parse(task.source)

        def facing(change: Change) -> int:
            if not put(change, task.file, tree, there):
                return PASSED
            numbers = self.reached.tests(task.file, *change.lines)
            return FOUND if runs.failing(numbers, self.reached.patience) else PASSED

        return forks.codes(facing, task.changes, self._at_once, task.file)


def faced_at_once(tests: str, takeover: Takeover) -> None:
    """Collect the tests, and let it take over.

    Raises:
        RuntimeError: the tests cannot even be collected, or fail without any change.
    """
    code = pytest.main([*forks.ARGUMENTS, tests], [takeover])
    if takeover.reached.failed or code != pytest.ExitCode.OK:
        raise RuntimeError(takeover.reached.failed or f"pytest ended with {code}")
