"""Who may import whom, what the core never touches, and how large a piece of code may grow.

The import-linter contracts hold the same table; this fence depends on nothing, and what is not
allowed is forbidden: a new package has no place until it is given one here.
"""

from __future__ import annotations

import ast
import functools
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import package_diagram
import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("kiosk", "models", "hardware", "config")
FILES = sorted(path for package in OURS for path in (ROOT / package).rglob("*.py"))

PARTS = {
    "config",
    "hardware",
    "kiosk.aws",
    "kiosk.cloud",
    "kiosk.domain",
    "kiosk.door",
    "kiosk.enrolment",
    "kiosk.fleet",
    "kiosk.journal",
    "kiosk.measure",
    "kiosk.operators",
    "kiosk.people",
    "kiosk.pipeline",
    "kiosk.store",
    "kiosk.ui",
    "models",
}
"""What a kiosk is put together from; none of it knows the wiring."""

WIRED = PARTS | {"kiosk.wiring"}

# package: (packages of ours, libraries) that it may import, itself and the standard library aside
TABLE: dict[str, tuple[set[str], set[str]]] = {
    "kiosk.domain": (set(), {"numpy"}),
    "models": (
        {"kiosk.domain"},
        {
            "numpy",
            "cv2",
            "mediapipe",
            "onnxruntime",
            "ai_edge_litert",
            "insightface",
            "faiss",
            "mrz",
        },
    ),
    "hardware": (
        {"kiosk.domain"},
        {
            "numpy",
            "av",
            "cv2",
            "cryptography",
            "gpiod",
            "gpiozero",
            "httpx",
            "osdp",
            "paho",
            "pymodbus",
            "serial",
            "zxingcpp",
        },
    ),
    "config": ({"kiosk.domain"}, {"pydantic", "pydantic_settings", "pydantic_core"}),
    "kiosk.journal": ({"kiosk.domain"}, set()),
    "kiosk.door": ({"kiosk.domain", "kiosk.journal"}, set()),
    "kiosk.operators": ({"kiosk.domain", "kiosk.door", "kiosk.journal"}, set()),
    "kiosk.enrolment": ({"kiosk.domain"}, {"numpy"}),
    "kiosk.pipeline": ({"kiosk.domain", "kiosk.door", "kiosk.journal"}, {"numpy"}),
    "kiosk.store": ({"kiosk.domain", "kiosk.journal"}, {"numpy", "cryptography"}),
    "kiosk.aws": ({"kiosk.domain"}, {"boto3", "botocore", "urllib3"}),
    "kiosk.fleet": (
        {"kiosk.aws", "kiosk.domain", "kiosk.journal", "kiosk.people", "kiosk.store"},
        {
            "numpy",
            "cryptography",
            "botocore",
            "securesystemslib",
            "tuf",
            "urllib3",
            "pkcs11",
        },
    ),
    "kiosk.cloud": (
        {"kiosk.aws", "kiosk.domain", "kiosk.journal", "kiosk.people", "kiosk.store"},
        {"numpy", "botocore", "cryptography", "prometheus_client", "pybreaker"},
    ),
    "kiosk.people": ({"kiosk.domain", "kiosk.journal", "kiosk.store"}, {"numpy", "segno", "fpdf"}),
    "kiosk.measure": ({"kiosk.domain", "kiosk.door", "kiosk.pipeline"}, {"numpy"}),
    "kiosk.ui": ({"kiosk.domain"}, {"numpy", "PyQt6", "segno"}),
    "kiosk.wiring": (PARTS, set()),
    "kiosk.diagnostics": (WIRED, {"numpy", "PyQt6"}),
    "kiosk.bench": (WIRED, {"numpy", "rich"}),
    "kiosk.app": (WIRED | {"kiosk.diagnostics"}, {"numpy", "segno"}),
    "kiosk.cli": (
        WIRED | {"kiosk", "kiosk.app", "kiosk.bench", "kiosk.diagnostics", "kiosk.last_resort"},
        {"numpy", "typer", "rich"},
    ),
    "kiosk.__main__": ({"kiosk.cli", "kiosk.last_resort", "kiosk.processor"}, set()),
    "kiosk.last_resort": (set(), set()),
    "kiosk.processor": (set(), set()),
    "kiosk": (set(), set()),
}

PURE = {
    "__future__",
    "abc",
    "base64",
    "binascii",
    "collections",
    "collections.abc",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "hashlib",
    "hmac",
    "itertools",
    "json",
    "math",
    "struct",
    "typing",
}
"""All of the standard library that the core may use: nothing that has a clock, a device, a file,
a thread, a log, or chance. Of `datetime` it may use values, never now."""

HEAVY = {
    "av",
    "PyQt6",
    "cv2",
    "mediapipe",
    "onnxruntime",
    "ai_edge_litert",
    "insightface",
    "faiss",
    "boto3",
    "botocore",
    "pybreaker",
    "securesystemslib",
    "tuf",
    "fpdf",
    "rich",
    "segno",
}
"""Imported inside functions by commands and wiring: `--help` and a mistake answer at once."""

RUNTIMES = {"mediapipe", "onnxruntime", "ai_edge_litert", "insightface", "faiss"}

MAX_MODULE_LINES = 350
MAX_FUNCTION_LINES = 40
MAX_FILES = 16
"""In one folder, its `__init__.py` included."""


@functools.cache
def text_of(path: Path) -> str:
    """A file of the tree, read once."""
    return path.read_text(encoding="utf-8")


class Import(NamedTuple):
    """One import.

    Attributes:
        module: dotted name of what is imported.
        place: file and line.
        at_start: whether it happens when the file is imported.
    """

    module: str
    place: str
    at_start: bool


def dotted(path: Path) -> str:
    """`kiosk/domain/access/machine.py` is kiosk.domain.access.machine."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def package_of(module: str) -> str:
    """The row of the table: kiosk's own packages, and the other three whole."""
    return ".".join(module.split(".")[: 2 if module.startswith("kiosk.") else 1])


@functools.cache
def imports(path: Path, source: str) -> tuple[Import, ...]:
    """Every import of a file; a relative one begins with its dots, and has no place here."""
    tree, found = ast.parse(source), []
    later = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or _only_for_types(node)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        for module in _imported(node):
            place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            found.append(Import(module, place, node not in later))
    return tuple(found)


def _only_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _imported(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=module, names=names, level=level):
            source = "." * level + (module or "")
            # `from kiosk import wiring` imports kiosk.wiring
            yield from [f"kiosk.{a.name}" for a in names] if source == "kiosk" else [source]
        case ast.Call(func=ast.Name(id="__import__") | ast.Attribute(attr="import_module")):
            yield "importlib.import_module"


def offences(path: Path, source: str) -> list[str]:
    """Imports that the table does not allow."""
    here = package_of(dotted(path))
    ours, libraries = TABLE[here]
    found = []
    for module, place, _ in imports(path, source):
        top, target = module.split(".")[0], package_of(module)
        if top in OURS:
            allowed = target == here or target in ours
        elif top in sys.stdlib_module_names:
            allowed = here != "kiosk.domain" or module in PURE
        else:
            allowed = top in libraries
        if not allowed:
            found.append(f"{place} imports {module}")
    return found


def test_every_import_is_in_the_table() -> None:
    assert [found for path in FILES for found in offences(path, text_of(path))] == []


def test_every_package_has_a_row_and_every_row_a_package() -> None:
    assert {package_of(dotted(path)) for path in FILES} == set(TABLE)


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("kiosk/domain/access/machine.py", "import time"),
        ("kiosk/domain/access/machine.py", "import os.path"),
        ("kiosk/domain/access/machine.py", "from threading import Lock"),
        ("kiosk/domain/access/machine.py", "import logging"),
        ("kiosk/domain/access/machine.py", "from random import random"),
        ("kiosk/domain/access/machine.py", "import socket"),
        ("kiosk/domain/access/machine.py", "import cv2"),
        ("kiosk/domain/access/machine.py", "import kiosk.store.people.references"),
        ("kiosk/domain/access/machine.py", "from kiosk import wiring"),
        ("kiosk/domain/access/machine.py", "from ..store import references"),
        ("kiosk/domain/access/machine.py", "def f():\n    import time"),
        ("kiosk/domain/access/machine.py", "__import__('time')"),
        ("models/attack.py", "from hardware import camera"),
        ("models/attack.py", "import config.settings"),
        ("models/attack.py", "from kiosk.pipeline import slot"),
        ("hardware/sim/door.py", "from models import attack"),
        ("hardware/sim/door.py", "import onnxruntime"),
        ("config/settings.py", "import numpy"),
        ("config/settings.py", "import models.packs.manifest"),
        ("kiosk/pipeline/loops.py", "from config.settings import Settings"),
        ("kiosk/pipeline/loops.py", "import PyQt6.QtCore"),
        ("kiosk/store/journal/journal.py", "import kiosk.pipeline.loops"),
        ("kiosk/people/service.py", "import typer"),
        ("kiosk/people/service.py", "import kiosk.cli.common"),
        ("kiosk/people/service.py", "from kiosk.enrolment import from_photographs"),
        ("kiosk/measure/rates.py", "from models import attack"),
        ("kiosk/ui/window.py", "from kiosk.pipeline import slot"),
        ("kiosk/ui/window.py", "import cv2"),
        ("kiosk/wiring/kiosk.py", "import kiosk.cli.run"),
        ("kiosk/__main__.py", "import kiosk.wiring"),
    ],
)
def test_the_fence_sees(file: str, line: str) -> None:
    """A fence that lets everything through would let the whole tree through too."""
    assert len(offences(ROOT / file, line)) == 1


def test_no_package_and_no_file_imports_itself_through_others() -> None:
    TopologicalSorter(package_diagram.imports_of_packages()).prepare()
    TopologicalSorter(package_diagram.imports_of_files()).prepare()


def test_a_circle_would_be_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        folder = tmp_path / "kiosk" / name
        folder.mkdir(parents=True)
        body = f"def f():\n    from kiosk.{other}.part import x\n"
        (folder / "part.py").write_text(body, encoding="utf-8")
    monkeypatch.setattr(package_diagram, "ROOT", tmp_path)
    for graph in (package_diagram.imports_of_packages(), package_diagram.imports_of_files()):
        with pytest.raises(CycleError):
            TopologicalSorter(graph).prepare()


def test_the_diagram_of_the_packages_is_of_today() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert package_diagram.diagram() in page, "run `python tools/package_diagram.py`"


def test_every_name_of_the_architecture_page_exists() -> None:
    """Each file that it names in its walks, and each name of code with capitals in the middle."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+\.py)`", page)
    assert [
        name for name in named if not any((ROOT / top / name).is_file() for top in ("", "kiosk"))
    ] == []
    code = "\n".join(map(text_of, FILES))
    for name in re.findall(r"`([A-Z]\w+)(?:\.(\w+))?`", page):
        assert re.search(rf"\b(class )?{name[0]}\b", code), name
        assert not name[1] or f"def {name[1]}(" in code, name


def called(path: Path) -> set[str]:
    """The last name of everything that a file calls."""
    return {
        ast.unparse(node.func).rpartition(".")[2]
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.Call)
    }


def used(package: str, calls: set[str], modules: set[str]) -> dict[str, set[str]]:
    """The files of a package of ours that call or import one of these, and which."""
    found = {}
    for path in FILES:
        if package_of(dotted(path)) == package:
            imported = {i.module for i in imports(path, text_of(path))}
            found[dotted(path)] = called(path) & calls | imported & modules
    assert found
    return {file: names for file, names in found.items() if names}


def test_the_core_asks_no_clock_and_prints_nothing() -> None:
    forbidden = {"now", "utcnow", "today", "print", "open", "input", "exec", "eval"}
    assert used("kiosk.domain", forbidden, set()) == {}


def test_the_people_service_prints_and_asks_nothing() -> None:
    """It may run in a kiosk's thread, or behind a console."""
    asks = {"print", "input", "exit", "getpass", "confirm", "prompt"}
    assert used("kiosk.people", asks, {"sys", "logging", "getpass"}) == {}


def test_a_command_changes_nothing_by_itself() -> None:
    """It calls a service, which has the journal inside."""
    changes = {"kiosk.store.people.references", "kiosk.store.people.badges"}
    assert used("kiosk.cli", {"note", "written_down"}, changes) == {}


def test_what_is_used_is_seen() -> None:
    assert used("kiosk.cli", {"print_json"}, set()).keys() >= {"kiosk.cli.doctor"}
    assert "kiosk.cli.run" in used("kiosk.cli", set(), {"typer"})


def test_heavy_libraries_wait_until_they_are_needed() -> None:
    commands = [path for path in FILES if package_of(dotted(path)) in {"kiosk.cli", "kiosk.wiring"}]
    found = [each for path in commands for each in imports(path, text_of(path))]
    heavy = [f"{i.place} imports {i.module}" for i in found if i.at_start and _top(i) in HEAVY]
    assert heavy == []


def _top(found: Import) -> str:
    return found.module.split(".")[0]


@pytest.mark.parametrize("runtime", sorted(RUNTIMES))
def test_a_runtime_is_imported_by_one_module_and_not_at_its_start(runtime: str) -> None:
    users = [
        (dotted(path), found.at_start)
        for path in FILES
        for found in imports(path, text_of(path))
        if _top(found) == runtime
    ]
    assert len({module for module, _ in users}) == 1
    assert not any(at_start for _, at_start in users)


def public_classes(source: str) -> Iterator[str]:
    """The names of the classes of a file that others may import."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name


def test_no_two_public_classes_share_a_name() -> None:
    """Whoever reads a name anywhere knows which thing is meant."""
    files = [*FILES, *sorted((ROOT / "tools").rglob("*.py"))]
    places: dict[str, list[str]] = {}
    for path in files:
        for name in public_classes(text_of(path)):
            places.setdefault(name, []).append(str(path.relative_to(ROOT)))
    assert len(places) > 300
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_which_classes_are_public() -> None:
    source = "class A:\n    class Inner: ...\nclass _Own: ...\nclass B(A): ..."
    assert list(public_classes(source)) == ["A", "B"]


# -- sizes ---------------------------------------------------------------------------------------


@functools.cache
def functions(source: str) -> tuple[tuple[str, int], ...]:
    """(name, lines of its body without the docstring) of every function."""
    return tuple(
        (node.name, _lines(node))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


EVERY_FILE = sorted({*FILES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "tools").rglob("*.py")})


def test_a_module_stays_small() -> None:
    sizes = {dotted(path): len(text_of(path).splitlines()) for path in FILES}
    assert {name: size for name, size in sizes.items() if size > MAX_MODULE_LINES} == {}


def test_a_folder_stays_small() -> None:
    sizes = Counter(path.parent.relative_to(ROOT) for path in FILES)
    assert {str(folder): size for folder, size in sizes.items() if size > MAX_FILES} == {}


def test_a_function_stays_small() -> None:
    found = [(str(p.relative_to(ROOT)), *f) for p in EVERY_FILE for f in functions(text_of(p))]
    assert [each for each in found if each[2] > MAX_FUNCTION_LINES] == []


def test_functions_are_small_on_the_whole() -> None:
    """Median 5 lines, nine in ten under 20."""
    sizes = sorted(size for path in FILES for _, size in functions(text_of(path)))
    assert sizes[len(sizes) // 2] <= 5
    assert sizes[len(sizes) * 9 // 10] < 20


def test_what_a_function_measures() -> None:
    lines = "\n".join(f"    x = {i}" for i in range(51))
    assert functions(f'def f():\n    """Doc.\n\n    More.\n    """\n{lines}') == (("f", 51),)
    assert functions('def f():\n    """Doc."""') == (("f", 0),)


def test_no_package_of_tests_hides_one_of_ours() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_every_test_file_has_its_own_name() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py"]
    assert sorted({name for name in names if names.count(name) > 1}) == []


# -- import-linter -------------------------------------------------------------------------------

BREAKS = {
    "The domain imports nothing of ours and no I/O": ("kiosk/domain", "import cv2"),
    "Adapters know the domain only": ("models", "import kiosk.store"),
    "Models and hardware do not know each other": ("hardware", "import models"),
    "Settings know the domain only": ("config", "import kiosk.pipeline"),
    "Services are given their parts": ("kiosk/pipeline", "import config"),
    "Candidates for people reach no door": ("kiosk/door", "import kiosk.people.candidates"),
    "The screen knows the domain and Qt": ("kiosk/ui", "import kiosk.measure"),
    "Qt is imported by the screen alone": ("kiosk/store", "import PyQt6"),
}
"""For each contract a package and a line in it that breaks it."""


def linted(folder: Path, cache: Path) -> dict[str, str]:
    """Each contract and whether it was KEPT or BROKEN."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as run; run()",
            "--cache-dir",
            str(cache),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    verdicts = dict(re.findall(r"^(.+?) (KEPT|BROKEN)(?: .*)?$", done.stdout, re.MULTILINE))
    assert verdicts, done.stdout + done.stderr
    assert (done.returncode == 0) is ("BROKEN" not in verdicts.values())
    return verdicts


def test_the_contracts_are_kept(tmp_path: Path) -> None:
    assert linted(ROOT, tmp_path) == dict.fromkeys(BREAKS, "KEPT")


def test_each_contract_can_be_broken(tmp_path: Path) -> None:
    """A copy of the tree with one line too much in each fenced package."""
    for package in OURS:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for folder, line in BREAKS.values():
        (tmp_path / folder / "trespass.py").write_text(line + "\n")
    assert linted(tmp_path, tmp_path / "cache") == dict.fromkeys(BREAKS, "BROKEN")
