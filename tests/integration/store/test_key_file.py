"""The key file: made once, for its owner alone, and never replaced in silence."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput, StoreKeyError
from kiosk.store.home import Home
from kiosk.store.secrets.keys import FileKey, Purpose, derive


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").prepare()


@pytest.fixture
def key(home: Home) -> FileKey:
    key = FileKey(home)
    key.create()
    return key


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_key_is_random_and_for_its_owner_only(home: Home, key: FileKey) -> None:
    assert _mode(home.key) == 0o600
    assert _mode(home.path) == 0o700
    assert len(home.key.read_bytes()) == 32
    assert len(set(home.key.read_bytes())) > 8
    names = {path.name for path in home.path.iterdir()}
    assert names == {"key", "journal.head", "journal.jsonl", "lock"}
    assert key.derive(Purpose.REFERENCES) != derive(b"\x00" * 32, Purpose.REFERENCES)


def test_a_lax_umask_does_not_open_the_key_to_others(home: Home) -> None:
    before = os.umask(0)
    try:
        FileKey(home).create()
        nested = Home(home.path / "deeper" / "home").prepare()
    finally:
        os.umask(before)
    assert _mode(home.key) == 0o600
    assert _mode(nested.path) == 0o700


def test_a_second_start_keeps_the_key(home: Home, key: FileKey) -> None:
    first = key.derive(Purpose.REFERENCES)
    again = FileKey(home)
    again.create()
    assert again.derive(Purpose.REFERENCES) == first


def test_each_purpose_has_a_key_of_its_own(home: Home, key: FileKey) -> None:
    keys = {key.derive(purpose) for purpose in Purpose}
    assert len(keys) == len(Purpose)
    assert home.key.read_bytes() not in keys
    assert all(len(derived) == 32 for derived in keys)


def test_derivation_never_changes() -> None:
    """What was stored by an older program must still open: the label and the scheme are fixed."""
    derived = derive(bytes(range(32)), Purpose.REFERENCES)
    assert derived.hex() == "a1d2846929adc4505a2d2d9b77d075e9325a7aac71310c037e478e178da2a6fb"


def test_the_key_is_never_shown(home: Home, key: FileKey) -> None:
    assert home.key.read_bytes().hex() not in repr(key)
    assert "<hidden>" in repr(key)


@pytest.mark.parametrize("name", ["references.db", "journal.jsonl", "journal.head"])
def test_no_new_key_where_data_needs_the_old_one(home: Home, name: str) -> None:
    (home.path / name).write_bytes(b"")
    with pytest.raises(StoreKeyError, match=f"missing although {name}") as caught:
        FileKey(home).create()
    assert "backup" in caught.value.remedy
    assert not home.key.exists()


def test_a_missing_key_opens_nothing(home: Home) -> None:
    with pytest.raises(StoreKeyError, match="missing"):
        FileKey(home).derive(Purpose.REFERENCES)
    assert not home.key.exists()


@pytest.mark.parametrize("size", [0, 16, 31, 33, 4096])
def test_a_key_of_another_length_is_refused(home: Home, key: FileKey, size: int) -> None:
    home.key.write_bytes(b"k" * size)
    with pytest.raises(StoreKeyError, match="does not hold 32 bytes"):
        key.derive(Purpose.REFERENCES)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o777])
def test_a_key_that_others_can_use_is_refused(home: Home, key: FileKey, mode: int) -> None:
    home.key.chmod(mode)
    with pytest.raises(StoreKeyError, match=f"used by others .mode {mode:04o}") as caught:
        key.derive(Purpose.REFERENCES)
    assert "chmod 600" in caught.value.remedy


def test_a_key_of_another_user_is_refused(
    home: Home, key: FileKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: home.key.stat().st_uid + 1)
    with pytest.raises(StoreKeyError, match="another user"):
        key.derive(Purpose.REFERENCES)


def test_a_link_a_folder_or_a_pipe_is_no_key(home: Home, key: FileKey) -> None:
    elsewhere = home.path / "elsewhere"
    home.key.rename(elsewhere)
    home.key.symlink_to(elsewhere)
    with pytest.raises(StoreKeyError, match="cannot be read"):
        key.derive(Purpose.REFERENCES)
    home.key.unlink()
    home.key.mkdir(0o700)
    with pytest.raises(StoreKeyError, match="not a plain file"):
        key.derive(Purpose.REFERENCES)
    home.key.rmdir()
    os.mkfifo(home.key, 0o600)
    with pytest.raises(StoreKeyError, match="not a plain file"):
        key.derive(Purpose.REFERENCES)


def test_a_dangling_link_is_not_replaced(home: Home) -> None:
    home.key.symlink_to(home.path / "nowhere")
    FileKey(home).create()
    assert home.key.is_symlink()
    with pytest.raises(StoreKeyError):
        FileKey(home).derive(Purpose.REFERENCES)


def test_a_disk_that_takes_no_key_leaves_none(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreKeyError, match="No space left"):
        FileKey(home).create()
    assert not home.key.exists()
    monkeypatch.undo()
    FileKey(home).create()
    assert len(home.key.read_bytes()) == 32


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("not a folder")
    with pytest.raises(BadInput, match="cannot be used"):
        Home(tmp_path / "home").prepare()


def test_a_home_that_cannot_be_written_is_refused(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(BadInput, match="read-only"):
        home.prepare()
