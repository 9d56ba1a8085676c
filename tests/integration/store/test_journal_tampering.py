"""R65: whoever changes the journal is found out, by opening it and by verifying it."""

from __future__ import annotations

import collections
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from kept_files import lines, rewrite
from kept_samples import AGREED, ANNA, entry, template

from kiosk.app.console import with_command
from kiosk.domain.audit import GENESIS, seal
from kiosk.domain.errors import BadInput, JournalTampered, JournalUnwritable, Refused, StoreKeyError
from kiosk.store.home import Home
from kiosk.store.journal.head import Head, HeadFile
from kiosk.store.journal.journal import Journal
from kiosk.store.journal.renewal import renew
from kiosk.store.journal.verification import Verified, verify_file, walk
from kiosk.store.open_home import OpenHome
from kiosk.store.secrets.keys import FileKey, Purpose

ENTRIES = 8


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Eight entries, and nobody has it open."""
    home = Home(tmp_path / "home").prepare()
    FileKey(home).create()
    journal = Journal(home, FileKey(home))
    for number in range(ENTRIES):
        journal.append(entry(number))
    return home


def _key(home: Home) -> bytes:
    return FileKey(home).derive(Purpose.JOURNAL_HEAD)


def _forged(count: int, start: int = 1, previous: str = GENESIS) -> list[str]:
    """A chain that holds, made by somebody who knows the format but not the key."""
    forged = []
    for number in range(start, start + count):
        sealed = seal(entry(7_000 + number), number, previous)
        previous = sealed.hash
        forged.append(sealed.line())
    return forged


# -- what somebody may do to the lines, and how it is named --------------------------------------

Tamper = Callable[[list[str]], list[str]]


def _changed(kept: list[str]) -> list[str]:
    return [*kept[:3], kept[3].replace('"pad":0.5', '"pad":0.9'), *kept[4:]]


def _reformatted(kept: list[str]) -> list[str]:
    return [*kept[:3], kept[3].replace(',"', ', "'), *kept[4:]]


def _with_a_field_more(kept: list[str]) -> list[str]:
    return [*kept[:3], kept[3].replace("{", '{"approved":"yes",', 1), *kept[4:]]


def _rehashed(kept: list[str]) -> list[str]:
    """The entry is changed and its hash made anew: the next one does not follow it."""
    return [*kept[:3], _forged(1, 4, json.loads(kept[3])["previous"])[0], *kept[4:]]


def _swapped(kept: list[str]) -> list[str]:
    return [*kept[:3], kept[4], kept[3], *kept[5:]]


def _without_one(kept: list[str]) -> list[str]:
    return [*kept[:3], *kept[4:]]


def _doubled(kept: list[str]) -> list[str]:
    return [*kept[:4], kept[3], *kept[4:]]


def _with_an_empty_line(kept: list[str]) -> list[str]:
    return [*kept[:3], "", *kept[3:]]


def _with_garbage(kept: list[str]) -> list[str]:
    return [*kept[:3], "nothing that is JSON", *kept[4:]]


def _with_foreign_letters(kept: list[str]) -> list[str]:
    return [*kept[:3], kept[3].replace("decision", "d\u00e9cision"), *kept[4:]]


def _with_a_deep_line(kept: list[str]) -> list[str]:
    return [*kept[:3], "[" * 100_000, *kept[4:]]


def _with_an_endless_line(kept: list[str]) -> list[str]:
    return [*kept[:3], "x" * 300_000, *kept[4:]]


def _truncated(kept: list[str]) -> list[str]:
    return kept[:5]


def _emptied(_: list[str]) -> list[str]:
    return []


def _rewritten(kept: list[str]) -> list[str]:
    return _forged(len(kept))


def _rewritten_at_the_end(kept: list[str]) -> list[str]:
    return [*kept[:-1], *_forged(1, ENTRIES, json.loads(kept[-2])["hash"])]


def _rewritten_longer(kept: list[str]) -> list[str]:
    return _forged(len(kept) + 3)


def _with_two_more(kept: list[str]) -> list[str]:
    return [*kept, *_forged(2, ENTRIES + 1, json.loads(kept[-1])["hash"])]


def _with_a_stranger_behind(kept: list[str]) -> list[str]:
    return [*kept, *_forged(1, ENTRIES + 1, GENESIS)]


def _with_much_more(kept: list[str]) -> list[str]:
    return [*kept, "x" * 300_000]


TAMPERED = [
    (_changed, "entry 4 was changed"),
    (_reformatted, "entry 4 was changed"),
    (_with_a_field_more, "entry 4 was changed"),
    (_rehashed, "entry 5 does not follow"),
    (_swapped, "entry 4 is missing: entry 5 stands in its place"),
    (_without_one, "entry 4 is missing: entry 5 stands in its place"),
    (_doubled, "entry 5 is missing: entry 4 stands in its place"),
    (_with_an_empty_line, "entry 4 is not an audit entry"),
    (_with_garbage, "entry 4 is not an audit entry"),
    (_with_foreign_letters, "entry 4 is not an audit entry"),
    (_with_a_deep_line, "entry 4 is not an audit entry"),
    (_with_an_endless_line, "entry 4 is not an audit entry"),
    (_truncated, "entry 6 is missing: 8 were written"),
    (_emptied, "entry 1 is missing: 8 were written"),
    (_rewritten, "entry 8 is not the one that was sealed"),
    (_rewritten_at_the_end, "entry 8 is not the one that was sealed"),
    (_rewritten_longer, "entry 8 is not the one that was sealed"),
    (_with_two_more, "entry 10 was added by another program"),
    (_with_a_stranger_behind, "entry 9 does not follow"),
]


@pytest.mark.parametrize(("tamper", "said"), TAMPERED)
def test_verifying_names_the_first_bad_entry(home: Home, tamper: Tamper, said: str) -> None:
    rewrite(home.journal, tamper(lines(home.journal)))
    for key in (_key(home), None):
        with pytest.raises(JournalTampered, match=said):
            verify_file(home, key)


@pytest.mark.parametrize(("tamper", "_said"), TAMPERED)
def test_a_kiosk_does_not_open_a_tampered_journal(home: Home, tamper: Tamper, _said: str) -> None:
    rewrite(home.journal, tamper(lines(home.journal)))
    before = home.journal.read_bytes()
    with pytest.raises(JournalTampered) as caught:
        OpenHome.open(home.path)
    assert "kiosk audit renew" in with_command(caught.value.remedy)
    assert home.journal.read_bytes() == before
    assert not home.references.exists()


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (_truncated, "was cut: audit entry 8 is not whole"),
        (_emptied, "was cut: audit entry 8 is not whole"),
        (_with_two_more, "goes on behind audit entry 8"),
        (_with_much_more, "goes on behind audit entry 8"),
        (_with_a_stranger_behind, "entry 9 does not follow"),
    ],
)
def test_a_running_kiosk_appends_nothing_to_a_tampered_journal(
    home: Home, tamper: Tamper, said: str
) -> None:
    """The port knows one error of an append: an entry that was not made durable."""
    journal = Journal(home, FileKey(home))
    rewrite(home.journal, tamper(lines(home.journal)))
    before = home.journal.read_bytes()
    with pytest.raises(JournalUnwritable, match=said):
        journal.append(entry(9))
    assert home.journal.read_bytes() == before


@pytest.mark.parametrize("cut", [1, 10, 100])
def test_a_journal_cut_within_a_line_is_found(home: Home, cut: int) -> None:
    home.journal.write_bytes(home.journal.read_bytes()[:-cut])
    with pytest.raises(JournalTampered, match="entry 8 is missing"):
        verify_file(home, None)
    with pytest.raises(JournalTampered, match="entry 8 is missing"):
        Journal(home, FileKey(home))


@pytest.mark.parametrize("at", range(0, 1900, 61))
def test_any_flipped_bit_is_found(home: Home, at: int) -> None:
    content = bytearray(home.journal.read_bytes())
    content[at % len(content)] ^= 0x02
    home.journal.write_bytes(content)
    with pytest.raises(JournalTampered):
        verify_file(home, None)


# -- the head ------------------------------------------------------------------------------------


def test_a_head_made_without_the_key_is_found(home: Home) -> None:
    """Rewriting everything, head and all, takes the key."""
    rewrite(home.journal, _forged(3))
    last = json.loads(lines(home.journal)[-1])
    head = Head(3, last["hash"], home.journal.stat().st_size)
    HeadFile(home.head).stage(head, b"a key of their own")
    HeadFile(home.head).publish()
    with pytest.raises(JournalTampered, match="seal of the journal's head"):
        verify_file(home, _key(home))
    with pytest.raises(JournalTampered, match="seal of the journal's head"):
        Journal(home, FileKey(home))
    unsealed = verify_file(home, None)
    assert (unsealed.count, unsealed.sealed) == (3, False)


@pytest.mark.parametrize("field", ["number", "hash", "size"])
def test_every_word_of_the_head_is_sealed(home: Home, field: str) -> None:
    raw = json.loads(home.head.read_bytes())
    raw[field] = "0" * 64 if field == "hash" else raw[field] - 1
    home.head.write_text(json.dumps(raw))
    with pytest.raises(JournalTampered, match="seal of the journal's head"):
        verify_file(home, _key(home))


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[]", b"null", b'{"number": 1}', b'{"number": 1e999}', b"[" * 99999],
)
def test_a_head_that_is_none_is_found(home: Home, content: bytes) -> None:
    home.head.write_bytes(content)
    for key in (None, _key(home)):
        with pytest.raises(JournalTampered, match="cannot be understood"):
            verify_file(home, key)


def test_a_missing_head_is_found(home: Home) -> None:
    home.head.unlink()
    with pytest.raises(JournalTampered, match=r"head .* is gone"):
        verify_file(home, None)
    with pytest.raises(JournalTampered, match=r"head .* is gone"):
        Journal(home, FileKey(home))


def test_a_missing_journal_is_found(home: Home) -> None:
    home.journal.unlink()
    with pytest.raises(JournalTampered, match="is gone"):
        verify_file(home, None)
    with pytest.raises(JournalTampered, match="entry 1 is missing"):
        Journal(home, FileKey(home))


def test_a_journal_taken_from_under_a_running_kiosk_is_not_begun_anew(home: Home) -> None:
    journal = Journal(home, FileKey(home))
    home.journal.unlink()
    with pytest.raises(JournalUnwritable, match="is gone"):
        journal.append(entry(9))
    assert not home.journal.exists()


def test_journal_and_head_both_taken_away_are_missed_where_people_are_enrolled(
    tmp_path: Path,
) -> None:
    with OpenHome.open(tmp_path / "home") as open_home:
        open_home.references.enrol(ANNA, [template(1)], AGREED)
    open_home.home.journal.unlink()
    open_home.home.head.unlink()
    with pytest.raises(JournalTampered, match="gone, but people are enrolled"):
        OpenHome.open(tmp_path / "home")


def test_a_journal_without_its_key_is_not_opened(home: Home) -> None:
    home.key.unlink()
    with pytest.raises(StoreKeyError, match=r"journal\.jsonl and journal\.head"):
        OpenHome.open(home.path)


def test_another_kiosks_key_does_not_open_the_journal(home: Home) -> None:
    home.key.write_bytes(bytes(range(32)))
    with pytest.raises(JournalTampered, match="not this kiosk's"):
        Journal(home, FileKey(home))


def test_where_there_is_no_journal_there_is_nothing_to_verify(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no journal"):
        verify_file(Home(tmp_path), None)


def test_a_journal_that_cannot_be_read_is_told(home: Home) -> None:
    home.journal.unlink()
    home.journal.mkdir()
    with pytest.raises(BadInput, match="cannot be read"):
        verify_file(home, None)


def test_an_empty_journal_verifies(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").prepare()
    FileKey(home).create()
    Journal(home, FileKey(home))
    assert verify_file(home, _key(home)) == Verified(0, None, sealed=True)


# -- what can be saved, and the way back ---------------------------------------------------------


def test_what_stands_before_the_bad_entry_can_be_read(home: Home) -> None:
    rewrite(home.journal, _changed(lines(home.journal)))
    read: list[int] = []
    numbers = (place.entry.number for place in walk(home, None))
    with pytest.raises(JournalTampered):
        collections.deque(map(read.append, numbers))
    assert read == [1, 2, 3]


def test_a_tampered_journal_is_set_aside_whole_and_a_new_one_begins_with_that(home: Home) -> None:
    rewrite(home.journal, _changed(lines(home.journal)))
    tampered = home.journal.read_bytes()
    aside = renew(home, FileKey(home))
    assert aside is not None
    assert aside.read_bytes() == tampered
    Journal(home, FileKey(home)).append(entry(1))
    first = next(walk(home, _key(home))).entry
    assert (first.number, first.entry.event) == (1, "journal_renewed")
    assert first.entry.details["problem"] == "Audit entry 4 was changed."
    assert first.entry.details["set_aside"] == aside.name
    assert verify_file(home, _key(home)).count == 2


def test_a_journal_that_was_taken_away_can_begin_anew(tmp_path: Path) -> None:
    with OpenHome.open(tmp_path / "home") as open_home:
        open_home.references.enrol(ANNA, [template(1)], AGREED)
    open_home.home.journal.unlink()
    open_home.home.head.unlink()
    assert renew(open_home.home, FileKey(open_home.home)) is None
    with OpenHome.open(tmp_path / "home") as again:
        assert again.references.count(ANNA) == 1
    first = next(walk(again.home, None)).entry.entry
    problem = f"The journal {open_home.home.journal} is gone, but people are enrolled."
    assert first.details == {
        "problem": problem,
        "set_aside": None,
        "sha256": None,
        "kept_accepted": True,
    }


def test_trying_in_vain_to_open_a_home_without_its_journal_does_not_bar_the_way_back(
    tmp_path: Path,
) -> None:
    with OpenHome.open(tmp_path / "home") as open_home:
        open_home.references.enrol(ANNA, [template(1)], AGREED)
    open_home.home.journal.unlink()
    open_home.home.head.unlink()
    with pytest.raises(JournalTampered):
        OpenHome.open(tmp_path / "home")
    assert not open_home.home.journal.exists()
    assert renew(open_home.home, FileKey(open_home.home)) is None


def test_an_empty_journal_in_the_place_of_one_that_was_taken_away_does_not_verify(
    tmp_path: Path,
) -> None:
    with OpenHome.open(tmp_path / "home") as open_home:
        open_home.references.enrol(ANNA, [template(1)], AGREED)
    open_home.home.journal.write_bytes(b"")
    open_home.home.head.unlink()
    with pytest.raises(JournalTampered, match="people are enrolled"):
        verify_file(open_home.home, None)
    with pytest.raises(JournalTampered, match="people are enrolled"):
        OpenHome.open(tmp_path / "home")
    assert renew(open_home.home, FileKey(open_home.home)) is not None


def test_a_sound_journal_is_not_set_aside(home: Home, tmp_path: Path) -> None:
    before = home.journal.read_bytes()
    with pytest.raises(Refused, match="verifies"):
        renew(home, FileKey(home))
    assert home.journal.read_bytes() == before
    fresh = Home(tmp_path / "fresh").prepare()
    FileKey(fresh).create()
    with pytest.raises(Refused, match="verifies"):
        renew(fresh, FileKey(fresh))
