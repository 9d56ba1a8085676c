"""An invitation to enrol: what its code says, and when it counts. No clock, no key, no file.

The code is a bearer's credential: whoever holds it may enrol as the person invited. It names
nobody. It is bound to the person by a hash that only whoever knows their id can compute, and signed
by the site. Everything else about them stays in the store.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum

from kiosk.domain.access.backoff import Backoff
from kiosk.domain.vision.template import SubjectId

MARK = "LINTEL-INVITE:"
"""The beginning of every invitation's code."""

ID_BYTES, BINDING_BYTES, SITE_BYTES = 16, 16, 8
SIGNATURE_BYTES = 64
VERSION = 1
HEADING = b"Lintel invitation, version 1\n"
"""What a signature covers first; no other signed text of Lintel begins with it."""

MOST_ATTEMPTS = 5
ATTEMPTS = Backoff(free=2, every=1, first_seconds=30.0, longest_seconds=300.0)
"""The waits between sessions that an invitation began and that enrolled nobody."""

MOST_SKEW = timedelta(minutes=5)
"""A clock that is this much before the invitation's making is wrong."""

_LAYOUT = struct.Struct(f">B{ID_BYTES}s{BINDING_BYTES}s{SITE_BYTES}sI2s")


class InvitationRefusal(Enum):
    """Why an invitation does not count; the person is told kindly, and no more than this."""

    UNREADABLE = "unreadable"
    """It is no invitation."""
    ELSEWHERE = "elsewhere"
    """It is of another site."""
    ALTERED = "altered"
    """No key of this site has signed it."""
    UNKNOWN = "unknown"
    """It is not kept here any more, or is another person's."""
    REVOKED = "revoked"
    USED = "used"
    EXPIRED = "expired"
    EXHAUSTED = "exhausted"
    """It has begun as many sessions as it may."""
    WAIT = "wait"
    """Its next session may begin later."""
    CLOCK = "clock"
    """The kiosk's clock shows a time before it was made."""


class InvitationState(Enum):
    """What became of an invitation; the value is that in the store."""

    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class InvitationCode:
    """What a code says.

    Attributes:
        ident: the invitation's random id, `ID_BYTES`.
        binding: to the person, `BINDING_BYTES`; see `binding`.
        site: the site whose key signs it, `SITE_BYTES`.
        expires_at: seconds since 1970.
        language: ISO 639-1 code of the language to begin in.
    """

    ident: bytes
    binding: bytes
    site: bytes
    expires_at: int
    language: str

    def signed_text(self) -> bytes:
        """The text that the signature covers."""
        return HEADING + self._packed()

    def text(self, signature: bytes) -> str:
        """The text of the QR code."""
        return MARK + _encoded(self._packed() + signature)

    def _packed(self) -> bytes:
        language = self.language.encode("ascii")
        return _LAYOUT.pack(VERSION, self.ident, self.binding, self.site, self.expires_at, language)


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as it is stored. Never printed.

    Attributes:
        ident: its id, hexadecimal.
        subject: whom it invites.
        issued_at: when, UTC.
        expires_at: from then on it does not count, UTC.
        given_name: for the greeting; None for none.
        language: ISO 639-1 code of the language to begin in.
        groups: whose doors and times will be theirs.
        valid_until: the last day on which they may enter; None for no limit.
        state: what became of it.
        attempts: the sessions that it began.
        attempted_at: when the last one began, UTC; None before the first.
        has_photo: True if a photograph to compare with is sealed under its key.
        code: the text of its code, if a fleet's inviter has signed it: the fleet has to see it.
            None for one of this kiosk's own.
        answers: the texts of the codes for yes and no that a fleet's inviter has signed for it.
        withdrawn_at: when whoever enrolled with a fleet's took their consent back here, UTC.
    """

    ident: str
    subject: SubjectId
    issued_at: datetime
    expires_at: datetime
    given_name: str | None = None
    language: str = "en"
    groups: tuple[str, ...] = ()
    valid_until: date | None = None
    state: InvitationState = InvitationState.OPEN
    attempts: int = 0
    attempted_at: datetime | None = None
    has_photo: bool = False
    code: str | None = None
    answers: tuple[str, str] | None = None
    withdrawn_at: datetime | None = None

    def __repr__(self) -> str:
        return "Invitation(<hidden>)"

    def ended(self, state: InvitationState) -> Invitation:
        """The invitation once it was used or revoked; it keeps no photograph."""
        return replace(self, state=state, has_photo=False)


def binding(ident: bytes, subject: SubjectId) -> bytes:
    """The hash that binds a code to a person without naming them."""
    return hashlib.sha256(ident + subject.encode()).digest()[:BINDING_BYTES]


def read_code(text: str) -> tuple[InvitationCode, bytes] | None:
    """A code and its signature, which is not verified yet; None if it is no invitation.

    Args:
        text: as a camera read it; untrusted.
    """
    if not text.startswith(MARK):
        return None
    raw = _decoded(text.removeprefix(MARK))
    if len(raw) != _LAYOUT.size + SIGNATURE_BYTES or raw[0] != VERSION:
        return None
    _, ident, bound, site, expires_at, language = _LAYOUT.unpack(raw[: _LAYOUT.size])
    if not (language.isalpha() and language.islower()):
        return None
    said = InvitationCode(ident, bound, site, expires_at, language.decode("ascii"))
    return said, raw[_LAYOUT.size :]


def judge_code(
    text: str, site: bytes, verify: Callable[[bytes, bytes], bool]
) -> InvitationCode | InvitationRefusal:
    """What a code says, if this site has signed it; else why it does not count.

    Args:
        text: as a camera read it; untrusted.
        site: this site.
        verify: True if the site's key has signed a text (first) with a signature (second).
    """
    read = read_code(text)
    if read is None:
        return InvitationRefusal.UNREADABLE
    said, signature = read
    if said.site != site:
        return InvitationRefusal.ELSEWHERE
    if not verify(said.signed_text(), signature):
        return InvitationRefusal.ALTERED
    return said


def judge_invitation(
    said: InvitationCode, kept: Invitation | None, now: datetime
) -> InvitationRefusal | None:
    """Why an invitation whose code is genuine does not count now; None if it does.

    Args:
        said: the code.
        kept: the invitation with that id; None if there is none.
        now: UTC.
    """
    if kept is None or said.binding != binding(said.ident, kept.subject):
        return InvitationRefusal.UNKNOWN
    if kept.state is not InvitationState.OPEN:
        used = kept.state is InvitationState.USED
        return InvitationRefusal.USED if used else InvitationRefusal.REVOKED
    if now < kept.issued_at - MOST_SKEW:
        return InvitationRefusal.CLOCK
    if not now < kept.expires_at:
        return InvitationRefusal.EXPIRED
    if kept.attempts >= MOST_ATTEMPTS:
        return InvitationRefusal.EXHAUSTED
    return InvitationRefusal.WAIT if now < next_attempt(kept) else None


def next_attempt(kept: Invitation) -> datetime:
    """When an invitation may begin its next session, UTC; a clock set back makes it no sooner."""
    if kept.attempted_at is None:
        return kept.issued_at - MOST_SKEW
    return kept.attempted_at + timedelta(seconds=ATTEMPTS.wait(kept.attempts))


def _encoded(raw: bytes) -> str:
    """A base64url text; the length of a code is one that needs no padding."""
    return base64.urlsafe_b64encode(raw).decode()


def _decoded(text: str) -> bytes:
    """The bytes of a base64url text; none if it is another text, or another spelling."""
    try:
        raw = base64.urlsafe_b64decode(text)
    except ValueError:
        return b""
    return raw if _encoded(raw) == text else b""
