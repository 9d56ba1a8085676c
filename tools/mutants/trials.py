"""All mutants of a package before its tests, and what became of them."""

from __future__ import annotations

import ast
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import catalogue
import forks
import fresh
from changes import Change, changes
from forks import FOUND
from quick import Reached, Takeover, Task, faced_at_once


@dataclass(frozen=True)
class Subject:
    """What is tried.

    Attributes:
        package: the folder that is changed.
        tests: the folder of its tests; `mutants` in it holds what is written down.
        at_once: how many children run.
        sample: how many of the generated mutants are faced; None for all.
    """

    package: Path
    tests: Path
    at_once: int
    sample: int | None = None

    def files(self, modules: Sequence[str]) -> dict[str, Path]:
        """The files of these modules, or of all, by name.

        Raises:
            SystemExit: there is no such module.
        """
        every = {
            path.relative_to(self.package).with_suffix("").as_posix(): path
            for path in sorted(self.package.resolve().rglob("*.py"))
        }
        if unknown := set(modules) - set(every):
            raise SystemExit(f"there is no {', '.join(sorted(unknown))}")
        return {name: every[name] for name in modules or every}

    def dotted(self, name: str) -> str:
        """`access/lockout` as it is imported."""
        path = self.package.resolve()
        above = [path.name]
        while (path.parent / "__init__.py").exists():
            path = path.parent
            above.insert(0, path.name)
        return ".".join([*above, *name.split("/")])


@dataclass(frozen=True)
class Mutant:
    """One change of one module; `name` where somebody thought of it."""

    module: str
    change: Change
    name: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What tells it apart in the list of equivalents."""
        return self.module, self.change.text


@dataclass
class MutantCount:
    """What became of them.

    Attributes:
        faced: how many mutants.
        of: how many there are.
        survivors: no test failed, and nobody says that they are equivalent.
        wrong: what is written down and not so.
    """

    faced: int
    of: int
    survivors: list[Mutant] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether the tests found all that there was to find."""
        return not self.survivors and not self.wrong

    def text(self) -> str:
        """Some lines for people."""
        lines = [f"not found: {m.module}: {m.name or m.change.text}" for m in self.survivors]
        lines += [f"written down, and not so: {each}" for each in self.wrong]
        lines.append(f"{self.faced} of {self.of} mutants, {len(self.survivors)} not found")
        return "\n".join(lines)


def faced(subject: Subject, modules: Sequence[str] = ()) -> MutantCount:
    """Face the mutants of these modules, or of all.

    Raises:
        RuntimeError: the tests fail without any change.
    """
    files = subject.files(modules)
    sources = {name: path.read_text(encoding="utf-8") for name, path in files.items()}
    every = generated(sources)
    chosen = sampled(every, sources, subject.sample)
    folder = subject.tests / "mutants"
    mutants = [*chosen, *named(folder, sources)]
    listed = {key for key in catalogue.equivalents(folder) if key[0] in files}
    reached, left = quickly(subject, files, sources, mutants)
    counted = MutantCount(len(mutants), len(mutants) - len(chosen) + len(every))
    left = slowly(subject, files, sources, reached, left)
    counted.survivors = [mutant for mutant in left if mutant.name or mutant.key not in listed]
    counted.wrong = unlike(listed, every, chosen, left)
    return counted


def unlike(
    listed: set[tuple[str, str]],
    every: Sequence[Mutant],
    faced_: Sequence[Mutant],
    left: Sequence[Mutant],
) -> list[str]:
    """Equivalents that do not exist any more, or that a test found."""
    there, tried = {m.key for m in every}, {m.key for m in faced_}
    survived = {m.key for m in left if not m.name}
    gone = [f"{module}: {text}: no such change" for module, text in sorted(listed - there)]
    found = sorted((listed & tried) - survived)
    return gone + [f"{module}: {text}: a test finds it" for module, text in found]


def generated(sources: dict[str, str]) -> list[Mutant]:
    """Every change of every module."""
    return [
        Mutant(module, change)
        for module, source in sources.items()
        for change in changes(ast.parse(source))
    ]


def named(folder: Path, sources: dict[str, str]) -> list[Mutant]:
    """Those that have a name, as they stand in today's source."""
    trees = {module: ast.parse(source) for module, source in sources.items()}
    return [
        Mutant(each.module, each.change(trees[each.module]), each.name)
        for each in catalogue.named(folder)
        if each.module in trees
    ]


def sampled(every: list[Mutant], sources: dict[str, str], count: int | None) -> list[Mutant]:
    """Some of them: always the same of the same source, and others once it has changed."""
    if count is None or count >= len(every):
        return every
    seed = hashlib.sha256("".join(sources.values()).encode()).digest()
    chosen = random.Random(seed).sample(range(len(every)), count)  # noqa: S311 - no secret
    return [every[index] for index in sorted(chosen)]


# -- quick, then slow ----------------------------------------------------------------------------


def quickly(
    subject: Subject, files: dict[str, Path], sources: dict[str, str], mutants: list[Mutant]
) -> tuple[Reached, list[Mutant]]:
    """What each test reaches, and the mutants that none finds in what was collected before."""
    forks.few_examples()
    by_module = {name: [m for m in mutants if m.module == name] for name in files}
    tasks = [
        Task(str(files[name]), sources[name], [m.change for m in some])
        for name, some in by_module.items()
    ]
    reached, codes = forks.told(lambda: _quick(subject, tasks))
    left = [
        mutant
        for some, ended in zip(by_module.values(), codes, strict=True)
        for mutant, code in zip(some, ended, strict=True)
        if code != FOUND
    ]
    return reached, left


def slowly(
    subject: Subject,
    files: dict[str, Path],
    sources: dict[str, str],
    reached: Reached,
    left: list[Mutant],
) -> list[Mutant]:
    """Those of them that no test finds in a new process either."""

    def facing(mutant: Mutant) -> int:
        name, file = subject.dotted(mutant.module), str(files[mutant.module])
        tests = _files_of_tests(reached, file, mutant.change)
        return fresh.faced(name, file, sources[mutant.module], mutant.change, tests)

    again = forks.codes(facing, left, subject.at_once, "in a new process")
    return [mutant for mutant, code in zip(left, again, strict=True) if code != FOUND]


def _quick(subject: Subject, tasks: Sequence[Task]) -> tuple[Reached, list[list[int]]]:
    takeover = Takeover(str(subject.package.resolve()), tasks, subject.at_once)
    faced_at_once(str(subject.tests), takeover)
    return takeover.reached, takeover.codes


def _files_of_tests(reached: Reached, file: str, change: Change) -> list[str]:
    """Files of tests that reach what was changed; where nothing runs there, those of its module.

    A constant may be looked at by every test.
    """
    first, last = change.lines if change.owner is not None else (0, 10**6)
    numbers = reached.tests(file, first, last)
    names = [reached.names[number] for number in numbers]
    if change.owner is None:
        names += reached.names
    return list(dict.fromkeys(names))
