"""A code is what its site signed, names nobody, and begins so many sessions, not too fast (R91)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.domain.enrolment.invitation import (
    HEADING,
    MARK,
    Invitation,
    InvitationCode,
    InvitationRefusal,
    InvitationState,
    binding,
    judge_code,
    judge_invitation,
    next_attempt,
    read_code,
)
from kiosk.domain.vision.template import SubjectId

ANN = SubjectId("ann-4711")
IDENT, SITE = bytes(range(16)), b"\xfb\xff house"
CODE = InvitationCode(IDENT, binding(IDENT, ANN), SITE, 1_800_000_000, "fr")
SIGNATURE = bytes(range(100, 164))
TEXT = CODE.text(SIGNATURE)
MADE = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
OPEN = Invitation(IDENT.hex(), ANN, MADE, MADE + timedelta(days=7))


def raw(text: str = TEXT) -> bytes:
    return base64.urlsafe_b64decode(text.removeprefix(MARK))


def text_of(changed: bytes) -> str:
    return MARK + base64.urlsafe_b64encode(changed).decode()


# -- the code ------------------------------------------------------------------------------------


def test_the_bytes_of_a_code_are_those_of_its_version() -> None:
    """Printed codes outlive the program that printed them."""
    bound = hashlib.sha256(IDENT + b"ann-4711").digest()[:16]
    packed = b"\x01" + IDENT + bound + SITE + (1_800_000_000).to_bytes(4) + b"fr"
    assert raw() == packed + SIGNATURE
    assert CODE.signed_text() == b"Lintel invitation, version 1\n" + packed
    assert len(TEXT) == 162


def test_a_code_is_read_as_it_was_written() -> None:
    written = CODE.text(SIGNATURE)
    assert read_code(written) == (CODE, SIGNATURE)
    assert written == text_of(CODE.signed_text().removeprefix(HEADING) + SIGNATURE)


@pytest.mark.parametrize(
    "text",
    [
        TEXT.removeprefix(MARK),
        TEXT.lower(),
        "LINTEL-BADGE:" + TEXT.removeprefix(MARK),
        TEXT[:-1],
        TEXT[:-4],
        TEXT + "AAAA",
        TEXT + "====",
        TEXT[:-1] + "=",
        TEXT[:-1] + "!",
        TEXT + "!",
        TEXT[:40] + "\n" + TEXT[40:],
        TEXT[:-1] + "\N{SNOWMAN}",
        MARK,
        MARK + "A" * 4096,
    ],
)
def test_a_text_of_another_shape_is_no_code(text: str) -> None:
    assert read_code(text) is None


def test_one_code_has_one_spelling() -> None:
    """The other alphabet of base64 would say the same bytes."""
    assert {"-", "_"} <= set(TEXT.removeprefix(MARK))
    spelt = TEXT.removeprefix(MARK)
    assert read_code(MARK + spelt.replace("-", "+")) is None
    assert read_code(MARK + spelt.replace("_", "/")) is None


@pytest.mark.parametrize("version", [0, 2, 255])
def test_a_code_of_another_version_is_none(version: int) -> None:
    assert read_code(text_of(bytes([version]) + raw()[1:])) is None


@pytest.mark.parametrize("language", [b"FR", b"f1", b"12", b"\xc3\xa9", b"f ", b"Fr", b"\0\0"])
def test_a_code_with_no_language_is_none(language: bytes) -> None:
    place = len(raw()) - len(SIGNATURE)
    assert read_code(text_of(raw()[: place - 2] + language + raw()[place:])) is None


def test_a_code_counts_where_its_site_signed_it() -> None:
    asked = []

    def verify(text: bytes, signature: bytes) -> bool:
        asked.append((text, signature))
        return True

    assert judge_code(TEXT, SITE, verify) == CODE
    assert asked == [(CODE.signed_text(), SIGNATURE)]


@pytest.mark.parametrize(
    ("text", "site", "signed", "refusal"),
    [
        ("LINTEL-YES", SITE, True, InvitationRefusal.UNREADABLE),
        (TEXT, b"another!", True, InvitationRefusal.ELSEWHERE),
        (TEXT, SITE, False, InvitationRefusal.ALTERED),
    ],
)
def test_a_code_that_this_site_did_not_sign_does_not_count(
    text: str, site: bytes, *, signed: bool, refusal: InvitationRefusal
) -> None:
    assert judge_code(text, site, lambda *_: signed) is refusal


# -- the invitation ------------------------------------------------------------------------------


def test_an_invitation_counts_from_its_making_to_its_end() -> None:
    for now, refusal in (
        (timedelta(minutes=-5, microseconds=-1), InvitationRefusal.CLOCK),
        (timedelta(minutes=-5), None),
        (timedelta(), None),
        (timedelta(days=7, microseconds=-1), None),
        (timedelta(days=7), InvitationRefusal.EXPIRED),
    ):
        assert judge_invitation(CODE, OPEN, MADE + now) is refusal


@pytest.mark.parametrize(
    ("kept", "refusal"),
    [
        (None, InvitationRefusal.UNKNOWN),
        (replace(OPEN, subject=SubjectId("ben")), InvitationRefusal.UNKNOWN),
        (OPEN.ended(InvitationState.USED), InvitationRefusal.USED),
        (OPEN.ended(InvitationState.REVOKED), InvitationRefusal.REVOKED),
    ],
)
def test_an_invitation_that_is_over_or_not_theirs_does_not_count(
    kept: Invitation | None, refusal: InvitationRefusal
) -> None:
    assert judge_invitation(CODE, kept, MADE) is refusal


def test_a_code_of_another_id_does_not_open_an_invitation() -> None:
    other = replace(CODE, ident=bytes(16))
    assert judge_invitation(other, OPEN, MADE) is InvitationRefusal.UNKNOWN


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 0), (2, 30), (3, 60), (4, 120), (5, 240), (6, 300), (60, 300)]
)
def test_the_next_session_waits_longer_each_time(attempts: int, seconds: int) -> None:
    tried = replace(OPEN, attempts=attempts, attempted_at=MADE)
    assert next_attempt(tried) == MADE + timedelta(seconds=seconds)


def test_an_invitation_waits_until_the_very_moment() -> None:
    tried = replace(OPEN, attempts=2, attempted_at=MADE)
    for after, refusal in ((29.9, InvitationRefusal.WAIT), (30.0, None)):
        assert judge_invitation(CODE, tried, MADE + timedelta(seconds=after)) is refusal


@pytest.mark.parametrize(("attempts", "refusal"), [(4, None), (5, InvitationRefusal.EXHAUSTED)])
def test_an_invitation_begins_five_sessions(
    attempts: int, refusal: InvitationRefusal | None
) -> None:
    tried = replace(OPEN, attempts=attempts, attempted_at=MADE)
    assert judge_invitation(CODE, tried, MADE + timedelta(days=1)) is refusal


def test_a_new_invitation_has_begun_nothing_and_has_no_photograph() -> None:
    assert (OPEN.state, OPEN.attempts, OPEN.attempted_at) == (InvitationState.OPEN, 0, None)
    assert (OPEN.language, OPEN.has_photo, OPEN.groups) == ("en", False, ())


def test_an_invitation_that_is_over_keeps_no_photograph() -> None:
    over = replace(OPEN, has_photo=True).ended(InvitationState.USED)
    assert over == replace(OPEN, state=InvitationState.USED)


@pytest.mark.parametrize("shown", [repr, str])
def test_an_invitation_is_not_printed(shown: Callable[[Invitation], str]) -> None:
    assert shown(OPEN) == "Invitation(<hidden>)"
