"""The project keeps its own promises: what it documents exists, and nothing leaks into it."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from readme_commands import listed
from typer.main import get_command

from kiosk.cli import app

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SHELL_BLOCK = re.compile(r"^```(?:sh|console)$(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)")

# Put together here, so that this file passes its own test.
REGISTRY_HOSTS = re.compile(
    "|".join(
        rf"\b{name}\.{domain}\b"
        for name, domain in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("npmjs", "(?:org|com)"),
            ("yarnpkg", "com"),
            ("deb", "debian"),
        )
    )
)
MACHINE_PATHS = re.compile(r"(?<![\w.$}~-])/(?:work|root|opt|Users|home/\w+|tmp/\w+)/\w")
PICTURES_OF_THE_KIOSK = re.compile(r"docs/pictures/kiosk(-[a-z0-9-]+)?\.png")
IMAGES = frozenset(
    {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".pgm", ".ppm"}
)
RECORDINGS = frozenset({".mp4", ".mov", ".mkv", ".avi", ".webm"})
WEIGHTS = frozenset(
    {".tflite", ".onnx", ".task", ".pt", ".pth", ".pb", ".bin", ".safetensors", ".npy", ".npz"}
)
ARCHIVES = frozenset({".whl", ".zip", ".gz", ".tgz", ".tar", ".db"})
LARGEST_FILE_BYTES = 400_000


def tracked() -> list[Path]:
    """Every file that git keeps, relative to the root."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("no git, or not a git checkout: there are no tracked files to look at")
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],  # noqa: S607 - git from the path
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [Path(name) for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def lines_that_match(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in tracked():
        text = (ROOT / path).read_text(errors="replace")
        found += [
            f"{path}:{number}: {line.strip()[:100]}"
            for number, line in enumerate(text.splitlines(), 1)
            if pattern.search(line)
        ]
    return found


def commands_in(document: str) -> list[str]:
    blocks = SHELL_BLOCK.findall((ROOT / document).read_text())
    lines = [line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def kiosk_commands_in(document: str) -> set[str]:
    """Every `kiosk …` that a document shows, as far as its words are commands."""
    text = (ROOT / document).read_text()
    shown = re.findall(r"(?:^|[`/])kiosk((?: [a-z]+\b(?![.:/=]))+)", text, re.MULTILINE)
    return {" ".join(words.split()[:2]) for words in shown}


def groups_of_the_kiosk() -> set[str]:
    """What is no command by itself: `people`, `audit` ..., but not `invite`."""
    every = dict(below(get_command(app)))
    alone = {words for words, it in every.items() if getattr(it, "invoke_without_command", False)}
    return {words.rpartition(" ")[0] for words in every if " " in words} - alone


def commands_of_the_kiosk() -> set[str]:
    """`run`, `people erase` ..., and groups by themselves."""
    return {words for words, _ in below(get_command(app))}


def below(group: object) -> Iterator[tuple[str, object]]:
    """The commands of a group, and those of the groups in it."""
    for name, command in getattr(group, "commands", {}).items():
        yield name, command
        yield from ((f"{name} {words}", each) for words, each in below(command))


def targets_of_the_makefile() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


# -- what is documented exists -------------------------------------------------------------------


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_make_command_of_a_document_is_a_target(document: str) -> None:
    text = (ROOT / document).read_text()
    asked = set(re.findall(r"\bmake ([a-z-]+)(?=[`\s]|$)", "\n".join(commands_in(document))))
    asked |= set(re.findall(r"`make ([a-z-]+)[^`]*`", text))
    assert asked
    assert asked <= targets_of_the_makefile()


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_every_kiosk_command_of_a_document_exists(document: str) -> None:
    asked = kiosk_commands_in(document)
    plain = commands_of_the_kiosk() - groups_of_the_kiosk()
    first = {" ".join(words.split()[:2]) for words in plain}
    assert asked
    assert {words for words in asked if not {words, words.split()[0]} & (plain | first)} == set()


@pytest.mark.parametrize(
    "document", ["CONTRIBUTING.md", "docs/developers/faults.md", "docs/developers/measurements.md"]
)
def test_every_measurement_of_a_document_exists(document: str) -> None:
    asked = set(re.findall(r"tools/measure (\w+)", (ROOT / document).read_text()))
    made = {path.stem for path in (ROOT / "tools" / "measure").glob("measure_*.py")}
    assert asked
    assert {f"measure_{name}" for name in asked} <= made


def test_the_readme_lists_every_command() -> None:
    assert listed() == commands_of_the_kiosk() - groups_of_the_kiosk()


def test_the_readme_sets_up_with_two_commands() -> None:
    made = [command for command in commands_in("README.md") if command.startswith("make ")]
    assert [command.split("#")[0].strip() for command in made[:2]] == ["make demo", "make test"]


def test_every_target_is_phony_and_explained() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    explained = set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE))
    assert phony
    assert set(phony.group(1).split()) == explained == targets_of_the_makefile()


def test_links_between_documents_lead_somewhere() -> None:
    dead = [
        f"{path}: {target}"
        for path in tracked()
        if path.suffix == ".md"
        for target in LINK.findall((ROOT / path).read_text())
        if not (ROOT / path.parent / target).exists()
    ]
    assert dead == []


def test_decision_records_are_numbered_and_say_what_they_cost() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    numbers = [record.name[:4] for record in records]
    assert records
    assert len(set(numbers)) == len(numbers)
    for record in records:
        text = record.read_text()
        assert text.startswith("# "), record.name
        assert re.search(r"^[-*] Bad|negative", text, re.MULTILINE | re.IGNORECASE), record.name


# -- nothing leaks in ----------------------------------------------------------------------------


def test_no_tracked_file_names_a_package_registry() -> None:
    assert lines_that_match(REGISTRY_HOSTS) == []


def test_no_tracked_file_names_a_path_of_a_machine() -> None:
    assert lines_that_match(MACHINE_PATHS) == []


@pytest.mark.parametrize(
    "line", ["see /" + "work/main", 'open("/' + 'root/x")', "cp a /" + "tmp/w/weights"]
)
def test_a_path_of_a_machine_is_recognised(line: str) -> None:
    assert MACHINE_PATHS.search(line)


def test_no_image_no_recording_and_no_weights_are_tracked() -> None:
    leaked = [
        str(path)
        for path in tracked()
        if path.suffix.lower() in IMAGES | RECORDINGS | WEIGHTS | ARCHIVES
        and not PICTURES_OF_THE_KIOSK.fullmatch(path.as_posix())
    ]
    assert leaked == []


def test_no_tracked_file_is_large_enough_to_hide_weights() -> None:
    assert [str(p) for p in tracked() if (ROOT / p).stat().st_size > LARGEST_FILE_BYTES] == []


def test_hooks_fetch_nothing() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    assert set(re.findall(r"repo: (\S+)", hooks)) == {"local"}
    assert set(re.findall(r"language: (\S+)", hooks)) == {"system"}


# -- one version, one licence, one range of Pythons ----------------------------------------------


def test_the_changelog_knows_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    headings = re.findall(r"^## \[?([\w.]+)\]?", changelog, re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert headings[1:2] in ([], [PROJECT["project"]["version"]])


def test_the_installed_version_is_that_of_the_project() -> None:
    try:
        installed = importlib.metadata.version(PROJECT["project"]["name"])
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("it is not installed in this environment: `make setup` installs it")
    assert installed == PROJECT["project"]["version"]


def test_the_licence_is_what_the_project_says() -> None:
    head = " ".join((ROOT / "LICENSE").read_text().split()[:7])
    assert head == "GNU GENERAL PUBLIC LICENSE Version 3, 29"
    assert PROJECT["project"]["license"] == "GPL-3.0-or-later"


def test_every_tool_aims_at_the_oldest_python_that_is_supported() -> None:
    assert PROJECT["tool"]["mypy"]["python_version"] == "3.11"
    assert PROJECT["tool"]["ruff"]["target-version"] == "py311"
    assert "--python-version 3.11" in (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("minor", range(9, 17))
def test_the_python_that_is_looked_for_is_the_one_that_is_required(minor: int) -> None:
    finder = (ROOT / "tools" / "find-python").read_text()
    bounds = re.search(r"\(3, (\d+)\) <= sys.version_info\[:2\] <= \(3, (\d+)\)", finder)
    assert bounds
    required = SpecifierSet(PROJECT["project"]["requires-python"])
    assert (int(bounds[1]) <= minor <= int(bounds[2])) == required.contains(f"3.{minor}")
