"""The diagram of the packages, read from the imports in the code, as Mermaid text.

`python tools/package_diagram.py` prints it. An arrow says "imports"; one that follows from two
others is left out.
"""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OURS = ("config", "hardware", "kiosk", "models")
Graph = dict[str, set[str]]


def files() -> dict[str, Path]:
    """Every module of ours by its dotted name."""
    found = (path for top in OURS for path in (ROOT / top).rglob("*.py"))
    return {_dotted(path): path for path in found}


def imports_of_files() -> Graph:
    """Which module imports which, each import within a function included; types alone are not."""
    known = files()
    return {name: _imported(path, known) - {name} for name, path in known.items()}


def imports_of_packages() -> Graph:
    """The same by package: the folders of `kiosk`, and the other top packages as a whole."""
    graph: Graph = {}
    for name, imported in imports_of_files().items():
        package = package_of(name)
        others = {package_of(other) for other in imported}
        graph.setdefault(package, set()).update(others - {package})
    return graph


def package_of(module: str) -> str:
    """The package that a module belongs to; modules directly in `kiosk` are its command line."""
    parts = module.split(".")
    if parts[0] != "kiosk":
        return parts[0]
    folder = len(parts) > 1 and (ROOT / "kiosk" / parts[1]).is_dir()
    return parts[1] if folder else "cli"


def diagram() -> str:
    """The packages from top to bottom, as a Mermaid flowchart."""
    graph = imports_of_packages()
    order = tuple(TopologicalSorter(graph).static_order())
    lines = [
        f"    {package} --> {other}"
        for package in reversed(order)
        for other in reversed(order)
        if other in _needed(graph, package)
    ]
    return "\n".join(["```mermaid", "flowchart TD", *lines, "```"])


def _needed(graph: Graph, package: str) -> set[str]:
    """Its imports without those that another of its imports leads to."""
    return {
        other
        for other in graph[package]
        if not any(other in _reached(graph, between) for between in graph[package])
    }


def _reached(graph: Graph, package: str) -> set[str]:
    found: set[str] = set()
    waiting = list(graph[package])
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.add(other)
            waiting.extend(graph[other])
    return found


def _imported(path: Path, known: dict[str, Path]) -> set[str]:
    found: set[str] = set()
    for node in _executed(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.ImportFrom(module=str(module), names=names):
                within = {f"{module}.{alias.name}" for alias in names} & known.keys()
                found |= within or ({module} & known.keys())
            case ast.Import(names=names):
                found |= {alias.name for alias in names} & known.keys()
    return found


def _executed(node: ast.AST) -> list[ast.AST]:
    """Every node below, without what only a type checker reads."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return []
    below = [deeper for child in ast.iter_child_nodes(node) for deeper in _executed(child)]
    return [node, *below]


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


if __name__ == "__main__":
    print(diagram())
