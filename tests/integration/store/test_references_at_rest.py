"""What lies on the disk: nothing to read after enrolment, nothing at all after erasure."""

from __future__ import annotations

import base64
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from kept_files import alter, ask, leaks, raw
from kept_samples import AGREED, ANNA, BORIS, SPACE, template

from kiosk.app.console import with_command
from kiosk.domain.errors import (
    LintelError,
    StoreCorrupt,
    StoreError,
    StoreKeyError,
    SubjectUnknown,
)
from kiosk.domain.vision.template import SubjectId
from kiosk.store.home import Home
from kiosk.store.kept import accept
from kiosk.store.open_home import OpenHome
from kiosk.store.people.references import References
from kiosk.store.secrets.keys import FileKey

NAME = "Anneliese-Charlotte"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Anna (two references) and Boris (one) are enrolled, and nobody has it open."""
    path = tmp_path / "home"
    with OpenHome.open(path) as open_home:
        open_home.references.enrol(ANNA, [template(1), template(2)], AGREED, NAME)
        open_home.references.enrol(BORIS, [template(3)], AGREED)
    return Home(path)


@pytest.fixture
def opened(home: Home) -> Iterator[References]:
    references = References(home, FileKey(home))
    yield references
    references.close()


def _open(home: Home) -> None:
    References(home, FileKey(home)).close()


def _load(home: Home) -> None:
    references = References(home, FileKey(home))
    try:
        references.load(SPACE)
        references.people()
    finally:
        references.close()


# -- confidentiality (R66, R99) ------------------------------------------------------------------


def test_no_template_name_or_consent_can_be_read_from_the_files(tmp_path: Path) -> None:
    """R66: a search of the raw files for a known vector finds none, open or closed."""
    path = tmp_path / "home"
    secrets = [
        template(1).vector.tobytes(),
        template(1).vector.astype(">f4").tobytes(),
        template(1).vector.astype("<f8").tobytes(),
        base64.b64encode(template(1).vector.tobytes()),
        NAME.encode(),
        AGREED.text.encode(),
        AGREED.text_sha256.encode(),
    ]
    with OpenHome.open(path) as open_home:
        open_home.references.enrol(ANNA, [template(1)], AGREED, NAME)
        while_open = raw(path)
    closed = raw(path)
    for haystack in (while_open, closed):
        assert ANNA.encode() in haystack
        assert not any(leaks(secret, haystack) for secret in secrets)


def test_the_key_is_in_no_other_file(home: Home) -> None:
    assert not leaks(home.key.read_bytes(), raw(home.path))


def test_two_people_with_the_same_template_look_different(home: Home) -> None:
    with OpenHome.open(home.path) as open_home:
        open_home.references.enrol(SubjectId("twin-1"), [template(9)], AGREED)
        open_home.references.enrol(SubjectId("twin-2"), [template(9)], AGREED)
    query = "SELECT template FROM refs WHERE subject LIKE 'twin-%'"
    ((first,), (second,)) = ask(home.references, query)
    assert isinstance(first, bytes)
    assert isinstance(second, bytes)
    assert not leaks(first, second)


def test_every_file_is_for_the_owner_only(home: Home) -> None:
    with OpenHome.open(home.path) as open_home:
        open_home.references.enrol(SubjectId("s-9"), [template(9)], AGREED)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.path.iterdir()}
    assert set(modes.values()) == {0o600}, modes
    assert "references.db-wal" in modes


# -- erasure -------------------------------------------------------------------------------------


def _enrol_many(home: Home, count: int) -> None:
    with OpenHome.open(home.path) as open_home:
        for number in range(count):
            few = [template(1000 + number * 3 + place) for place in range(1 + number % 3)]
            open_home.references.enrol(SubjectId(f"other-{number}"), few, AGREED)


@pytest.mark.parametrize("around", [0, 150])
def test_nothing_of_an_erased_subject_is_left_in_any_file(home: Home, around: int) -> None:
    """R83: no ciphertext, no wrapped key, no id; also while other pages were moved about."""
    _enrol_many(home, around)
    secrets = [ANNA.encode()]
    for query in (
        "SELECT wrapped_key, profile FROM subjects WHERE subject = ?",
        "SELECT template, CAST(id AS BLOB) FROM refs WHERE subject = ?",
    ):
        secrets += [cell for row in ask(home.references, query, ANNA) for cell in row]  # type: ignore[misc] # every cell is a blob
    with OpenHome.open(home.path) as open_home:
        open_home.references.enrol(SubjectId("late-1"), [template(7)], AGREED)
        assert all(leaks(secret, raw(home.path)) for secret in secrets)
        assert open_home.references.erase(ANNA) == 2
        while_open = raw(home.path)
        assert (home.path / "references.db-wal").stat().st_size == 0
    for haystack in (while_open, raw(home.path)):
        assert not any(leaks(secret, haystack) for secret in secrets)
    with OpenHome.open(home.path) as open_home:
        kept = {reference.subject for reference in open_home.references.load(SPACE)}
    assert kept == {BORIS, "late-1", *(f"other-{number}" for number in range(around))}


def test_erasure_is_told_when_another_reader_keeps_traces_alive(
    home: Home, opened: References, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.store.people.database.BUSY_SECONDS", 0.05)
    reader = References(home, FileKey(home))
    try:
        with reader.reading() as rows:
            rows.execute("SELECT count(*) FROM refs").fetchone()
            impatient = References(home, FileKey(home))
            with pytest.raises(StoreError, match="erased and cannot be recognised"):
                impatient.erase(ANNA)
            impatient.close()
        assert {someone.subject for someone in opened.people()} == {BORIS}
        opened.erase(BORIS)
        assert (home.path / "references.db-wal").stat().st_size == 0
    finally:
        reader.close()


def test_a_damaged_subject_can_still_be_erased(home: Home) -> None:
    alter(home.references, "UPDATE subjects SET wrapped_key = x'00' WHERE subject = ?", ANNA)
    with pytest.raises(StoreCorrupt, match=ANNA) as caught:
        OpenHome.open(home.path)
    assert "kiosk audit accept" in with_command(caught.value.remedy)
    accept(home, FileKey(home))
    with OpenHome.open(home.path) as open_home:
        with pytest.raises(StoreCorrupt, match=ANNA):
            open_home.references.load(SPACE)
        assert open_home.references.count(ANNA) == 2
        assert open_home.references.erase(ANNA) == 2
        assert [reference.subject for reference in open_home.references.load(SPACE)] == [BORIS]
        with pytest.raises(SubjectUnknown):
            open_home.references.count(ANNA)


# -- integrity -----------------------------------------------------------------------------------


def _flipped(blob: object, at: int) -> bytes:
    assert isinstance(blob, bytes)
    altered = bytearray(blob)
    altered[at] ^= 0x01
    return bytes(altered)


@pytest.mark.parametrize(
    ("table", "column"),
    [("subjects", "wrapped_key"), ("subjects", "profile"), ("refs", "template")],
)
@pytest.mark.parametrize("at", [0, 11, 12, -17, -16, -1])
def test_one_flipped_bit_is_noticed(home: Home, table: str, column: str, at: int) -> None:
    """In the nonce, the ciphertext and the tag of everything that is sealed."""
    where = f"WHERE subject = '{ANNA}'"
    before = ask(home.references, f"SELECT rowid, {column} FROM {table} {where}")  # noqa: S608
    row, blob = before[-1]
    alter(
        home.references,
        f"UPDATE {table} SET {column} = ? WHERE rowid = ?",  # noqa: S608
        _flipped(blob, at),
        row,
    )
    with pytest.raises(StoreCorrupt, match=f"subject {ANNA} was changed or moved"):
        _load(home)


@pytest.mark.parametrize("cut", [0, 5, 12, 20])
def test_a_shortened_record_is_noticed(home: Home, cut: int) -> None:
    statement = "UPDATE refs SET template = substr(template, 1, ?) WHERE subject = ?"
    alter(home.references, statement, cut, ANNA)
    with pytest.raises(StoreCorrupt, match=ANNA):
        _load(home)


def test_one_persons_template_cannot_be_given_to_another(home: Home) -> None:
    """The attack that matters: my face under the director's id."""
    ((mine,),) = ask(home.references, "SELECT template FROM refs WHERE subject = ?", BORIS)
    alter(home.references, "UPDATE refs SET template = ? WHERE subject = ?", mine, ANNA)
    with pytest.raises(StoreCorrupt, match=f"subject {ANNA} was changed or moved"):
        _load(home)


def test_moving_a_row_to_another_subject_is_noticed(home: Home) -> None:
    alter(home.references, "UPDATE refs SET subject = ? WHERE subject = ?", ANNA, BORIS)
    with pytest.raises(StoreCorrupt, match=f"subject {ANNA} was changed or moved"):
        _load(home)


def test_moving_key_and_rows_together_to_another_id_is_noticed(home: Home) -> None:
    alter(home.references, "DELETE FROM subjects WHERE subject = ?", ANNA)
    alter(home.references, "DELETE FROM refs WHERE subject = ?", ANNA)
    alter(home.references, "UPDATE subjects SET subject = ? WHERE subject = ?", ANNA, BORIS)
    alter(home.references, "UPDATE refs SET subject = ? WHERE subject = ?", ANNA, BORIS)
    with pytest.raises(StoreCorrupt, match=f"subject {ANNA} was changed or moved"):
        _load(home)


def test_swapped_templates_of_one_subject_are_noticed(home: Home) -> None:
    query = "SELECT id, template FROM refs WHERE subject = ? ORDER BY rowid"
    ((first, a), (second, b)) = ask(home.references, query, ANNA)
    alter(home.references, "UPDATE refs SET template = ? WHERE id = ?", b, first)
    alter(home.references, "UPDATE refs SET template = ? WHERE id = ?", a, second)
    with pytest.raises(StoreCorrupt, match=ANNA):
        _load(home)


def test_a_template_cannot_be_passed_off_as_of_another_space(home: Home) -> None:
    alter(home.references, "UPDATE refs SET space = 'other/2'")
    with pytest.raises(StoreCorrupt, match=ANNA):
        _load(home)


def test_a_reference_without_its_subject_is_noticed(home: Home) -> None:
    alter(home.references, "DELETE FROM subjects WHERE subject = ?", ANNA)
    with pytest.raises(StoreCorrupt, match="has no subject"):
        _load(home)


# -- the wrong key -------------------------------------------------------------------------------


def test_the_key_of_another_kiosk_opens_nothing(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "other").prepare()
    FileKey(other).create()
    home.key.write_bytes(other.key.read_bytes())
    before = home.references.read_bytes()
    with pytest.raises(StoreKeyError, match="not the one that") as caught:
        _open(home)
    assert "belong together" in caught.value.remedy
    assert home.references.read_bytes() == before


def test_a_database_without_its_key_is_refused_and_kept(home: Home) -> None:
    home.key.unlink()
    before = raw(home.path)
    with pytest.raises(StoreKeyError, match=r"references.db"):
        OpenHome.open(home.path)
    assert raw(home.path) == before


# -- damage --------------------------------------------------------------------------------------


def _refused_untouched(home: Home, match: str) -> LintelError:
    before = home.references.read_bytes()
    with pytest.raises(StoreCorrupt, match=match) as caught:
        _open(home)
    assert home.references.read_bytes() == before
    assert "left as it" in caught.value.remedy
    return caught.value


def test_a_newer_database_is_refused_untouched(home: Home) -> None:
    alter(home.references, "PRAGMA user_version = 7")
    error = _refused_untouched(home, "of version 7; this program knows 5")
    assert "newer program" in error.remedy


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 500, b"\x00" * 8192])
def test_a_file_that_is_no_database_is_refused_untouched(home: Home, content: bytes) -> None:
    home.references.write_bytes(content)
    _refused_untouched(home, "damaged")


def test_another_programs_database_is_refused_untouched(home: Home) -> None:
    alter(home.references, "PRAGMA application_id = 12345")
    _refused_untouched(home, "not a database of this kiosk")


def test_a_truncated_database_is_refused_untouched(home: Home) -> None:
    content = home.references.read_bytes()
    home.references.write_bytes(content[: len(content) // 2])
    _refused_untouched(home, "damaged")


def test_an_overwritten_page_is_refused_untouched(home: Home) -> None:
    content = bytearray(home.references.read_bytes())
    content[8192 * 3 : 8192 * 3 + 64] = b"\xff" * 64
    home.references.write_bytes(content)
    _refused_untouched(home, "damaged")


def test_an_interrupted_creation_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").prepare()
    home.references.with_name("references.db.new").write_bytes(b"half a database")
    home.references.with_name("references.db.new-journal").write_bytes(b"half a journal")
    with OpenHome.open(home.path) as open_home:
        open_home.references.enrol(ANNA, [template(1)], AGREED)
    names = {path.name for path in home.path.iterdir()}
    kept = {"key", "journal.jsonl", "journal.head", "references.db"}
    assert names == kept | {"lock", "journal.lock"}
