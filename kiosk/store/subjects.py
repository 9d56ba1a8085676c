"""What a subject may be called. An id is opaque: it is never a name, an e-mail or a number of ID.

The characters are those that Rekognition takes for an ExternalImageId (R28), so that an id means
the same person everywhere. There is no `@` among them, so that no e-mail address fits (R69).
"""

from __future__ import annotations

import re

from kiosk.domain.errors import BadInput, SubjectUnknown
from kiosk.domain.template import SubjectId

MAX_NAME_CHARACTERS = 60
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
    """Check a given name; blank is none.

    Raises:
        BadInput: it is too long or holds control characters.
    """
    name = (text or "").strip()
    if len(name) > MAX_NAME_CHARACTERS or not name.isprintable():
        raise BadInput(
            f"A given name has at most {MAX_NAME_CHARACTERS} printable characters.",
            "Give a shorter one, or none.",
        )
    return name or None


def unknown(subject: SubjectId) -> SubjectUnknown:
    """Nobody of that id is enrolled."""
    return SubjectUnknown(f"{subject} is not enrolled.", "See `kiosk people list`.")
