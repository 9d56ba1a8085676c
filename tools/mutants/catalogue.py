"""What is written down about mutants: those with a name, and those that are none.

A folder beside the tests holds it. `named/*.toml` are changes that would open a door or lose an
entry: each says where it stands by the text of the code, so that it survives a new layout.
`equivalent/` lists generated changes that change nothing, each with its reason.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from changes import Change, Place, lines_of, places


@dataclass(frozen=True)
class Named:
    """A change that somebody thought of.

    Attributes:
        name: what the program would do.
        module: its file in the domain, without the suffix.
        within: the function, dotted; empty at the module's level.
        old: an expression or a statement, as Python prints it or in any other layout.
        new: what stands there instead; empty for nothing.
    """

    name: str
    module: str
    within: str
    old: str
    new: str

    def change(self, tree: ast.Module) -> Change:
        """The change, in today's tree of its module.

        Raises:
            LookupError: the code does not stand there, or more than once.
        """
        text = _printed(self.old)
        found = [place for place in places(Place(tree)) if self._is_here(place, text)]
        if len(found) != 1:
            raise LookupError(f"{self.name}: stands {len(found)} times in {self.within}: {text}")
        (place,) = found
        node = ast.copy_location(_parsed(self.new), place.node)
        for each in ast.walk(node):
            ast.copy_location(each, place.node)
        new = _printed(self.new) if self.new else ""
        at = lines_of(place.node)
        return Change(self.within, text, new, 1, at, place.owner, place.path, node)

    def _is_here(self, place: Place, text: str) -> bool:
        here = ".".join(place.names) == self.within
        return here and isinstance(place.node, ast.expr | ast.stmt) and text == _told(place.node)


def _told(node: ast.AST) -> str:
    # An expression that is a statement by itself stands there once, not twice.
    return "" if isinstance(node, ast.Expr) else ast.unparse(node)


def _parsed(text: str) -> ast.AST:
    statement = ast.parse(text).body[0] if text else ast.Pass()
    return statement.value if isinstance(statement, ast.Expr) else statement


def _printed(text: str) -> str:
    return ast.unparse(_parsed(text))


def named(folder: Path) -> list[Named]:
    """All that have a name, in the order of their files."""
    found = []
    for file in sorted((folder / "named").glob("*.toml")):
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        found += [Named(**each) for each in told.get("mutant", ())]
    return found


def equivalents(folder: Path) -> dict[tuple[str, str], str]:
    """The reason why a change is none, by module and text of the change.

    Raises:
        ValueError: one stands there twice, or without a reason.
    """
    found: dict[tuple[str, str], str] = {}
    for module, change, reason in _listed(folder / "equivalent"):
        if (module, change) in found or not reason.strip():
            raise ValueError(f"{module}: {change}: twice, or without a reason")
        found[module, change] = reason
    return found


def _listed(folder: Path) -> Iterator[tuple[str, str, str]]:
    for file in sorted(folder.glob("*.toml")):
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        for each in told.get("equivalent", ()):
            yield each["module"], each["change"], each["reason"]
