"""A journal with a changed, missing, swapped, added or cut row does not verify (R65)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.app.console import with_command
from kiosk.domain.audit import GENESIS, AuditEntry, SealedEntry, Value, parse, seal, verify
from kiosk.domain.errors import JournalTampered

ENTRIES = [
    AuditEntry(f"2026-05-04T09:00:0{i}.000+00:00", "decision", {"reason": "left", "pad": i / 10})
    for i in range(5)
]


def chained(entries: list[AuditEntry]) -> list[SealedEntry]:
    sealed: list[SealedEntry] = []
    for entry in entries:
        previous = sealed[-1].hash if sealed else GENESIS
        sealed.append(seal(entry, len(sealed) + 1, previous))
    return sealed


CHAIN = chained(ENTRIES)
LINES = [entry.line() for entry in CHAIN]


def read(lines: list[str]) -> SealedEntry | None:
    return verify(parse(line, number) for number, line in enumerate(lines, start=1))


def refused(lines: list[str]) -> str:
    with pytest.raises(JournalTampered) as caught:
        read(lines)
    assert "kiosk audit export" in with_command(caught.value.remedy)
    return caught.value.problem


def test_a_journal_that_nobody_touched_verifies() -> None:
    assert read(LINES) == CHAIN[-1]


def test_the_first_entry_follows_a_hash_of_zeros() -> None:
    assert json.loads(LINES[0])["previous"] == "0" * len(CHAIN[0].hash)


def test_an_empty_journal_verifies_and_has_no_last_entry() -> None:
    assert read([]) is None


@pytest.mark.parametrize("row", range(5))
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("at_utc", "2026-05-04T09:00:09.000+00:00"),
        ("event", "fault"),
        ("details", {"reason": "matched", "pad": 0.9}),
        ("details", {}),
        ("hash", "f" * 64),
        ("hash", ""),
    ],
)
def test_changed_row(row: int, key: str, value: Value) -> None:
    lines = LINES.copy()
    lines[row] = _canonical(json.loads(lines[row]) | {key: value})
    assert refused(lines) == f"Audit entry {row + 1} was changed."


@pytest.mark.parametrize("row", range(5))
def test_changed_row_with_its_own_hash_made_anew(row: int) -> None:
    """Whoever can compute a hash still breaks the chain behind it, or moves the head."""
    forged = seal(replace(ENTRIES[row], event="erased"), row + 1, CHAIN[row].previous)
    lines = LINES.copy()
    lines[row] = forged.line()
    if row < 4:
        assert refused(lines) == f"Audit entry {row + 2} does not follow the entry before it."
    else:
        assert read(lines) != CHAIN[-1]


@pytest.mark.parametrize("row", range(5))
def test_missing_row(row: int) -> None:
    """The last one's absence is what the journal's head tells."""
    lines = LINES[:row] + LINES[row + 1 :]
    if row < 4:
        expected = f"Audit entry {row + 1} is missing: entry {row + 2} stands in its place."
        assert refused(lines) == expected
    else:
        assert read(lines) == CHAIN[3] != CHAIN[-1]


@pytest.mark.parametrize("row", range(4))
def test_swapped_rows(row: int) -> None:
    lines = LINES.copy()
    lines[row], lines[row + 1] = lines[row + 1], lines[row]
    assert refused(lines).startswith(f"Audit entry {row + 1} is missing")


@pytest.mark.parametrize("row", range(6))
def test_inserted_row(row: int) -> None:
    previous = CHAIN[row - 1].hash if row else GENESIS
    lines = LINES.copy()
    lines.insert(row, seal(ENTRIES[0], row + 1, previous).line())
    if row < 5:
        assert refused(lines).startswith(f"Audit entry {row + 2} is missing")
    else:
        assert read(lines) != CHAIN[-1]


@pytest.mark.parametrize("row", range(5))
def test_row_told_twice(row: int) -> None:
    lines = LINES[: row + 1] + LINES[row:]
    assert refused(lines).startswith(f"Audit entry {row + 2} is missing")


@pytest.mark.parametrize("row", range(5))
def test_renumbered_row(row: int) -> None:
    entry = CHAIN[row]
    moved = replace(entry, number=entry.number + 1).line()
    assert refused([*LINES[:row], moved]).startswith(f"Audit entry {row + 1} is missing")


@pytest.mark.parametrize("row", range(5))
def test_row_with_another_entry_before_it(row: int) -> None:
    lines = LINES.copy()
    lines[row] = seal(ENTRIES[row], row + 1, "0" * 63 + "1").line()
    assert refused(lines) == f"Audit entry {row + 1} does not follow the entry before it."


def test_a_chain_is_followed_from_a_known_place() -> None:
    assert verify(CHAIN[3:], 3, CHAIN[2].hash) == CHAIN[-1]
    with pytest.raises(JournalTampered):
        verify(CHAIN[3:], 3, CHAIN[1].hash)
    with pytest.raises(JournalTampered):
        verify(CHAIN[3:], 2, CHAIN[2].hash)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "null",
        "7",
        "[]",
        "{}",
        '"text"',
        "[" * 100_000,
        '{"number":1e999,"at_utc":"","event":"","details":{},"previous":"","hash":""}',
        '{"number":"one","at_utc":"","event":"","details":{},"previous":"","hash":""}',
        '{"number":1,"at_utc":"","event":"","details":7,"previous":"","hash":""}',
        LINES[0][:-1],
    ],
    ids=lambda line: line[:20] or "nothing",
)
def test_what_is_no_entry(line: str) -> None:
    assert refused([line]) == "Audit entry 1 is not an audit entry."


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line + " ",
        lambda line: line.replace(":", ": ", 1),
        lambda line: line.replace('"number":1', '"number":"1"'),
        lambda line: line.replace('"number":1', '"number":1.0'),
        lambda line: line.replace('"number":1', '"number":true'),
        lambda line: line.replace('{"at_utc"', '{"added":0,"at_utc"'),
        lambda line: line.replace('{"at_utc"', '{"at_utc":"1999","at_utc"'),
        lambda line: line.replace("decision", "\\u0064ecision"),
    ],
)
def test_a_line_that_says_the_same_in_another_way_was_changed(change: object) -> None:
    """What the hash does not cover must not change either."""
    assert callable(change)
    line = change(LINES[0])
    assert line != LINES[0]
    assert refused([line]) == "Audit entry 1 was changed."


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.text(), st.dictionaries(st.text(), PLAIN, max_size=4))
def test_whatever_is_written_reads_back_and_verifies(event: str, details: dict[str, Value]) -> None:
    sealed = seal(AuditEntry("2026", event, details), 1, GENESIS)
    line = sealed.line()
    assert line.isascii()
    assert len(line.splitlines()) == 1
    assert read([line]) == parse(line, 1)
    assert parse(line, 1).hash == sealed.hash


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_numbers_that_json_does_not_know_are_written_as_null(number: float) -> None:
    entry = AuditEntry(
        "2026", "decision", {"margin": number, "list": [number], "in": {"x": number}}
    )
    line = seal(entry, 1, GENESIS).line()
    said = json.loads(line)["details"]
    assert said == {"margin": None, "list": [None], "in": {"x": None}}
    assert read([line]) is not None


@pytest.mark.parametrize("text", ["\ud800", "\u2028", "Grüße", "\x00", "\x85"])
def test_no_text_breaks_a_line_or_its_encoding(text: str) -> None:
    line = seal(AuditEntry("2026", text, {text: text}), 1, GENESIS).line()
    assert line.encode().decode() == line
    assert len(line.splitlines()) == 1
    read_back = parse(line, 1)
    assert read_back.entry.details == {text: text}


def test_a_hash_covers_where_one_part_ends_and_the_next_begins() -> None:
    one = seal(AuditEntry("2026", "ab", {}), 1, GENESIS)
    two = seal(AuditEntry("2026a", "b", {}), 1, GENESIS)
    assert one.hash != two.hash


def test_the_hash_is_one_that_any_program_can_make() -> None:
    """SHA-256 over `[number,previous,at_utc,event,details]`, keys sorted, nothing between."""
    sealed = seal(AuditEntry("2026", "started", {"b": 1, "a": "x"}), 1, "00")
    said = b'[1,"00","2026","started",{"a":"x","b":1}]'
    assert sealed.hash == hashlib.sha256(said).hexdigest()


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
