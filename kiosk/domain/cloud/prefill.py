"""What was read from a document to fill a form with: proposals, which a person confirms.

Nothing rests on them, and nothing of them is kept: no check digit covers a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kiosk.domain.cloud.faces import ReadText

SURE = 90.0
"""Confidence from which on a line is proposed, 0 to 100."""
LONGEST = 40
MOST_PROPOSALS = 8


@dataclass(frozen=True, slots=True)
class Prefill:
    """What is proposed. Never logged.

    Attributes:
        names: lines that may be a name, as they are written.
    """

    names: tuple[str, ...] = field(repr=False)


def proposed(lines: Iterable[ReadText]) -> Prefill:
    """The lines that may be a name: letters only, sure, and not too long; each once."""
    sure = (it.text.strip() for it in lines if it.confidence >= SURE)
    names = dict.fromkeys(text for text in sure if _may_be_name(text))
    return Prefill(tuple(names)[:MOST_PROPOSALS])


def confirmed(prefill: Prefill, answer: str) -> str | None:
    """The name that a person chose by its number from 1, or typed; None for none.

    Args:
        prefill: what was proposed to them.
        answer: what they answered.
    """
    text = answer.strip()
    if text.isdecimal():
        at = int(text) - 1
        return prefill.names[at] if 0 <= at < len(prefill.names) else None
    return text or None


def _may_be_name(text: str) -> bool:
    words: Sequence[str] = text.replace("-", " ").replace("'", " ").replace(".", " ").split()
    return len(text) <= LONGEST and bool(words) and all(word.isalpha() for word in words)
