"""Changes of a syntax tree: each turns one thing in a program wrong.

A change is told apart by the function that it is in, by the text of what it replaces and by what
with, as Python would print them: neither a new layout nor a new place in the file makes it another.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from kinds import KINDS, Kept

Step = tuple[str, int | None]

SKIPPED_FIELDS = frozenset({"annotation", "decorator_list", "returns", "type_params"})
SKIPPED = (ast.Import, ast.ImportFrom, ast.Raise, ast.JoinedStr, ast.Assert, ast.Global)
"""Nothing in them decides: names, and sentences for people. A whole `raise` may be left out."""


@dataclass(frozen=True)
class Change:
    """One change of one module's tree.

    Attributes:
        within: dotted name of the function or class that it is in; empty at the module's level.
        old: what stands there.
        new: what stands there instead; empty if nothing does.
        number: from 1, where the same change can be made in several places of the function.
        lines: first and last line of what is changed.
        owner: name and first line of the function whose code carries it; None where the module
            must be imported anew.
        path: the way from the root of the tree.
        node: what is put there.
    """

    within: str
    old: str
    new: str
    number: int
    lines: tuple[int, int]
    owner: tuple[str, int] | None
    path: tuple[Step, ...]
    node: ast.AST

    @property
    def text(self) -> str:
        """The change in one line, for people and for the list of equivalents."""
        more = f" (no. {self.number})" if self.number > 1 else ""
        return f"{self.within or 'module'}: {self.old} -> {self.new or 'nothing'}{more}"


@dataclass(frozen=True)
class Place:
    """A node and where it stands."""

    node: ast.AST
    path: tuple[Step, ...] = ()
    names: tuple[str, ...] = ()
    owner: tuple[str, int] | None = None


def changes(tree: ast.Module) -> list[Change]:
    """Every change of a module, in the order of its text."""
    seen: Counter[tuple[str, str, str]] = Counter()
    made = []
    for place in places(Place(tree)):
        for node, old, new in _kept(place):
            if old != new:
                change = _change(place, node, old, new)
                key = (change.within, old, new)
                seen[key] += 1
                made.append(replace(change, number=seen[key]))
    return made


def apply(tree: ast.Module, change: Change) -> ast.Module:
    """The tree itself, changed."""
    if not change.path:
        raise ValueError("a module is not replaced as a whole")
    parent: ast.AST = tree
    for field, index in change.path[:-1]:
        parent = _child(parent, field, index)
    field, index = change.path[-1]
    if index is None:
        setattr(parent, field, change.node)
    else:
        getattr(parent, field)[index] = change.node
    return ast.fix_missing_locations(tree)


def _child(parent: ast.AST, field: str, index: int | None) -> ast.AST:
    found: ast.AST = getattr(parent, field) if index is None else getattr(parent, field)[index]
    return found


def _change(place: Place, node: ast.AST, old: str, new: str) -> Change:
    lines = lines_of(place.node)
    return Change(".".join(place.names), old, new, 1, lines, place.owner, place.path, node)


def lines_of(node: ast.AST) -> tuple[int, int]:
    """First and last line of what is looked at, without what is done about it."""
    match node:
        case ast.If(test=head) | ast.While(test=head) | ast.Match(subject=head):
            return lines_of(head)
        case ast.comprehension(iter=head):
            return lines_of(head)
        case _:
            return getattr(node, "lineno", 1), getattr(node, "end_lineno", 1)


# -- where ---------------------------------------------------------------------------------------


def places(place: Place) -> Iterator[Place]:
    """A place and all below it that a change can be made in."""
    yield place
    if isinstance(place.node, SKIPPED):
        return
    for field, value in ast.iter_fields(place.node):
        if field not in SKIPPED_FIELDS:
            for index, child in _children(value):
                if not _says_nothing(place.node, field, child):
                    yield from places(_below(place, field, index, child))


def _children(value: object) -> Iterator[tuple[int | None, ast.AST]]:
    if isinstance(value, ast.AST):
        yield None, value
    elif isinstance(value, list):
        yield from ((index, one) for index, one in enumerate(value) if isinstance(one, ast.AST))


def _says_nothing(parent: ast.AST, field: str, child: ast.AST) -> bool:
    """Docstrings, names of types, and what only a checker of types reads."""
    match parent, child:
        case _, ast.Expr(value=ast.Constant()):
            return True
        case ast.Subscript(value=ast.Name(id=name)), _ if field == "slice":
            return name[0].isupper() or name in {"tuple", "list", "dict", "set", "frozenset"}
        case _, ast.Assign(value=ast.Call(func=ast.Name(id="NewType" | "TypeVar"))):
            return True
        case _, ast.Assign(targets=[ast.Name(id=name)]):
            return name.startswith("__")
        case _, ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case _:
            return False


def _below(place: Place, field: str, index: int | None, child: ast.AST) -> Place:
    here, path = place.node, (*place.path, (field, index))
    if not isinstance(here, ast.FunctionDef | ast.ClassDef):
        return Place(child, path, place.names, place.owner)
    names, owner = (*place.names, here.name), place.owner
    if isinstance(here, ast.FunctionDef) and field == "body" and owner is None:
        first = min([here.lineno, *(each.lineno for each in here.decorator_list)])
        owner = (here.name, first)
    return Place(child, path, names, owner)


def _kept(place: Place) -> Iterator[Kept]:
    """The changes of one node, but for one that would only be made twice."""
    seen = set()
    for make in KINDS.get(type(place.node), ()):
        for node, old, new in make(place.node):
            if not (_is_text(place.node) and place.owner is None) and (old, new) not in seen:
                seen.add((old, new))
                yield ast.copy_location(node, place.node), old, new


def _is_text(node: ast.AST) -> bool:
    """Values of enumerations and the like are names on disk; tests of what is kept hold those."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
