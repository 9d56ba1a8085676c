"""The refusal of a manifest that is not as it should be."""

from __future__ import annotations

import re

from kiosk.domain.errors import ModelError

PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""A name that is neither a path nor an option."""


def require(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - a positional condition
    """Raises ModelError: the condition does not hold."""
    if not holds:
        raise broken(otherwise)


def broken(detail: str) -> ModelError:
    """The error for a manifest that is not as it should be."""
    return ModelError(
        f"The manifest of the model packs is broken: {detail}.",
        "Install Lintel again; this file is part of it.",
    )
