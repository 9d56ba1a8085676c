"""A backup's file: whole or refused, whoever has changed, cut or exchanged something in it."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput, Refused
from kiosk.store.whole import archive
from kiosk.store.whole.archive import opened, written

PASSPHRASE = b"four words nobody guesses"
LARGE = os.urandom(3 * archive.PIECE_BYTES + 17)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "backup"
    with written(path, PASSPHRASE) as made:
        made.add("small", b"few bytes")
        made.add_file("large", BytesIO(LARGE), len(LARGE))
    return path


def _content(path: Path, passphrase: bytes = PASSPHRASE) -> dict[str, bytes]:
    found = {}
    with opened(path, passphrase) as tar:
        for entry in tar:
            file = tar.extractfile(entry)
            assert file is not None
            found[entry.name] = file.read()
    return found


def test_what_was_written_is_read(path: Path) -> None:
    assert _content(path) == {"small": b"few bytes", "large": LARGE}
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["backup"]


def test_nothing_of_it_is_readable(path: Path) -> None:
    content = path.read_bytes()
    assert b"few bytes" not in content
    assert b"small" not in content
    assert LARGE[:16] not in content


def test_the_same_twice_is_another_file(path: Path, tmp_path: Path) -> None:
    with written(tmp_path / "again", PASSPHRASE) as made:
        made.add("small", b"few bytes")
    start = len(archive.MAGIC) + 2
    assert (tmp_path / "again").read_bytes()[start:][:64] != path.read_bytes()[start:][:64]


def test_another_passphrase_opens_nothing(path: Path) -> None:
    with pytest.raises(Refused, match="another passphrase"):
        _content(path, b"something else")


@pytest.mark.parametrize("at", [15, 20, 31, 33, 1000, archive.PIECE_BYTES + 100, -20, -1])
def test_a_changed_byte_anywhere_is_refused(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    with pytest.raises((Refused, BadInput)):
        _content(path)


@pytest.mark.parametrize(
    "left", [1, 16, 31, 32, 40, 5000, archive.PIECE_BYTES, archive.PIECE_BYTES + 48, -1, -10_240]
)
def test_a_file_that_is_cut_is_refused(path: Path, left: int) -> None:
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises((Refused, BadInput)):
        _content(path)


def test_one_that_is_cut_between_two_pieces_is_refused(path: Path) -> None:
    """Each piece that is left verifies by itself."""
    start, piece = len(archive.MAGIC) + 2 + archive.SALT_BYTES, archive.PIECE_BYTES + 16
    path.write_bytes(path.read_bytes()[: start + 2 * piece])
    with pytest.raises(Refused, match="not whole"):
        _content(path)


def test_pieces_that_change_places_are_refused(path: Path) -> None:
    start, piece = len(archive.MAGIC) + 2 + archive.SALT_BYTES, archive.PIECE_BYTES + 16
    content = path.read_bytes()
    one, two = (content[start + n * piece :][:piece] for n in (1, 2))
    path.write_bytes(content[: start + piece] + two + one + content[start + 3 * piece :])
    with pytest.raises(Refused):
        _content(path)


def test_more_behind_its_end_is_refused(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(Refused):
        _content(path)


def test_a_piece_of_another_backup_is_refused(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    with written(other, PASSPHRASE) as made:
        made.add("large", LARGE)
    start, piece = len(archive.MAGIC) + 2 + archive.SALT_BYTES, archive.PIECE_BYTES + 16
    content, theirs = path.read_bytes(), other.read_bytes()
    path.write_bytes(
        content[: start + piece] + theirs[start + piece :][:piece] + content[start + 2 * piece :]
    )
    with pytest.raises(Refused):
        _content(path)


@pytest.mark.parametrize("content", [b"", b"lintel", b"SQLite format 3\0", b"\0" * 5000])
def test_something_else_is_no_backup(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(BadInput, match="is no backup"):
        _content(path)


def test_one_of_a_newer_program_says_so(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"backup 1\n", b"backup 2\n", 1))
    with pytest.raises(Refused, match="newer program"):
        _content(path)


def test_an_existing_file_is_not_written_over(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(BadInput, match="there already"), written(path, PASSPHRASE):
        pass
    assert path.read_bytes() == before


def test_a_failure_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), written(tmp_path / "backup", PASSPHRASE):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["nowhere/backup", "file/backup"])
def test_a_place_that_takes_no_file_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="cannot be written"), written(tmp_path / name, PASSPHRASE):
        pass


def test_a_missing_backup_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"), opened(tmp_path / "none", PASSPHRASE):
        pass


def test_an_archive_that_is_none_is_refused(path: Path) -> None:
    path.unlink()
    with written(path, PASSPHRASE) as made:
        made._tar.fileobj.write(b"\1" * 2048)
    with pytest.raises(Refused):
        _content(path)
