"""The second factors: a PIN or a badge. A factor counts only if it matches exactly.

A PIN is stored as a slow hash only. A person who is forced to open a door may type a duress PIN
instead: it grants access and raises a silent alarm, and neither display nor timing distinguishes
the two.

A badge is a text in a QR code: the person, the serial of their one valid badge, and an
authentication code over both that only the kiosk's key can make. Random values and keys are passed
in; nothing here generates them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise

from kiosk.domain.errors import BadInput
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.domain.vision.template import SubjectId

PIN_DIGITS = range(4, 13)
"""The allowed numbers of digits in a PIN."""
ADMIN_PIN_DIGITS = range(6, 13)
"""An installer's PIN is used alone, without a face, so it is longer."""
PIN_ROUNDS = 2**13
"""scrypt's cost: two hashes take about 50 ms, and 8 MB at a time."""
SALT_BYTES = 16

BADGE_MARK = "LINTEL1"
BADGE_CHARACTERS = 200
"""A longer text is not a badge."""
_CODE_CHARACTERS = 32

_FEWEST_DIFFERENT = 3


class Factor(Enum):
    """The factor that a person presents in addition to their face."""

    NONE = "none"
    PIN = "pin"
    BADGE = "badge"
    VERIFY = "verify"
    """The badge gives the identity; the face is compared with that person only (1:1)."""


BY_BADGE = frozenset({Factor.BADGE, Factor.VERIFY})
"""Factors that a badge satisfies."""


class StepUp(Enum):
    """The reason why a person is asked for a second factor until somebody has looked at it (R21).

    The value is that in the store.
    """

    NONE = "none"
    LOOKALIKE = "lookalike"
    """They resemble somebody else who is enrolled."""
    REPORTED = "reported"
    """Somebody said that they were let in as this person, and are not."""
    STALE = "stale"
    """Their fleet has not said for too long that they may still come in. Never stored."""
    UNCONFIRMED = "unconfirmed"
    """A service that should have named them gave no answer. Never stored."""


class WhenStale(Enum):
    """What people of a fleet need that has not been heard of for too long."""

    SECOND_FACTOR = "second_factor"
    """Their PIN or badge, whoever has one; the others are refused."""
    REFUSE = "refuse"
    """All of them are refused."""


class PinVerdict(Enum):
    """The result of checking a typed PIN."""

    RIGHT = "right"
    DURESS = "duress"
    """Grant access as if nothing were wrong, and raise the silent alarm."""
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Pin:
    """The hash of a PIN (scrypt, RFC 7914). Never the PIN; never printed.

    Attributes:
        salt: random, used for this PIN only.
        digest: 32 bytes; any other length matches nothing.
        rounds: scrypt's cost N, a power of two.
    """

    salt: bytes
    digest: bytes
    rounds: int = PIN_ROUNDS

    def __repr__(self) -> str:
        return "Pin(<hidden>)"

    @classmethod
    def of(cls, text: str, salt: bytes, digits: range = PIN_DIGITS) -> Pin:
        """Hash a newly chosen PIN.

        Raises:
            BadInput: it is not a PIN, or is easy to guess.
        """
        refuse_weak(text, digits)
        return cls(salt, _hash(text, salt, PIN_ROUNDS))

    def matches(self, typed: str) -> bool:
        """True if the text is this PIN; takes the same time for every text of a PIN's length."""
        same = hmac.compare_digest(self.digest, _hash(typed, self.salt, self.rounds))
        return same and _is_number(typed)


NOBODYS_PIN = Pin(salt=bytes(SALT_BYTES), digest=b"")
"""A PIN that matches nothing, and takes as long to check as any other."""


@dataclass(frozen=True, slots=True)
class Factors:
    """The second factors of one person. Never printed.

    Attributes:
        required: the factor required after their face; they may have others that are not required.
        pin: None if they have none.
        duress: None if they have none.
        badge: the serial of their one valid badge; None if they have none.
        step_up: why they are asked for a factor though none is required; NONE if they are not.
    """

    required: Factor = Factor.NONE
    pin: Pin | None = None
    duress: Pin | None = None
    badge: str | None = None
    step_up: StepUp = StepUp.NONE

    def __repr__(self) -> str:
        return "Factors(<hidden>)"

    @property
    def asked(self) -> Factor | None:
        """The factor that they are asked for at the door; None if they would have to have one.

        Whoever is stepped up shows what they have, their PIN first.
        """
        if self.required is not Factor.NONE or self.step_up is StepUp.NONE:
            return self.required
        if self.pin is not None:
            return Factor.PIN
        return Factor.BADGE if self.badge is not None else None

    def check_pin(self, typed: str) -> PinVerdict:
        """Check a typed PIN. Both hashes are always computed, so the time reveals nothing.

        For a person without a PIN the result is always WRONG.
        """
        right = (self.pin or NOBODYS_PIN).matches(typed)
        duress = (self.duress or NOBODYS_PIN).matches(typed)
        if duress:
            return PinVerdict.DURESS
        return PinVerdict.RIGHT if right else PinVerdict.WRONG

    def requiring(self, factor: Factor, subject: SubjectId) -> Factors:
        """A copy that requires another factor at the door.

        Raises:
            BadInput: they do not have that factor and would be locked out.
        """
        if factor is Factor.PIN and self.pin is None:
            raise no_pin(subject)
        if factor in BY_BADGE and self.badge is None:
            raise no_badge(subject)
        return replace(self, required=factor)

    def with_pin(self, text: str, salt: bytes) -> Factors:
        """A copy with a new PIN.

        Raises:
            BadInput: it is not a PIN, is easy to guess, or is the duress PIN.
        """
        pin = Pin.of(text, salt)
        _refuse_same(self.duress, text)
        return replace(self, pin=pin)

    def with_duress(self, text: str, salt: bytes, subject: SubjectId) -> Factors:
        """A copy with a new duress PIN.

        Raises:
            BadInput: it is not a PIN, is easy to guess, or is the PIN; or they have no PIN.
        """
        if self.pin is None:
            raise no_pin(subject)
        duress = Pin.of(text, salt)
        _refuse_same(self.pin, text)
        return replace(self, duress=duress)

    def without_pin(self, subject: SubjectId) -> Factors:
        """A copy with neither PIN nor duress PIN.

        Raises:
            BadInput: they have no PIN, or need it at the door.
        """
        if self.pin is None:
            raise no_pin(subject)
        if self.required is Factor.PIN:
            raise BadInput(
                f"{subject} is asked for their PIN at the door.",
                Remedy(
                    "First stop asking them for a second factor.",
                    NextStep.DROP_FACTOR,
                    subject=subject,
                ),
            )
        return replace(self, pin=None, duress=None)


def no_pin(subject: SubjectId) -> BadInput:
    """The error for a person without a PIN."""
    remedy = Remedy("Give them a PIN first.", NextStep.SET_PIN, subject=subject)
    return BadInput(f"{subject} has no PIN.", remedy)


def no_badge(subject: SubjectId) -> BadInput:
    """The error for a person without a valid badge."""
    remedy = Remedy("Make them a badge first.", NextStep.ISSUE_BADGE, subject=subject)
    return BadInput(f"{subject} has no valid badge.", remedy)


def badge_text(subject: SubjectId, serial: str, key: bytes) -> str:
    """The text of a badge's QR code.

    Args:
        subject: the badge's owner.
        serial: of this one badge; contains no colon.
        key: the home's key for badges; anyone who has it can make badges.
    """
    said = f"{BADGE_MARK}:{subject}:{serial}"
    code = hmac.digest(key, _bytes(said), "sha256").hex()[:_CODE_CHARACTERS]
    return f"{said}:{code}"


def check_badge(
    text: str, key: bytes, serial_of: Callable[[SubjectId], str | None]
) -> SubjectId | None:
    """The owner of the valid badge with this text; None for any other text that a camera may read.

    Args:
        text: as it was read; untrusted.
        key: the home's key for badges.
        serial_of: the serial of a subject's one valid badge; None if they have none or are unknown.
            Called only for a text that this home's key made.
    """
    if len(text) > BADGE_CHARACTERS:
        return None
    said, _, _ = text.rpartition(":")
    rest, _, serial = said.rpartition(":")
    subject = SubjectId(rest.removeprefix(f"{BADGE_MARK}:"))
    ours = badge_text(subject, serial, key)
    if not hmac.compare_digest(_bytes(text), _bytes(ours)):
        return None
    return subject if serial_of(subject) == serial else None


def _hash(text: str, salt: bytes, rounds: int) -> bytes:
    memory = 2 * 128 * 8 * rounds
    return hashlib.scrypt(_bytes(text), salt=salt, n=rounds, r=8, p=1, maxmem=memory, dklen=32)


def _bytes(text: str) -> bytes:
    """Encode a text; different texts never give the same bytes, lone surrogates included."""
    return text.encode("utf-8", "surrogatepass")


def _is_number(text: str) -> bool:
    """True for ASCII digits only: scrypt ignores zero bytes at the end of a text."""
    return text.isascii() and text.isdigit()


def refuse_weak(text: str, digits: range) -> None:
    """Refuse a PIN that is malformed or easy to guess.

    Raises:
        BadInput: it has a wrong number of digits, or is among the first that anybody would try.
    """
    if not (_is_number(text) and len(text) in digits):
        raise BadInput(
            f"A PIN has {digits.start} to {digits.stop - 1} digits and nothing else.",
            "Choose another one.",
        )
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(text)}
    if len(steps) == 1 or len(set(text)) < _FEWEST_DIFFERENT:
        raise BadInput(
            "That PIN would be among the first that anybody tries.",
            "Choose one with three different digits or more, and no run such as 1234 or 8642.",
        )


def _refuse_same(other: Pin | None, text: str) -> None:
    if other is not None and other.matches(text):
        raise BadInput("The PIN and the duress PIN are the same.", "Choose two that are not alike.")
