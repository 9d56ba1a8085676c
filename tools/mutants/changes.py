"""Changes of a syntax tree: each turns one thing in a program wrong.

A change is told apart by the function that it is in, by the text of what it replaces and by what
with, as Python would print them: neither a new layout nor a new place in the file makes it another.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

Step = tuple[str, int | None]
Kept = tuple[ast.AST, str, str]
"""What stands there instead, and the texts of what changes: before and after."""

SKIPPED_FIELDS = frozenset({"annotation", "decorator_list", "returns", "type_params"})
SKIPPED = (ast.Import, ast.ImportFrom, ast.Raise, ast.JoinedStr, ast.Assert, ast.Global)
"""Nothing in them decides: names, and sentences for people. A whole `raise` may be left out."""

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
SUMS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
OPPOSITES = {"min": "max", "max": "min", "any": "all", "all": "any"}


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


# -- what ----------------------------------------------------------------------------------------


def _kept(place: Place) -> Iterator[Kept]:
    """The changes of one node, but for one that would only be made twice."""
    seen = set()
    for make in CHANGES.get(type(place.node), ()):
        for node, old, new in make(place.node):
            if not (_is_text(place.node) and place.owner is None) and (old, new) not in seen:
                seen.add((old, new))
                yield ast.copy_location(node, place.node), old, new


def _is_text(node: ast.AST) -> bool:
    """Values of enumerations and the like are names on disk; tests of what is kept hold those."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _turned(node: ast.AST, **fields: object) -> Kept:
    """With other fields; told by the whole of it."""
    changed = _with(node, **fields)
    return changed, ast.unparse(node), ast.unparse(changed)


def _without_each(node: ast.AST, field: str, least: int = 0) -> Iterator[Kept]:
    """Once without each element of a list, if more than so many are left."""
    whole: list[ast.AST] = getattr(node, field)
    for index, one in enumerate(whole):
        if len(whole) > least:
            left = whole[:index] + whole[index + 1 :]
            yield _with(node, **{field: left}), _told(one), ""


def _told(node: ast.AST) -> str:
    match node:
        case ast.match_case(pattern=pattern, guard=guard):
            more = "" if guard is None else f" if {ast.unparse(guard)}"
            return f"case {ast.unparse(pattern)}{more}"
        case ast.keyword(arg=name, value=value):
            return f"{name}={ast.unparse(value)}" if name else f"**{ast.unparse(value)}"
        case _:
            return ast.unparse(node)


def _left_out(node: ast.AST) -> Iterator[Kept]:
    yield ast.Pass(), ast.unparse(node), ""


def _compared(node: ast.Compare) -> Iterator[Kept]:
    for index, operator in enumerate(node.ops):
        ops = list(node.ops)
        ops[index] = COMPARISONS[type(operator)]()
        yield _turned(node, ops=ops)


def _joined(node: ast.BoolOp) -> Iterator[Kept]:
    yield _turned(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    for index in range(len(node.values)):
        left = node.values[:index] + node.values[index + 1 :]
        changed = left[0] if len(left) == 1 else _with(node, values=left)
        # Another node of the same text may stand elsewhere in the tree: this one is our own.
        yield copy.copy(changed), ast.unparse(node), ast.unparse(changed)


def _unary(node: ast.UnaryOp) -> Iterator[Kept]:
    if isinstance(node.op, ast.Not | ast.USub):
        yield copy.copy(node.operand), ast.unparse(node), ast.unparse(node.operand)


def _tested(node: ast.If | ast.IfExp) -> Iterator[Kept]:
    for value in (True, False):
        yield (
            _with(node, test=ast.copy_location(ast.Constant(value), node.test)),
            f"if {ast.unparse(node.test)}",
            f"if {value}",
        )


def _repeated(node: ast.While) -> Iterator[Kept]:
    never = ast.copy_location(ast.Constant(value=False), node.test)
    yield _with(node, test=never), f"while {ast.unparse(node.test)}", "while False"


def _computed(node: ast.BinOp | ast.AugAssign) -> Iterator[Kept]:
    if type(node.op) in SUMS:
        yield _turned(node, op=SUMS[type(node.op)]())


def _valued(node: ast.Constant) -> Iterator[Kept]:
    match node.value:
        case bool(value):
            yield _turned(node, value=not value)
        case int(value) | float(value):
            yield _turned(node, value=value + 1)
        case str(value):
            yield _turned(node, value=f"{value}X")
        case _:
            pass


def _called(node: ast.Call) -> Iterator[Kept]:
    yield from _without_each(node, "keywords")
    if isinstance(node.func, ast.Name) and node.func.id in OPPOSITES:
        yield _turned(node, func=ast.Name(OPPOSITES[node.func.id], ast.Load()))


def _listed(node: ast.Tuple | ast.List | ast.Set) -> Iterator[Kept]:
    if not isinstance(node, ast.Set) and not isinstance(node.ctx, ast.Load):
        return
    yield from _without_each(node, "elts", least=0 if isinstance(node, ast.Tuple) else 1)
    if isinstance(node, ast.Tuple) and len(node.elts) > 1:
        yield _turned(node, elts=node.elts[::-1])


def _filtered(node: ast.comprehension) -> Iterator[Kept]:
    for _, old, _ in _without_each(node, "ifs"):
        left = [each for each in node.ifs if ast.unparse(each) != old]
        yield _with(node, ifs=left), f"if {old}", ""


def _matched(node: ast.Match) -> Iterator[Kept]:
    yield from _without_each(node, "cases", least=1)
    for index, case in enumerate(node.cases):
        if case.guard is not None:
            cases = list(node.cases)
            cases[index] = ast.match_case(case.pattern, None, case.body)
            told = f"case {ast.unparse(case.pattern)}"
            yield _with(node, cases=cases), _told(case), told


def _either(node: ast.MatchOr) -> Iterator[Kept]:
    yield from _without_each(node, "patterns", least=2)


def _returned(node: ast.Return) -> Iterator[Kept]:
    if node.value is not None and not _is_none(node.value):
        yield _turned(node, value=ast.copy_location(ast.Constant(None), node.value))


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


Make = Callable[..., Iterator[Kept]]
CHANGES: dict[type[ast.AST], tuple[Make, ...]] = {
    ast.Compare: (_compared,),
    ast.BoolOp: (_joined,),
    ast.UnaryOp: (_unary,),
    ast.If: (_tested,),
    ast.IfExp: (_tested,),
    ast.While: (_repeated,),
    ast.BinOp: (_computed,),
    ast.AugAssign: (_computed, _left_out),
    ast.Constant: (_valued,),
    ast.Call: (_called,),
    ast.Tuple: (_listed,),
    ast.List: (_listed,),
    ast.Set: (_listed,),
    ast.comprehension: (_filtered,),
    ast.Match: (_matched,),
    ast.MatchOr: (_either,),
    ast.Return: (_returned,),
    ast.Expr: (_left_out,),
    ast.Raise: (_left_out,),
    ast.Continue: (_left_out,),
    ast.Break: (_left_out,),
}
"""Node by node, what can be made of it."""
