"""What somebody shows beside their face: a right one is right, and anything else is nothing."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from kiosk.app.console import with_command
from kiosk.domain.access.factors import (
    ADMIN_PIN_DIGITS,
    BY_BADGE,
    NOBODYS_PIN,
    SALT_BYTES,
    Factor,
    Factors,
    Pin,
    PinVerdict,
    StepUp,
    badge_text,
    check_badge,
)
from kiosk.domain.errors import BadInput
from kiosk.domain.vision.template import SubjectId

ANNA, BORIS = SubjectId("s-1001"), SubjectId("s:1002:x")
SALT, OTHER_SALT = b"salt of sixteen.", b"another salt....."
PIN, DURESS = "4711", "8061"
WIDE, ARABIC = "\uff14\uff17\uff11\uff11", "\u0664\u0667\u0661\u0661"
KEY, OTHER_KEY = b"k" * 32, b"o" * 32
SERIAL = "0123456789ABCDEF"

WITH_PIN = Factors(pin=Pin.of(PIN, SALT))
WITH_BOTH = replace(WITH_PIN, duress=Pin.of(DURESS, OTHER_SALT))


# -- PIN -----------------------------------------------------------------------------------------


def test_the_right_pin_is_right_and_its_neighbours_are_not() -> None:
    assert Factors().with_pin(PIN, SALT) == WITH_PIN
    assert WITH_PIN.check_pin(PIN) is PinVerdict.RIGHT
    for near in ("4712", "711", "04711", "47110", " 4711", "4711\n", "4711\x00", "", WIDE):
        assert WITH_PIN.check_pin(near) is PinVerdict.WRONG, near


def test_the_hash_is_scrypt_as_others_make_it() -> None:
    ours = WITH_PIN.pin
    assert ours is not None
    theirs = hashlib.scrypt(
        PIN.encode(), salt=SALT, n=ours.rounds, r=8, p=1, maxmem=2**25, dklen=32
    )
    assert (ours.digest, ours.salt, ours.rounds) == (theirs, SALT, 2**13)


def test_a_pin_that_was_hashed_at_a_higher_cost_still_counts() -> None:
    """More memory than a Python allows scrypt unasked."""
    digest = hashlib.scrypt(PIN.encode(), salt=SALT, n=2**15, r=8, p=1, maxmem=2**26, dklen=32)
    assert Pin(SALT, digest, 2**15).matches(PIN)


def test_a_salt_is_as_long_as_is_advised() -> None:
    """NIST SP 800-132: 128 bits or more. Nobody's is no shorter than anybody's."""
    assert len(NOBODYS_PIN.salt) * 8 == SALT_BYTES * 8 == 128


def test_two_people_with_the_same_pin_have_different_hashes() -> None:
    assert Pin.of(PIN, SALT).digest != Pin.of(PIN, OTHER_SALT).digest


def test_somebody_under_threat_is_let_in_and_it_is_known() -> None:
    assert WITH_PIN.with_duress(DURESS, OTHER_SALT, ANNA) == WITH_BOTH
    assert WITH_BOTH.check_pin(PIN) is PinVerdict.RIGHT
    assert WITH_BOTH.check_pin(DURESS) is PinVerdict.DURESS
    assert WITH_BOTH.check_pin("8062") is PinVerdict.WRONG


@pytest.mark.parametrize("typed", ["", "0000", PIN, "\x00", "\ud800", "1" * 100_000])
def test_no_text_is_the_pin_of_somebody_without_one(typed: str) -> None:
    assert Factors().check_pin(typed) is PinVerdict.WRONG
    assert not NOBODYS_PIN.matches(typed)


@settings(max_examples=20)
@given(typed=some.text(max_size=14) | some.text("0123456789", min_size=4, max_size=12))
def test_nothing_that_can_be_typed_is_right_by_chance(typed: str) -> None:
    expected = {PIN: PinVerdict.RIGHT, DURESS: PinVerdict.DURESS}.get(typed, PinVerdict.WRONG)
    assert WITH_BOTH.check_pin(typed) is expected


@pytest.mark.parametrize("factors", [Factors(), WITH_PIN, WITH_BOTH])
@pytest.mark.parametrize("typed", [PIN, DURESS, "9999"])
def test_time_tells_nothing_since_both_hashes_are_always_made(
    factors: Factors, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    real = hashlib.scrypt

    def counted(*args: bytes, **kwargs: int) -> bytes:
        made.append((kwargs["n"], kwargs["r"], kwargs["p"]))
        return real(*args, **kwargs)  # type: ignore[arg-type] # passed on as it came

    monkeypatch.setattr(hashlib, "scrypt", counted)
    factors.check_pin(typed)
    assert made == [(2**13, 8, 1)] * 2


def test_a_guess_costs_something() -> None:
    """Some 45 ms for both hashes on the machine it was set on; a hundredth of that is no cost."""
    began = time.process_time()
    WITH_BOTH.check_pin("9999")
    assert time.process_time() - began > 0.005


# -- which PINs are taken ------------------------------------------------------------------------


@pytest.mark.parametrize("pin", ["", "471", "4711471147110", "47a1", "47 1", "-471", WIDE, ARABIC])
def test_what_is_no_pin_is_refused(pin: str) -> None:
    with pytest.raises(BadInput, match="4 to 12 digits"):
        Pin.of(pin, SALT)


@pytest.mark.parametrize("pin", ["4711", "471147114711", "1243", "0909876", "1357986"])
def test_other_pins_are_taken(pin: str) -> None:
    assert Pin.of(pin, SALT).matches(pin)


WEAK = (
    ("0000", "111111111111"),
    ("1234", "123456789012", "4321", "9876", "7890", "8901", "2468", "8642"),
    ("1212", "1122", "1112", "9990", "5050505"),
)


@pytest.mark.parametrize("pin", [pin for kind in WEAK for pin in kind])
def test_the_first_that_anybody_tries_are_refused(pin: str) -> None:
    with pytest.raises(BadInput, match="among the first") as caught:
        Pin.of(pin, SALT)
    assert pin not in caught.value.problem


def test_an_installers_pin_is_longer() -> None:
    with pytest.raises(BadInput, match="6 to 12 digits"):
        Pin.of("47118", SALT, ADMIN_PIN_DIGITS)
    assert Pin.of("471180", SALT, ADMIN_PIN_DIGITS).matches("471180")


def test_pin_and_duress_pin_are_two() -> None:
    with pytest.raises(BadInput, match="the same"):
        WITH_PIN.with_duress(PIN, OTHER_SALT, ANNA)
    with pytest.raises(BadInput, match="the same"):
        WITH_BOTH.with_pin(DURESS, SALT)
    assert WITH_BOTH.with_duress("9308", SALT, ANNA).check_pin("9308") is PinVerdict.DURESS


def test_weak_duress_pins_are_refused_too() -> None:
    with pytest.raises(BadInput, match="among the first"):
        WITH_PIN.with_duress("1111", OTHER_SALT, ANNA)


def test_a_duress_pin_of_a_person_without_a_pin() -> None:
    with pytest.raises(BadInput, match=f"{ANNA} has no PIN") as caught:
        Factors().with_duress(DURESS, SALT, ANNA)
    assert f"kiosk people pin {ANNA}" in with_command(caught.value.remedy)


def test_a_new_pin_ends_the_old_and_leaves_the_rest() -> None:
    changed = replace(WITH_BOTH, badge=SERIAL).with_pin("9308", OTHER_SALT)
    assert changed.check_pin(PIN) is PinVerdict.WRONG
    assert changed.check_pin("9308") is PinVerdict.RIGHT
    assert (changed.duress, changed.badge) == (WITH_BOTH.duress, SERIAL)


def test_a_pin_goes_with_its_duress_pin() -> None:
    gone = WITH_BOTH.without_pin(ANNA)
    assert gone == Factors()
    with pytest.raises(BadInput, match=f"{ANNA} has no PIN"):
        gone.without_pin(ANNA)


def test_a_pin_that_is_asked_for_stays() -> None:
    needed = WITH_BOTH.requiring(Factor.PIN, ANNA)
    with pytest.raises(BadInput, match="asked for their PIN") as caught:
        needed.without_pin(ANNA)
    assert f"kiosk people allow {ANNA} --factor none" in with_command(caught.value.remedy)


STEPPED_UP = Factors(step_up=StepUp.LOOKALIKE)


@pytest.mark.parametrize(
    ("factors", "asked"),
    [
        (Factors(), Factor.NONE),
        (WITH_PIN, Factor.NONE),
        (replace(WITH_PIN, required=Factor.PIN), Factor.PIN),
        (Factors(required=Factor.BADGE, badge=SERIAL), Factor.BADGE),
        (replace(WITH_PIN, required=Factor.VERIFY, step_up=StepUp.REPORTED), Factor.VERIFY),
        (STEPPED_UP, None),
        (replace(STEPPED_UP, pin=WITH_PIN.pin), Factor.PIN),
        (replace(STEPPED_UP, badge=SERIAL), Factor.BADGE),
        (replace(STEPPED_UP, badge=SERIAL, pin=WITH_PIN.pin), Factor.PIN),
        (replace(STEPPED_UP, step_up=StepUp.REPORTED), None),
    ],
)
def test_whoever_is_stepped_up_is_asked_for_what_they_have(
    factors: Factors, asked: Factor | None
) -> None:
    """R21: somebody without a factor would have to have one, and is let in by a person."""
    assert factors.asked is asked


# -- what is asked for ---------------------------------------------------------------------------


def test_nobody_is_asked_for_what_they_do_not_have() -> None:
    with pytest.raises(BadInput, match=f"{ANNA} has no PIN") as caught:
        Factors(badge=SERIAL).requiring(Factor.PIN, ANNA)
    assert caught.value.remedy == "Give them a PIN first."
    assert f"kiosk people pin {ANNA}" in with_command(caught.value.remedy)
    for factor in (Factor.BADGE, Factor.VERIFY):
        with pytest.raises(BadInput, match=f"{ANNA} has no valid badge") as caught:
            WITH_BOTH.requiring(factor, ANNA)
        assert caught.value.remedy == "Make them a badge first."
        assert f"kiosk people badge {ANNA}" in with_command(caught.value.remedy)


def test_what_they_have_can_be_asked_for() -> None:
    everything = replace(WITH_BOTH, badge=SERIAL)
    for factor in Factor:
        assert everything.requiring(factor, ANNA) == replace(everything, required=factor)
    assert Factors().requiring(Factor.NONE, ANNA) == Factors()
    assert {Factor.BADGE, Factor.VERIFY} == BY_BADGE


def test_nothing_of_it_is_ever_printed() -> None:
    everything = replace(WITH_BOTH, badge=SERIAL, required=Factor.PIN)
    assert repr(everything) == "Factors(<hidden>)"
    assert repr(everything.pin) == "Pin(<hidden>)"


# -- badges --------------------------------------------------------------------------------------


def _serials(subject: SubjectId) -> str | None:
    return {ANNA: SERIAL, BORIS: "FEDCBA9876543210"}.get(subject)


def _check(text: str, key: bytes = KEY) -> SubjectId | None:
    return check_badge(text, key, _serials)


def _check_any(text: str) -> SubjectId | None:
    return check_badge(text, KEY, lambda _: SERIAL)


def test_a_valid_badge_says_whose_it_is() -> None:
    assert _check(badge_text(ANNA, SERIAL, KEY)) == ANNA
    assert _check(badge_text(BORIS, "FEDCBA9876543210", KEY)) == BORIS


def test_a_badge_is_an_hmac_as_others_make_it() -> None:
    said = f"LINTEL1:{ANNA}:{SERIAL}"
    code = hmac.new(KEY, said.encode(), "sha256").hexdigest()[:32]
    assert badge_text(ANNA, SERIAL, KEY) == f"{said}:{code}"


def test_a_badge_of_another_home() -> None:
    assert _check(badge_text(ANNA, SERIAL, OTHER_KEY)) is None


def test_a_revoked_badge() -> None:
    assert _check(badge_text(ANNA, "0000000000000000", KEY)) is None


def test_a_badge_of_somebody_erased_or_of_somebody_without_one() -> None:
    assert check_badge(badge_text(ANNA, SERIAL, KEY), KEY, lambda _: None) is None


def test_one_persons_serial_is_no_other_persons() -> None:
    assert _check(badge_text(BORIS, SERIAL, KEY)) is None


def test_every_single_character_counts() -> None:
    text = badge_text(ANNA, SERIAL, KEY)
    for at in range(len(text)):
        assert _check(text[:at] + text[at + 1 :]) is None
        assert _check(text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]) is None
        assert _check(text[:at]) is None
    for more in (f" {text}", f"{text} ", f"{text}\n", text * 2, text.lower(), text.upper()):
        assert _check(more) is None


def test_a_colon_moved_from_one_part_to_another() -> None:
    """An id may hold colons: `a:b` with serial `c` is not `a` with serial `b:c`."""
    asked = []

    def serial_of(subject: SubjectId) -> str:
        asked.append(subject)
        return "b:c"

    text = badge_text(SubjectId("a:b"), "c", KEY)
    assert check_badge(text, KEY, serial_of) is None
    assert asked == ["a:b"]


def _no_question(_: SubjectId) -> str:
    raise AssertionError("a text that is not ours reached the store")


BADGES = some.text(max_size=250) | some.tuples(
    some.text(max_size=70), some.text(max_size=20), some.text("0123456789abcdef", max_size=40)
).map(lambda parts: ":".join(("LINTEL1", *parts)))


@given(text=BADGES)
@example(text="")
@example(text=":::")
@example(text="LINTEL1::: ")
@example(text="LINTEL1:\ud800:\x00:" + "0" * 32)
@example(text="LINTEL1:" + "9" * 5000)
def test_no_other_text_is_a_badge_nor_reaches_the_store(text: str) -> None:
    assert check_badge(text, KEY, _no_question) is None


@given(subject=some.text(max_size=64), serial=some.text(max_size=20).filter(lambda s: ":" not in s))
def test_whoever_has_the_key_can_make_a_badge_of_anybody(subject: str, serial: str) -> None:
    """So the key is what protects it: any id comes back as it went in."""
    text = badge_text(SubjectId(subject), serial, KEY)
    assert check_badge(text, KEY, lambda _: serial) == SubjectId(subject)


def test_a_text_longer_than_any_badge_is_none() -> None:
    rest = len(badge_text(SubjectId(""), SERIAL, KEY))
    for length, valid in ((200, True), (201, False), (300, False)):
        subject = SubjectId("x" * (length - rest))
        text = badge_text(subject, SERIAL, KEY)
        assert (len(text), _check_any(text)) == (length, subject if valid else None)
