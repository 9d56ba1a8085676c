"""What the source says of each setting: the text below its field, which no kiosk reads at run time.

pydantic can take these texts into the fields; it then parses the source of each section at each
start, a tenth of a second.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap

from pydantic import BaseModel


def descriptions(model: type[BaseModel]) -> dict[str, str]:
    """The text below each setting of a section, its bases' included; empty if there is none."""
    texts: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            texts |= _below_fields(base)
    return {name: texts.get(name, "") for name in model.model_fields}


def _below_fields(model: type[BaseModel]) -> dict[str, str]:
    (made,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(made, ast.ClassDef)
    found = {}
    for field, below in itertools.pairwise(made.body):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = text
    return found
