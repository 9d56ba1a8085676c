"""The refusal of a network that a rewrite does not know."""

from __future__ import annotations

from kiosk.domain.errors import ModelError


def refused(name: str, why: str) -> ModelError:
    """The error for a network that cannot be rewritten.

    Args:
        name: of the file.
        why: what is not known, as the end of a sentence.
    """
    return ModelError(
        f"{name} cannot be rewritten: {why}.",
        "Use the files that the manifest of this Lintel names.",
    )


def require(holds: bool, name: str, otherwise: str) -> None:  # noqa: FBT001 - a positional condition
    """Refuse the network unless the condition holds.

    Raises:
        ModelError: it does not hold.
    """
    if not holds:
        raise refused(name, otherwise)
