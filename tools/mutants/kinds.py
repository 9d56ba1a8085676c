"""The kinds of changes: node by node of a syntax tree, what can be made of it."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator

Kept = tuple[ast.AST, str, str]
"""What stands there instead, and the texts of what changes: before and after."""

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
        if case.guard is not None and not _hides(node, index):
            cases = list(node.cases)
            cases[index] = ast.match_case(case.pattern, None, case.body)
            told = f"case {ast.unparse(case.pattern)}"
            yield _with(node, cases=cases), _told(case), told


def _hides(node: ast.Match, index: int) -> bool:
    """True if this case, without its guard, would leave nothing to those after it: no program."""
    pattern = node.cases[index].pattern
    takes_all = isinstance(pattern, ast.MatchAs) and pattern.pattern is None
    return takes_all and index < len(node.cases) - 1


def _either(node: ast.MatchOr) -> Iterator[Kept]:
    yield from _without_each(node, "patterns", least=2)


def _returned(node: ast.Return) -> Iterator[Kept]:
    if node.value is not None and not _is_none(node.value):
        yield _turned(node, value=ast.copy_location(ast.Constant(None), node.value))


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


Make = Callable[..., Iterator[Kept]]
KINDS: dict[type[ast.AST], tuple[Make, ...]] = {
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
"""The makers of changes, for each class of nodes."""
