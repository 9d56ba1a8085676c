"""What kiosk and relay say to each other, byte by byte."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.door.mqtt.messages import RelayAnswer, RelayCommand, Seal, decoded
from kiosk.domain.door.protocol import DoorReading, Leaf, Lock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEY = b"k" * 32
SECURED = {"id": "1", "lock": "secured"}


def test_a_command_says_when_it_is_void() -> None:
    said = json.loads(RelayCommand("ab", "release", NOON, 0.75, 5.0, 2.0).encoded())
    assert said == {
        "id": "ab",
        "verb": "release",
        "seconds": 5.0,
        "push_seconds": 2.0,
        "issued_at": "2026-11-21T12:00:00.000000+00:00",
        "expires_at": "2026-11-21T12:00:00.750000+00:00",
    }


def test_a_command_is_one_line() -> None:
    assert b"\n" not in RelayCommand("ab", "status", NOON, 1.0).encoded()


def test_a_signature_is_what_the_page_says() -> None:
    signature = hmac.new(KEY, b"a/b\n{}", hashlib.sha256).hexdigest().encode()
    assert Seal(KEY).sealed("a/b", b"{}") == b"{}\n" + signature


def test_what_was_sealed_opens_once_more() -> None:
    seal = Seal(KEY)
    assert seal.opened("a/b", seal.sealed("a/b", b"{}")) == b"{}"
    assert seal.opened("a/b", seal.sealed("a/b", b"{}") + b"\n") == b"{}"


@pytest.mark.parametrize(
    "message",
    [
        b"{}",
        b"{}\n",
        b"{}\nffff",
        Seal(b"j" * 32).sealed("a/b", b"{}"),
        Seal(KEY).sealed("a/c", b"{}"),
        Seal(KEY).sealed("a/b", b"{}").replace(b"{}", b"[]"),
        b"{}\n\xff",
    ],
    ids=["none", "empty", "short", "another key", "another topic", "altered", "no hex"],
)
def test_another_signature_opens_nothing(message: bytes) -> None:
    assert Seal(KEY).opened("a/b", message) is None


def test_without_a_key_everybody_is_believed() -> None:
    assert Seal(None).sealed("a/b", b"{}") == b"{}"
    assert Seal(None).opened("a/b", b"{}\nwhatever") == b"{}"


def test_a_key_is_not_shown() -> None:
    assert "kkkk" not in repr(Seal(KEY))


def test_what_is_not_fitted_reads_as_at_rest() -> None:
    assert decoded(json.dumps(SECURED).encode()) == RelayAnswer("1", DoorReading())


def test_everything_that_is_fitted_is_read() -> None:
    said = {
        "id": "1",
        "lock": "released",
        "leaf": "open",
        "tampered": True,
        "exit_asked": True,
        "fire": True,
        "neighbour_secured": True,
        "firmware": "7",
    }
    answer = RelayAnswer("1", DoorReading(Lock.RELEASED, Leaf.OPEN, True, True, True, True))  # noqa: FBT003 - in order
    assert decoded(json.dumps(said).encode()) == answer


@pytest.mark.parametrize(
    "wrong",
    [
        {"lock": None},
        {"lock": "ajar"},
        {"lock": ["secured"]},
        {"leaf": "ajar"},
        {"leaf": True},
        {"tampered": 1},
        {"exit_asked": "yes"},
        {"fire": None},
        {"neighbour_secured": 1},
        {"neighbour_secured": 0},
        {"neighbour_secured": ""},
    ],
    ids=str,
)
def test_one_wrong_word_makes_a_reading_void(wrong: dict[str, object]) -> None:
    assert decoded(json.dumps(SECURED | wrong).encode()) == RelayAnswer("1", None)


@pytest.mark.parametrize("refused", ["expired", "signature", "whatever"])
def test_a_refusal_is_no_reading(refused: str) -> None:
    said = json.dumps(SECURED | {"refused": refused}).encode()
    assert decoded(said) == RelayAnswer("1", None, refused)


def test_a_refusal_that_is_no_word_is_one_all_the_same() -> None:
    assert decoded(json.dumps(SECURED | {"refused": False}).encode()) == RelayAnswer("1", None, "")


@pytest.mark.parametrize(
    "line", [b"", b"null", b"[]", b'{"id": 1}', b"{}", b"\xff\xfe", b"[" * 100_000], ids=len
)
def test_what_is_no_answer(line: bytes) -> None:
    assert decoded(line) is None


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything(line: bytes) -> None:
    decoded(line)
    assert Seal(KEY).opened("a/b", line) is None
