"""Checks of typed subject ids and given names.

An id is opaque: never a name, an e-mail or an ID number.
"""

from __future__ import annotations

from unicodedata import category

from kiosk.domain.errors import BadInput, SubjectUnknown
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.domain.vision.template import SubjectId, is_subject_id

MAX_NAME_CHARACTERS = 60
JOINERS = "\u200c\u200d\u2060\u200e\u200f\u061c"
"""Invisible characters that are part of names: Persian and Indic joiners, and direction marks.

Direction embeddings and overrides are excluded: they reverse the rest of the line."""
_AT_NO_END = JOINERS + "".join(map(chr, (*range(0x09, 0x0E), 0x20, 0xA0, 0x202F, 0x3000)))


def subject_id(text: str) -> SubjectId:
    """Check a typed id.

    Raises:
        BadInput: it is not 1 to 64 letters, digits, or `.`, `_`, `:`, `-`, a letter or digit first.
    """
    if not is_subject_id(text):
        raise BadInput(
            f"{text[:80]!r} cannot be a subject's id.",
            "Use 1 to 64 letters, digits or . _ : -, a letter or digit first: an opaque id such "
            "as a staff number's alias, not a name or an e-mail address.",
        )
    return SubjectId(text)


def given_name(text: str | None) -> str | None:
    """Check a given name; blank is None. Spaces and joiners at its ends are removed.

    Raises:
        BadInput: it is too long, or holds an invisible character that belongs to no name.
    """
    name = (text or "").strip(_AT_NO_END)
    if len(name) > MAX_NAME_CHARACTERS:
        raise BadInput(
            f"A given name has at most {MAX_NAME_CHARACTERS} characters.",
            "Give a shorter one, or none.",
        )
    for character in name:
        if not (character.isprintable() or character in JOINERS or category(character) == "Zs"):
            raise BadInput(
                f"A given name cannot hold the character U+{ord(character):04X}.",
                "Type the name again without it, or give none.",
            )
    return name or None


def unknown(subject: SubjectId) -> SubjectUnknown:
    """The error for an id that is not enrolled."""
    return SubjectUnknown(
        f"{subject} is not enrolled.",
        Remedy("Choose somebody from the list of people.", NextStep.LIST_PEOPLE),
    )
