"""Ways to break the deciding core, one small lie each. Every one must be found out by a test.

Each is a piece of the source as it stands and what it would say instead. A piece that no longer
stands there, or stands there twice, is an error: then the list has fallen behind the code.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One lie.

    Attributes:
        name: what the program would do.
        module: its file in `kiosk/domain`, without the suffix.
        old: the source as it stands.
        new: what it would say.
        tests: of `tests/unit/domain`, asked in this order until one fails.
    """

    name: str
    module: str
    old: str
    new: str
    tests: tuple[str, ...]


def lies(module: str, tests: tuple[str, ...], *pairs: tuple[str, str, str]) -> list[Mutant]:
    """Mutants of one module: (name, old, new) each."""
    return [Mutant(name, module, old, new, tests) for name, old, new in pairs]
