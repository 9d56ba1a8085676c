"""An operator's order counts once, here and now, signed to the last letter; nothing else does."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from kiosk.domain.operators.encoding import HEADING, MOST_BYTES, reply, sealed, signed_text
from kiosk.domain.operators.judgement import (
    MOST_LIFE_MS,
    MOST_SKEW_MS,
    OperatorRules,
    OrderMemory,
    judge,
)
from kiosk.domain.operators.orders import (
    Order,
    OrderAnswer,
    OrderOutcome,
    OrderRefusal,
    RefusedOrder,
    Verb,
)
from kiosk.domain.vision.template import SubjectId

START = 1_700_000_000_000
NOW = START + 60_000
ID = "0123456789abcdef0123456789abcdef"
KEYS = {"anna": b"a" * 32, "boris": b"b" * 32}


def sign(operator: str, text: bytes) -> bytes:
    return hmac.new(KEYS[operator], text, hashlib.sha512).digest()


def verify(operator: str, text: bytes, signature: bytes) -> bool:
    return hmac.compare_digest(sign(operator, text), signature)


KIOSK = "fedcba9876543210"
RULES = OperatorRules("lobby", frozenset(KEYS), 60.0, verify, KIOSK)
FRESH = OrderMemory(START)
ORDER = Order(ID, Verb.RELEASE, "lobby", "anna", NOW - 1000, NOW + 4000, kiosk=KIOSK)


def sent(order: Order, by: str | None = None) -> bytes:
    """An order as its operator, or somebody else, signs it."""
    return sealed(order, sign(by or order.operator, signed_text(order.fields())))


def sent_raw(**changes: object) -> bytes:
    """The order with other fields (None to leave one out), all of it signed by anna."""
    said = {k: v for k, v in (ORDER.fields() | changes).items() if v is not None}  # type: ignore[operator] # any at all
    signature = sign("anna", signed_text(said)).hex()
    return json.dumps({"order": said, "signature": signature}).encode()


def verdict(raw: bytes, now: int = NOW, memory: OrderMemory = FRESH) -> Order | RefusedOrder:
    return judge(raw, now, memory, RULES)[0]


def reason(raw: bytes, now: int = NOW, memory: OrderMemory = FRESH) -> OrderRefusal | None:
    found = verdict(raw, now, memory)
    return found.reason if isinstance(found, RefusedOrder) else None


# -- what counts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", Verb)
def test_every_verb_counts_as_it_was_sent(verb: Verb) -> None:
    order = replace(ORDER, verb=verb)
    assert verdict(sent(order)) == order


@pytest.mark.parametrize(
    "order",
    [
        replace(ORDER, seconds=7.5),
        replace(ORDER, seconds=60),
        replace(ORDER, seconds=0.001),
        replace(ORDER, verb=Verb.RESET_PASSBACK, subject=SubjectId("s-1001")),
        replace(ORDER, verb=Verb.RESET_PASSBACK, subject=SubjectId("9" * 64)),
        replace(ORDER, operator="boris"),
        replace(ORDER, issued_at=NOW + MOST_SKEW_MS, expires_at=NOW + MOST_SKEW_MS + 1),
        replace(ORDER, issued_at=NOW, expires_at=NOW + MOST_LIFE_MS),
        replace(ORDER, issued_at=START + 1, expires_at=START + MOST_LIFE_MS),
    ],
)
def test_what_is_just_allowed_counts(order: Order) -> None:
    assert verdict(sent(order), min(NOW, order.expires_at - 1)) == order


# -- near misses ---------------------------------------------------------------------------------


def test_somebody_else_signs() -> None:
    found = verdict(sent(ORDER, by="boris"))
    assert found == RefusedOrder(OrderRefusal.BAD_SIGNATURE, "anna")


def test_a_stranger_signs() -> None:
    stranger = replace(ORDER, operator="carol")
    raw = sealed(stranger, sign("anna", signed_text(stranger.fields())))
    assert verdict(raw) == RefusedOrder(OrderRefusal.UNKNOWN_OPERATOR)


@pytest.mark.parametrize("operator", [None, 1, ["anna"], {"anna": 1}, "", "Anna"])
def test_nobody_signs(operator: object) -> None:
    assert verdict(sent_raw(operator=operator)) == RefusedOrder(OrderRefusal.UNKNOWN_OPERATOR)


@pytest.mark.parametrize("name", ["id", "verb", "door", "issued_at", "expires_at", "arguments"])
def test_a_word_is_changed_after_it_was_signed(name: str) -> None:
    said = json.loads(sent(replace(ORDER, verb=Verb.STATUS)))
    said["order"][name] = {
        "id": ID[::-1],
        "verb": "release",
        "door": "cellar",
        "issued_at": NOW,
        "expires_at": NOW + 5000,
        "arguments": {"seconds": 60},
    }[name]
    assert reason(json.dumps(said).encode()) is OrderRefusal.BAD_SIGNATURE


def test_a_signature_of_something_else_signs_no_order() -> None:
    """The heading: whatever else a key may once sign begins otherwise."""
    bare = signed_text(ORDER.fields()).removeprefix(HEADING)
    assert reason(sealed(ORDER, sign("anna", bare))) is OrderRefusal.BAD_SIGNATURE


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (replace(ORDER, door="cellar"), OrderRefusal.OTHER_DOOR),
        (replace(ORDER, kiosk="0123456789abcdef"), OrderRefusal.OTHER_KIOSK),
        (replace(ORDER, kiosk=""), OrderRefusal.OTHER_KIOSK),
        (replace(ORDER, issued_at=NOW, expires_at=NOW + 10_001), OrderRefusal.TOO_LONG_LIVED),
        (replace(ORDER, issued_at=NOW, expires_at=NOW), OrderRefusal.TOO_LONG_LIVED),
        (replace(ORDER, issued_at=NOW + 2001, expires_at=NOW + 3000), OrderRefusal.FROM_THE_FUTURE),
        (replace(ORDER, issued_at=0), OrderRefusal.TOO_LONG_LIVED),
        (replace(ORDER, expires_at=10**14), OrderRefusal.TOO_LONG_LIVED),
        (replace(ORDER, expires_at=NOW), OrderRefusal.EXPIRED),
        (replace(ORDER, issued_at=NOW - 9000, expires_at=NOW - 1), OrderRefusal.EXPIRED),
    ],
)
def test_another_door_or_another_time(order: Order, expected: OrderRefusal) -> None:
    assert verdict(sent(order)) == RefusedOrder(expected, "anna", ID)


@pytest.mark.parametrize("verb", Verb)
def test_by_a_clock_that_is_not_relied_on_nothing_opens(verb: Verb) -> None:
    found, _ = judge(sent(replace(ORDER, verb=verb)), NOW, FRESH, RULES, trusted=False)
    opens = verb in {Verb.RELEASE, Verb.LIFT, Verb.RESUME, Verb.RESET_PASSBACK}
    assert isinstance(found, RefusedOrder) is opens
    assert not opens or found == RefusedOrder(OrderRefusal.CLOCK, "anna", ID)


def test_a_clock_that_is_not_relied_on_hides_no_other_reason() -> None:
    raw = sent(replace(ORDER, door="cellar"))
    found, _ = judge(raw, NOW, FRESH, RULES, trusted=False)
    assert found == RefusedOrder(OrderRefusal.OTHER_DOOR, "anna", ID)


def test_an_order_from_before_the_kiosk_was_started() -> None:
    """What it had seen then it has forgotten."""
    early = replace(ORDER, issued_at=START, expires_at=START + 5000)
    assert reason(sent(early), START + 1000) is OrderRefusal.TOO_OLD


@pytest.mark.parametrize(
    "changes",
    [
        {"id": ID[1:]},
        {"id": ID + "0"},
        {"id": ID.upper()},
        {"id": "g" * 32},
        {"id": ID[1:] + "X"},
        {"id": 7},
        {"verb": "open"},
        {"verb": "RELEASE"},
        {"verb": ""},
        {"verb": 1},
        {"door": 1},
        {"issued_at": float(NOW)},
        {"issued_at": str(NOW)},
        {"issued_at": True},
        {"expires_at": True},
        {"issued_at": -1},
        {"expires_at": 10**14 + 1},
        {"arguments": []},
        {"arguments": {"second": 5}},
        {"arguments": {"seconds": 0}},
        {"arguments": {"seconds": -1}},
        {"arguments": {"seconds": 60.1}},
        {"arguments": {"seconds": 10**400}},
        {"arguments": {"seconds": True}},
        {"arguments": {"seconds": "5"}},
        {"arguments": {"seconds": None}},
        {"arguments": {"seconds": float("nan")}},
        {"arguments": {"seconds": float("inf")}},
        {"arguments": {"seconds": 5, "subject": "s-1001"}},
        {"arguments": {"subject": "s-1001"}},
        {"verb": "secure", "arguments": {"seconds": 5}},
        {"verb": "reset_passback", "arguments": {"seconds": 5}},
        {"verb": "reset_passback", "arguments": {"subject": ""}},
        {"verb": "reset_passback", "arguments": {"subject": "9" * 65}},
        {"verb": "reset_passback", "arguments": {"subject": "-s"}},
        {"verb": "reset_passback", "arguments": {"subject": "s 1"}},
        {"verb": "reset_passback", "arguments": {"subject": "s@x"}},
        {"verb": "reset_passback", "arguments": {"subject": "s\u00e9"}},
        {"verb": "reset_passback", "arguments": {"subject": 1}},
        {"verb": "reset_passback", "arguments": {"subject": "s", "x": 1}},
        {"more": 1},
        *({name: None} for name in ("id", "verb", "door", "issued_at", "expires_at", "arguments")),
    ],
    ids=str,
)
def test_signed_and_yet_no_order(changes: dict[str, Any]) -> None:
    assert verdict(sent_raw(**changes)) == RefusedOrder(OrderRefusal.MALFORMED, "anna")


# -- once ----------------------------------------------------------------------------------------


def test_an_order_counts_once() -> None:
    _, memory = judge(sent(ORDER), NOW, FRESH, RULES)
    assert verdict(sent(ORDER), NOW + 3999, memory) == RefusedOrder(OrderRefusal.SEEN, "anna", ID)


def test_an_order_that_does_not_count_is_not_remembered() -> None:
    raws = [sent(ORDER, by="boris"), sent(replace(ORDER, door="cellar")), b"", sent_raw(verb="x")]
    for raw in [*raws, sent_raw(operator="carol")]:
        assert judge(raw, NOW, FRESH, RULES)[1] == FRESH


def test_operators_do_not_use_up_each_others_ids() -> None:
    _, memory = judge(sent(ORDER), NOW, FRESH, RULES)
    assert reason(sent(replace(ORDER, operator="boris")), NOW, memory) is None


def test_a_clock_that_is_set_back_brings_nothing_to_life() -> None:
    """Forgotten is not forgiven: what was issued at its time or before is too old from then on."""
    _, memory = judge(sent(ORDER), NOW, FRESH, RULES)
    _, memory = judge(b"", ORDER.issued_at + MOST_LIFE_MS, memory, RULES)
    assert memory == OrderMemory(ORDER.issued_at)
    assert reason(sent(ORDER), NOW, memory) is OrderRefusal.TOO_OLD
    later = replace(ORDER, issued_at=ORDER.issued_at + 1)
    assert reason(sent(later), NOW, memory) is None


def test_an_order_is_remembered_for_as_long_as_any_can_live() -> None:
    _, memory = judge(sent(ORDER), NOW, FRESH, RULES)
    _, memory = judge(b"", ORDER.issued_at + MOST_LIFE_MS - 1, memory, RULES)
    assert reason(sent(ORDER), NOW, memory) is OrderRefusal.SEEN


def test_forgetting_refuses_nobody_who_is_in_time() -> None:
    _, memory = judge(sent(ORDER), NOW, FRESH, RULES)
    now = ORDER.issued_at + MOST_LIFE_MS
    slow = replace(ORDER, id=ID[::-1], issued_at=ORDER.issued_at + 1, expires_at=now + 1)
    assert reason(sent(slow), now, memory) is None


def test_a_full_memory_refuses_and_forgets_nothing() -> None:
    full = OrderMemory(START, {("anna", f"{number:032x}"): NOW for number in range(4096)})
    assert verdict(sent(ORDER), NOW, full) == RefusedOrder(OrderRefusal.TOO_MANY, "anna", ID)
    room = replace(full, taken=dict(list(full.taken.items())[1:]))
    assert reason(sent(ORDER), NOW, room) is None


# -- anything at all -----------------------------------------------------------------------------

GOOD = sent(ORDER)
NESTED = b'{"order": {"operator": "anna", "x": ' + b"[" * 1500 + b"]" * 1500 + b'}, "signature": "'


@given(some.binary(max_size=300))
@example(b"[" * MOST_BYTES)
@example(b"9" * MOST_BYTES)
@example(b"null")
@example(b"{}")
@example(b"\xff\xfe{\x00}\x00")
@example(GOOD.decode().encode("utf-16"))
@example(GOOD.replace(b'"signature"', b'"x": 1, "signature"'))
@example(json.dumps({"order": [], "signature": "00" * 64}).encode())
@example(json.dumps({"order": ORDER.fields(), "signature": 7}).encode())
@example(json.dumps({"order": ORDER.fields(), "signature": "zz" * 64}).encode())
@example(json.dumps({"order": ORDER.fields(), "signature": "00"}).encode())
@example(json.dumps({"order": ORDER.fields(), "signature": ""}).encode())
def test_anything_that_is_no_order_is_not_understood(raw: bytes) -> None:
    assert verdict(raw) == RefusedOrder(OrderRefusal.NOT_UNDERSTOOD)


def test_an_order_that_is_nested_deep_is_refused() -> None:
    """However deep this Python can read and write."""
    assert isinstance(verdict(NESTED + b"0" * 128 + b'"}'), RefusedOrder)


def test_an_order_that_can_be_read_but_not_written_again_is_not_understood(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another Python may write less deep than it reads."""

    def too_deep(*_: object, **__: object) -> str:
        raise RecursionError

    monkeypatch.setattr(json, "dumps", too_deep)
    assert verdict(GOOD) == RefusedOrder(OrderRefusal.NOT_UNDERSTOOD)


def test_the_longest_that_is_read() -> None:
    """As it is documented."""
    assert verdict(GOOD.ljust(4096)) == ORDER
    assert reason(GOOD.ljust(4097)) is OrderRefusal.NOT_UNDERSTOOD


@given(some.integers(0, len(GOOD) - 1), some.binary(min_size=1, max_size=3))
def test_an_order_that_was_damaged_is_the_same_or_none(at: int, piece: bytes) -> None:
    """Blanks and the letters of a hexadecimal digit may be written in two ways; no word may."""
    found = verdict(GOOD[:at] + piece + GOOD[at + len(piece) :])
    assert isinstance(found, RefusedOrder) or found == ORDER


VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=40),
    lambda inner: (
        some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(some.dictionaries(some.sampled_from([*ORDER.fields(), "more"]), VALUES))
def test_whatever_an_operator_signs_is_an_order_or_refused(changes: dict[str, Any]) -> None:
    said = ORDER.fields() | changes
    raw = json.dumps({"order": said, "signature": sign("anna", signed_text(said)).hex()}).encode()
    found = verdict(raw)
    assert isinstance(found, RefusedOrder) or found.fields() == said


# -- what is sent back ---------------------------------------------------------------------------


def test_an_answer_in_its_one_form() -> None:
    answer = OrderAnswer(OrderOutcome.REFUSED, "expired", {"condition": "secured"})
    assert json.loads(reply(ID, answer)) == {
        "id": ID,
        "outcome": "refused",
        "reason": "expired",
        "state": {"condition": "secured"},
    }
    assert json.loads(reply(None, OrderAnswer(OrderOutcome.DONE)))["id"] is None


def test_an_order_in_its_one_form() -> None:
    """Other programs sign this; it must not change."""
    order = replace(ORDER, seconds=7.5)
    assert signed_text(order.fields()) == HEADING + (
        b'{"arguments":{"seconds":7.5},"door":"lobby","expires_at":1700000064000,'
        b'"id":"0123456789abcdef0123456789abcdef","issued_at":1700000059000,'
        b'"kiosk":"fedcba9876543210","operator":"anna","verb":"release"}'
    )
