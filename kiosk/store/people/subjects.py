"""What a subject may be called. An id is opaque: it is never a name, an e-mail or a number of ID.

The characters are those that Rekognition takes for an ExternalImageId (R28), so that an id means
the same person everywhere. There is no `@` among them, so that no e-mail address fits (R69).
"""

from __future__ import annotations

import re
from unicodedata import category

from kiosk.domain.errors import BadInput, SubjectUnknown
from kiosk.domain.vision.template import SubjectId

MAX_NAME_CHARACTERS = 60
JOINERS = "\u200c\u200d\u2060\u200e\u200f\u061c"
"""Not shown, and part of names: Persian and Indic joiners, and the marks of a text's direction.

Embeddings and overrides of direction are not among them: they turn the rest of the line about.
"""
_AT_NO_END = JOINERS + "".join(map(chr, (*range(0x09, 0x0E), 0x20, 0xA0, 0x202F, 0x3000)))
_SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")


def subject_id(text: str) -> SubjectId:
    """Check an id that somebody typed.

    Raises:
        BadInput: it is not 1 to 64 letters, digits, or `.`, `_`, `:`, `-`, a letter or digit first.
    """
    if not _SUBJECT.fullmatch(text):
        raise BadInput(
            f"{text[:80]!r} cannot be a subject's id.",
            "Use 1 to 64 letters, digits or . _ : -, a letter or digit first: an opaque id such "
            "as a staff number's alias, not a name or an e-mail address.",
        )
    return SubjectId(text)


def given_name(text: str | None) -> str | None:
    """Check a given name; blank is none. No space or joiner is left at its ends.

    Raises:
        BadInput: it is too long, or holds a character that is not shown and belongs to no name.
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
    """Nobody of that id is enrolled."""
    return SubjectUnknown(f"{subject} is not enrolled.", "See `kiosk people list`.")
