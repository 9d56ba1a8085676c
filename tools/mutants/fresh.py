"""The slow way to face a mutant: in a process that has imported nothing of the domain yet.

For what changes while a module is imported, such as its constants; and for what no test found the
quick way, since tests may have had something worked out when they were collected.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType

import forks
import hypothesis
import pytest
from changes import Change, apply


class Changed(MetaPathFinder):
    """Finds one module, changed; every other is left to the finders after it.

    Args:
        name: of the module, dotted.
        file: its own.
        code: to be run in its place.
    """

    def __init__(self, name: str, file: str, code: CodeType) -> None:
        self._name = name
        self._loader = _Loader(name, file, code)
        self._file = file

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - as it is called
        target: ModuleType | None = None,  # noqa: ARG002 - same
    ) -> ModuleSpec | None:
        """As a finder is asked."""
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._file, loader=self._loader)


class _Loader(SourceFileLoader):
    def __init__(self, name: str, file: str, code: CodeType) -> None:
        super().__init__(name, file)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - as it is called
        return self._code


class QuickFirst:
    """Lets plain examples come before properties, which try many: one failure will do."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Properties and machines last, each in the order of their file."""
        items.sort(key=_tries_many)


def _tries_many(item: pytest.Item) -> bool:
    test = getattr(item, "obj", None)
    return hypothesis.is_hypothesis_test(test) or hasattr(getattr(item, "cls", None), "settings")


def faced(name: str, file: str, source: str, change: Change, tests: Sequence[str]) -> int:
    """Change this process, and run these files of tests in it, until one of them fails."""
    if not tests:  # pytest would then look for some by itself
        return forks.PASSED
    code = compile(apply(ast.parse(source), change), file, "exec")
    sys.meta_path.insert(0, Changed(name, file, code))
    ended = int(pytest.main([*forks.ARGUMENTS, *tests], [QuickFirst()]))
    # A module that cannot be imported any more is found by each of its tests.
    return forks.PASSED if ended == pytest.ExitCode.OK else forks.FOUND
